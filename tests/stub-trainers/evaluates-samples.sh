#!/usr/bin/env bash
# evaluates-samples.sh REPORT ACCURACY CHECKPOINT LOG
# Of 200 questions a share of ACCURACY is right. Asked for SWEEPBOARD_SAMPLES answers to each, the first so many questions have all of theirs
# right, and says so question by question. Adds "CHECKPOINT SAMPLES" to LOG.
set -euo pipefail
report=$1
samples=${SWEEPBOARD_SAMPLES:-1}
echo "$3 $samples" >> "$4"
awk -v share="$2" -v samples="$samples" 'BEGIN {
  right = int(200 * share + 0.5)
  printf "{\"acc\":{\"B\":{\"correct\":%d,\"total\":%d", right * samples, 200 * samples
  if (samples > 1) {
    printf ",\"samples\":%d,\"outcomes\":{", samples
    for (q = 1; q <= 200; q++) printf "%s\"q%d\":%d", (q == 1 ? "" : ","), q, (q > right ? 0 : samples)
    printf "}"
  }
  print "}}}"
}' > "$report"
