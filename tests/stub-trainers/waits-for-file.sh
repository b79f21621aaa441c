#!/usr/bin/env bash
# waits-for-file.sh FILE
# Writes one metrics event, then waits until FILE exists, writes a second one and exits 0: the test says when it ends.
set -euo pipefail
echo '{"type":"metrics","step":1,"values":{"waiting":1}}' >> "$SWEEPBOARD_EVENTS"
until [[ -e $1 ]]; do sleep 0.02; done
echo '{"type":"metrics","step":2,"values":{"waiting":0}}' >> "$SWEEPBOARD_EVENTS"
