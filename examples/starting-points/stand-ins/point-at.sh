#!/usr/bin/env bash
# point-at.sh MODEL FOLDER: makes FOLDER with a link to MODEL in it, so that a model that is there can be a point of a sweep.
set -euo pipefail
[[ -d $1 ]] || { echo "$1 is no folder of a model" >&2; exit 66; }
mkdir -p "$2"
ln -sfn "$(realpath "$1")" "$2/model"
