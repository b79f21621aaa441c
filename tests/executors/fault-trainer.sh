#!/usr/bin/env bash
# fault-trainer.sh LEDGER NAME STEPS
# Tells a ledger outside the data folder that it started, and whether another of its name ran beside it; then writes a metrics
# event every 100 ms until STEPS, and a checkpoint every 10 steps. Goes on from SWEEPBOARD_RESUME; saves on SIGTERM.
set -uo pipefail
ledger=$1
name=$2
steps=$3
exec 9>> "$ledger/lock-$name"
flock -n 9 || echo "$name $SWEEPBOARD_ATTEMPT" >> "$ledger/doubles"
echo "$SWEEPBOARD_ATTEMPT $$" >> "$ledger/starts-$name"
step=0
if [[ -n ${SWEEPBOARD_RESUME:-} ]]; then read -r step < "$SWEEPBOARD_RESUME/step"; fi
save() {
  local folder=checkpoints/$step
  mkdir -p "$SWEEPBOARD_RUN_DIR/$folder"
  echo "$step" > "$SWEEPBOARD_RUN_DIR/$folder/step"
  # as on a file system that takes the times of its nodes
  touch -d "@$(date +%s.%N)" "$SWEEPBOARD_RUN_DIR/$folder/step" "$SWEEPBOARD_RUN_DIR/$folder"
  printf '{"type":"checkpoint","step":%d,"path":"%s"}\n' "$step" "$folder" >> "$SWEEPBOARD_EVENTS"
}
trap 'save; exit 0' TERM
while ((step < steps)); do
  # a signal may come between any two commands: what is saved must have been told before
  next=$((step + 1))
  printf -v now '%(%s)T' -1
  printf '{"type":"metrics","step":%d,"time":%d,"values":{"square":%d}}\n{"type":"progress","done":%d,"total":%d}\n' \
    "$next" "$now" "$((next * next))" "$next" "$steps" >> "$SWEEPBOARD_EVENTS"
  step=$next
  if ((step % 10 == 0)); then save; fi
  sleep 0.1
done
