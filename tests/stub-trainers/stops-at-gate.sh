#!/usr/bin/env bash
# stops-at-gate.sh GATE LAST_EPOCH
# Four steps an epoch with metrics, progress and a line of log each, and a checkpoint an epoch. After the first epoch it waits
# until the file GATE exists: the test says when it goes on.
set -euo pipefail
gate=$1
last_epoch=$2

event() { printf '%s\n' "$1" >> "$SWEEPBOARD_EVENTS"; }

for ((epoch = 1; epoch <= last_epoch; epoch++)); do
  if ((epoch == 2)); then until [[ -e $gate ]]; do sleep 0.02; done; fi
  for ((step = 4 * epoch - 3; step <= 4 * epoch; step++)); do
    event "{\"type\":\"metrics\",\"step\":$step,\"values\":{\"loss\":$((40 / step)).5,\"accuracy\":0.0$step}}"
    event "{\"type\":\"progress\",\"done\":$step,\"total\":$((4 * last_epoch))}"
    echo "step $step of $((4 * last_epoch)), loss $((40 / step)).5"
  done
  mkdir -p "$SWEEPBOARD_RUN_DIR/checkpoints/epoch-$epoch"
  event "{\"type\":\"checkpoint\",\"step\":$((4 * epoch)),\"epoch\":$epoch,\"path\":\"checkpoints/epoch-$epoch\"}"
done
