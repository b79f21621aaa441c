#!/usr/bin/env bash
# samples.sh GATE [LONG]
# Attempt 1 reports samples of steps 1 to 3 and leaves with 3; attempt 2 goes on at step 3 (repeating it) to step 4, waits until the
# file GATE exists, reports step 5 and exits 0. Four samples a step: three of one prompt, one of another; the first response of step 3
# is LONG characters long (default 9000) and holds markup.
set -euo pipefail
gate=$1
long=${2:-9000}

event() { printf '%s\n' "$1" >> "$SWEEPBOARD_EVENTS"; }

sample() { # STEP PROMPT RESPONSE REWARD CORRECT LENGTH
  event "{\"type\":\"sample\",\"step\":$1,\"prompt\":\"$2\",\"response\":\"$3\",\"reward\":$4,\"parts\":{\"correct\":$5,\"length\":$6}}"
}

steps() { # FROM TO
  for ((step = $1; step <= $2; step++)); do
    event "{\"type\":\"metrics\",\"step\":$step,\"values\":{\"reward\":$((10 * step))}}"
    text="so \\\\(\\\\frac{$step}{2}\\\\)\\n\\tand \\\\boxed{$step}"
    if ((step == 3)); then text="<b onclick=alert(1)>bold</b> $(printf '%*s' "$long" '' | tr ' ' y)"; fi
    sample "$step" 'What is half of it?' "$text" $((100 + SWEEPBOARD_ATTEMPT)) 100 "$SWEEPBOARD_ATTEMPT"
    sample "$step" 'What is half of it?' "perhaps \\\\boxed{$step}, of attempt $SWEEPBOARD_ATTEMPT" -2.5 0 -2.5
    sample "$step" 'Another prompt' "needle $step" 0 0 0
    sample "$step" 'What is half of it?' 'no idea' 0 0 0
  done
}

if [[ $SWEEPBOARD_ATTEMPT == 1 ]]; then
  steps 1 3
  exit 3
fi
steps 3 4
until [[ -e $gate ]]; do sleep 0.02; done
steps 5 5
