#!/usr/bin/env bash
# evaluates-second-time.sh REPORT NAME=ACCURACY ...
# The first attempt says why on stderr and leaves with exit code 1; later ones do what evaluates.sh does.
set -euo pipefail
if [[ $SWEEPBOARD_ATTEMPT == 1 ]]; then
  echo 'the grader did not answer' >&2
  exit 1
fi
exec bash "$(dirname "$0")/evaluates.sh" "$@"
