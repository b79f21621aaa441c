#!/usr/bin/env bash
# trainer.sh STEPS
# Says that it started (once an attempt, or the test fails), then writes three metrics events every 10 ms until STEPS, a
# checkpoint half way and one at the end. Goes on from SWEEPBOARD_RESUME.
set -uo pipefail
steps=$1
echo "$$" >> "$SWEEPBOARD_RUN_DIR/starts"
step=0
if [[ -n ${SWEEPBOARD_RESUME:-} ]]; then read -r step < "$SWEEPBOARD_RESUME/step"; fi
save() {
  mkdir -p "$SWEEPBOARD_RUN_DIR/checkpoints/$1"
  echo "$1" > "$SWEEPBOARD_RUN_DIR/checkpoints/$1/step"
  printf '{"type":"checkpoint","step":%d,"path":"checkpoints/%d"}\n' "$1" "$1" >> "$SWEEPBOARD_EVENTS"
}
while ((step < steps)); do
  lines=
  for ((k = 0; k < 3 && step < steps; k++)); do
    ((step += 1))
    printf -v line '{"type":"metrics","step":%d,"values":{"loss":%d,"square":%d}}\n' "$step" "$((1000 - step))" "$((step * step))"
    lines+=$line
  done
  printf '%s' "$lines" >> "$SWEEPBOARD_EVENTS"
  if ((step >= steps / 2 && step < steps / 2 + 3)); then save "$step"; fi
  sleep 0.01
done
save "$steps"
