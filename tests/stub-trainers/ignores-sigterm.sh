#!/usr/bin/env bash
# ignores-sigterm.sh [SECONDS=600]
# Goes on when it is asked to leave, and says so in a note; ends by SIGKILL, or with exit code 0 after SECONDS.
set -uo pipefail
note() { printf '{"type":"note","level":"info","text":"%s"}\n' "$1" >> "$SWEEPBOARD_EVENTS"; }
trap 'note "asked to leave, goes on"' TERM INT HUP
note 'at work'
end=$((SECONDS + ${1:-600}))
while ((SECONDS < end)); do sleep 0.05; done
