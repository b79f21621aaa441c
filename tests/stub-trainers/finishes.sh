#!/usr/bin/env bash
# finishes.sh [STEPS=6] [EPOCH ...]
# Writes a metrics event a step (a falling loss), progress, a checkpoint for each EPOCH at its share of the steps (none
# given: one without an epoch at the last step), and exits 0.
set -euo pipefail
steps=${1:-6}
shift || true
epochs=("$@")
last_epoch=1
if ((${#epochs[@]} > 0)); then last_epoch=${epochs[-1]}; fi

event() { printf '%s\n' "$1" >> "$SWEEPBOARD_EVENTS"; }

checkpoint() { # STEP EXTRA
  mkdir -p "$SWEEPBOARD_RUN_DIR/checkpoints/step-$1"
  echo "run $SWEEPBOARD_RUN attempt $SWEEPBOARD_ATTEMPT step $1" > "$SWEEPBOARD_RUN_DIR/checkpoints/step-$1/model.txt"
  event "{\"type\":\"checkpoint\",\"step\":$1$2,\"path\":\"checkpoints/step-$1\"}"
}

for ((step = 1; step <= steps; step++)); do
  event "{\"type\":\"metrics\",\"step\":$step,\"values\":{\"loss\":0.$((900 / (step + 1) + 100)),\"learning_rate\":1e-5}}"
  event "{\"type\":\"progress\",\"done\":$step,\"total\":$steps}"
  for epoch in "${epochs[@]}"; do
    if ((step == steps * epoch / last_epoch)); then checkpoint "$step" ",\"epoch\":$epoch"; fi
  done
done
if ((${#epochs[@]} == 0)); then checkpoint "$steps" ''; fi
echo "run $SWEEPBOARD_RUN finished after $steps steps"
