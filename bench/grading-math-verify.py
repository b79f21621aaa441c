"""math-verify on the same pairs, one JSON object of counts: `python3 grading-math-verify.py < pairs.json`."""
import json
import logging
import sys
import time

from math_verify import parse, verify

logging.disable(logging.CRITICAL)
pairs = json.load(sys.stdin)
refused = accepted = 0
slowest = 0.0
started = time.process_time()
for pair in pairs:
    before = time.process_time()
    try:
        same = verify(parse("$" + pair["gold"] + "$"), parse(pair["response"]))
    except Exception:
        same = False
    slowest = max(slowest, time.process_time() - before)
    refused += pair["equal"] and not same
    accepted += same and not pair["equal"]
seconds = time.process_time() - started
print(json.dumps({"refused": refused, "accepted": accepted, "microseconds": 1e6 * seconds / len(pairs), "slowest": 1e3 * slowest}))
