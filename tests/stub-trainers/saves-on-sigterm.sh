#!/usr/bin/env bash
# saves-on-sigterm.sh STEPS [EXIT_CODE=143]
# Writes a metrics event every 50 ms, from the step after the checkpoint in SWEEPBOARD_RESUME (else from 1) to STEPS. Asked to
# leave (SIGTERM), it ends its step, saves a checkpoint and leaves with EXIT_CODE. At the end it saves and exits 0.
set -uo pipefail
steps=$1
exit_code=${2:-143}
asked=false
trap 'asked=true' TERM

event() { printf '%s\n' "$1" >> "$SWEEPBOARD_EVENTS"; }

save() { # STEP
  mkdir -p "$SWEEPBOARD_RUN_DIR/checkpoints/step-$1"
  echo "$1" > "$SWEEPBOARD_RUN_DIR/checkpoints/step-$1/step"
  event "{\"type\":\"checkpoint\",\"step\":$1,\"path\":\"checkpoints/step-$1\"}"
}

step=0
if [[ -n ${SWEEPBOARD_RESUME:-} ]]; then read -r step < "$SWEEPBOARD_RESUME/step"; fi
echo "attempt $SWEEPBOARD_ATTEMPT begins after step $step"
while ((step < steps)); do
  # the signal is for the whole group and ends this sleep too
  sleep 0.05
  ((step += 1))
  event "{\"type\":\"metrics\",\"step\":$step,\"values\":{\"loss\":0.5,\"attempt\":$SWEEPBOARD_ATTEMPT}}"
  event "{\"type\":\"progress\",\"done\":$step,\"total\":$steps}"
  if $asked && ((step < steps)); then
    save "$step"
    exit "$exit_code"
  fi
done
save "$steps"
