#!/usr/bin/env bash
# evaluates-by-key.sh REPORT KEY KEY:NAME=ACCURACY,NAME=ACCURACY ...
# Writes {"acc": {"NAME": ACCURACY, ...}} of the entry with this KEY to REPORT and exits 0: a score of its own for each point.
set -euo pipefail
report=$1
key=$2
shift 2
for entry in "$@"; do
  if [[ ${entry%%:*} == "$key" ]]; then
    sed 's/\([^=,]*\)=/"\1": /g; s/.*/{"acc": {&}}/' <<< "${entry#*:}" > "$report"
    exit 0
  fi
done
echo "no accuracies are listed for $key" >&2
exit 1
