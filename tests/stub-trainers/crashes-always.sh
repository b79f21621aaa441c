#!/usr/bin/env bash
# crashes-always.sh [EXIT_CODE=1] [SECONDS=0]
# Every attempt writes one metrics event, works for SECONDS, says why on stderr and leaves with EXIT_CODE.
set -euo pipefail
echo '{"type":"metrics","step":1,"values":{"loss":"NaN"}}' >> "$SWEEPBOARD_EVENTS"
sleep "${2:-0}"
echo "attempt $SWEEPBOARD_ATTEMPT: no such dataset" >&2
exit "${1:-1}"
