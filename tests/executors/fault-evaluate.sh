#!/usr/bin/env bash
# fault-evaluate.sh LEDGER NAME CHECKPOINT REPORT
set -euo pipefail
exec 9>> "$1/lock-evaluation-$2"
flock -n 9 || echo "evaluation $2" >> "$1/doubles"
echo "$SWEEPBOARD_ATTEMPT $$" >> "$1/starts-evaluation-$2"
read -r step < "$3/step"
sleep 0.5
echo "{\"B\": 0.5}" > "$4.part"
touch -d "@$(date +%s.%N)" "$4.part"
mv "$4.part" "$4"
