#!/usr/bin/env bash
# slow.sh SECONDS [UNITS=10]
# Works for SECONDS (a fraction is fine) and reports progress after each of UNITS equal parts; exits 0.
set -euo pipefail
seconds=$1
units=${2:-10}
part=$(awk -v seconds="$seconds" -v units="$units" 'BEGIN { printf "%.4f", seconds / units }')
for ((done = 1; done <= units; done++)); do
  sleep "$part"
  printf '{"type":"progress","done":%d,"total":%d}\n' "$done" "$units" >> "$SWEEPBOARD_EVENTS"
done
