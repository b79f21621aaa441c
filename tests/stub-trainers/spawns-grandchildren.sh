#!/usr/bin/env bash
# spawns-grandchildren.sh [COUNT=2] [leave]
# Starts COUNT processes that live for 10 minutes, the first of which ignores SIGTERM; writes their numbers, one a line, to
# SWEEPBOARD_RUN_DIR/grandchildren (by rename, so that a file is a whole one), then waits for them. With `leave` it exits 0
# at once and leaves them behind.
set -euo pipefail
count=${1:-2}
for ((number = 1; number <= count; number++)); do
  if ((number == 1)); then
    # ignoring a signal is handed on through exec
    (trap '' TERM; exec sleep 600) &
  else
    sleep 600 &
  fi
  echo $! >> "$SWEEPBOARD_RUN_DIR/grandchildren.partial"
done
mv "$SWEEPBOARD_RUN_DIR/grandchildren.partial" "$SWEEPBOARD_RUN_DIR/grandchildren"
if [[ ${2:-} == leave ]]; then exit 0; fi
wait
