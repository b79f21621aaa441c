#!/usr/bin/env bash
# evaluates.sh REPORT NAME=ACCURACY ...
# Writes {"acc": {"NAME": ACCURACY, ...}} to REPORT and exits 0. ACCURACY is written as it stands, so NaN, "high" or
# {"correct":16,"total":40} can be given as well.
set -euo pipefail
report=$1
shift
entries=()
for pair in "$@"; do entries+=("\"${pair%%=*}\": ${pair#*=}"); done
(IFS=,; printf '{"acc": {%s}}\n' "${entries[*]}") > "$report"
