#!/usr/bin/env bash
# evaluates-by-events.sh NAME=CORRECT/TOTAL ...
# Reports each benchmark as an evaluation event, at the step of the checkpoint that job.json names, and exits 0. As a training
# (no checkpoint to evaluate) it first saves one at step 10 and reports for that.
set -euo pipefail
event() { printf '%s\n' "$1" >> "$SWEEPBOARD_EVENTS"; }
step=$(sed -n 's/.*"evaluation":{[^}]*"step":\([0-9]*\).*/\1/p' "$SWEEPBOARD_JOB" | head -n 1)
if [[ -z $step ]]; then
  step=10
  mkdir -p "$SWEEPBOARD_RUN_DIR/checkpoints/step-$step"
  event "{\"type\":\"checkpoint\",\"step\":$step,\"path\":\"checkpoints/step-$step\"}"
fi
for pair in "$@"; do
  counts=${pair#*=}
  event "{\"type\":\"evaluation\",\"step\":$step,\"benchmark\":\"${pair%%=*}\",\"correct\":${counts%/*},\"total\":${counts#*/}}"
done
