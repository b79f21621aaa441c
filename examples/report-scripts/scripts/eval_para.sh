#!/usr/bin/env bash
# eval_para.sh CHECKPOINT REPORT GPU
#
# A STAND-IN: it asks no model anything. It reads the settings that sft_cot_para.sh left in CHECKPOINT, computes accuracies
# from them by the formula below and writes them to REPORT as {"acc": {"AMC23": 0.3, ...}}, after a sleep of EVALUATE_SECONDS
# (default 1). The same settings always give the same report.
#
# The formula: one number says how far training moved the model,
#     push = log2(learning_rate / 1e-5) - 0.75 log2(batch / 128) + 0.35 log2(epoch / 3)
# more for a higher rate, a smaller batch and more epochs. Too little has learned little, too much has forgotten:
#     gain = 1.08 exp(-0.09 (push + 0.17)^2)
# Each benchmark's accuracy is that of the course's baseline times gain^hardness (0.6 for the easiest to 1.6 for the hardest),
# rounded to a whole number of its questions.
set -euo pipefail
export LC_ALL=C

if (($# != 3)); then
  echo "usage: eval_para.sh CHECKPOINT REPORT GPU (got $# arguments)" >&2
  exit 64
fi
settings=$1/settings
report=$2
if [[ ! -f $settings ]]; then
  echo "$1 is no checkpoint of sft_cot_para.sh: it has no file named settings" >&2
  exit 66
fi

echo "stand-in evaluation of $1 on GPU $3"
sleep "${EVALUATE_SECONDS:-1}"
awk -F= '
  { setting[$1] = $2 }
  function log2(x) { return log(x) / log(2) }
  function accuracy(baseline, hardness, questions) { return int(baseline * gain ^ hardness * questions + 0.5) / questions }
  END {
    push = log2(setting["learning_rate"] / 1e-5) - 0.75 * log2(setting["batch"] / 128) + 0.35 * log2(setting["epoch"] / 3)
    gain = 1.08 * exp(-0.09 * (push + 0.17) ^ 2)
    printf "{\"acc\": {\"AMC23\": %.15g, \"GSM8k\": %.15g, \"MATH500\": %.15g, \"OlympiadBench\": %.15g}}\n",
      accuracy(0.3, 1.3, 40), accuracy(0.716, 0.6, 1319), accuracy(0.44, 1, 500), accuracy(0.096, 1.6, 675)
  }' "$settings" > "$report.partial"
mv "$report.partial" "$report"
