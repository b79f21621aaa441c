#!/usr/bin/env bash
# crashes-once.sh [EXIT_CODE=3]
# Attempt 1 writes steps 1 to 3 with a checkpoint at step 2, says why on stderr and leaves with EXIT_CODE. Later attempts
# go on after the checkpoint they are given (from step 1 where there is none) to step 5, save it and exit 0.
set -euo pipefail
exit_code=${1:-3}

event() { printf '%s\n' "$1" >> "$SWEEPBOARD_EVENTS"; }

work() { # FROM TO
  for ((step = $1; step <= $2; step++)); do
    event "{\"type\":\"metrics\",\"step\":$step,\"values\":{\"attempt\":$SWEEPBOARD_ATTEMPT}}"
  done
}

save() { # STEP
  mkdir -p "$SWEEPBOARD_RUN_DIR/checkpoints/step-$1"
  echo "$1" > "$SWEEPBOARD_RUN_DIR/checkpoints/step-$1/step"
  event "{\"type\":\"checkpoint\",\"step\":$1,\"path\":\"checkpoints/step-$1\"}"
}

if [[ $SWEEPBOARD_ATTEMPT == 1 ]]; then
  work 1 2
  save 2
  work 3 3
  echo 'out of memory on device 0' >&2
  exit "$exit_code"
fi
first=1
if [[ -n ${SWEEPBOARD_RESUME:-} ]]; then
  first=$(($(cat "$SWEEPBOARD_RESUME/step") + 1))
  echo "goes on from $SWEEPBOARD_RESUME"
fi
work "$first" 5
save 5
