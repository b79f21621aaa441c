#!/usr/bin/env bash
# sft_cot_para.sh BATCH EPOCHS LR NAME
#
# A STAND-IN: it trains nothing. It has the arguments and leaves the folders of a script that fine-tunes a language model on
# several GPUs, so that a sweep over external scripts can be tried on any machine. An "epoch" is a sleep of EPOCH_SECONDS
# (default 2). Every third epoch and the last leave a checkpoint folder ckpts/NAME/epoch_N, which holds the settings that
# eval_para.sh computes its accuracies from.
set -euo pipefail
export LC_ALL=C

if (($# != 4)); then
  echo "usage: sft_cot_para.sh BATCH EPOCHS LR NAME (got $# arguments)" >&2
  exit 64
fi
batch=$1
epochs=$2
learning_rate=$3
folder=ckpts/$4

if ! [[ $batch =~ ^[1-9][0-9]*$ && $epochs =~ ^[1-9][0-9]*$ ]]; then
  echo "BATCH and EPOCHS must be whole numbers above 0, not '$batch' and '$epochs'" >&2
  exit 64
fi
if ! awk -v rate="$learning_rate" 'BEGIN { exit !(rate + 0 > 0) }'; then
  echo "LR must be a number above 0, not '$learning_rate'" >&2
  exit 64
fi

echo "stand-in training: batch size $batch, learning rate $learning_rate, $epochs epochs, GPUs ${CUDA_VISIBLE_DEVICES:-none}"
mkdir -p "$folder"
for ((epoch = 1; epoch <= epochs; epoch++)); do
  sleep "${EPOCH_SECONDS:-2}"
  echo "epoch $epoch of $epochs"
  if ((epoch % 3 == 0 || epoch == epochs)); then
    # whole or not at all: a checkpoint that is there can be used
    rm -rf "$folder/epoch_$epoch" "$folder/writing_$epoch"
    mkdir "$folder/writing_$epoch"
    printf 'batch=%s\nlearning_rate=%s\nepoch=%s\n' "$batch" "$learning_rate" "$epoch" > "$folder/writing_$epoch/settings"
    mv "$folder/writing_$epoch" "$folder/epoch_$epoch"
    echo "saved $folder/epoch_$epoch"
  fi
done
