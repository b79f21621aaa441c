#!/usr/bin/env bash
# evaluates-again.sh REPORT GATE [FAILURES=0]
# The sweep's own evaluation: B is 2 of 4. Asked for again, it waits until the file GATE exists; its first FAILURES attempts then
# leave with exit code 1, later ones report the samples they were asked for: question 1 always right, 2 half of the time, 3 and 4
# never, and what they were told.
set -euo pipefail
report=$1
samples=${SWEEPBOARD_SAMPLES:-0}
if ((samples == 0)); then
  echo '{"acc": {"B": {"correct": 2, "total": 4}}}' > "$report"
  exit 0
fi
until [[ -e $2 ]]; do sleep 0.02; done
if ((SWEEPBOARD_ATTEMPT <= ${3:-0})); then
  echo 'the grader did not answer' >&2
  exit 1
fi
echo "samples $samples, temperature $SWEEPBOARD_TEMPERATURE, seed $SWEEPBOARD_SEED"
printf '{"acc": {"B": {"correct": %d, "total": %d, "samples": %d, "outcomes": {"1": %d, "2": %d, "3": 0, "4": 0}}}}\n' \
  $((samples + samples / 2)) $((samples * 4)) "$samples" "$samples" $((samples / 2)) > "$report"
