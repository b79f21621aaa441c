# Sourced by the stand-ins of trainers: they train nothing. Options are `--name value` or `name=value`, as the real programs take them, and
# each milestone leaves a folder as theirs does, after STAND_IN_SECONDS (default 1), with the settings that lm_eval computes accuracies from.
#   write_checkpoints FOLDER_NAME STEPS SAVED_EVERY STEPS_IN_AN_EPOCH   (FOLDER_NAME holds STEP)
set -euo pipefail
export LC_ALL=C

declare -A option=()
read_options() {
  while (($# > 0)); do
    case $1 in
      --*) option[${1#--}]=${2:-}; shift ;;
      *=*) option[${1%%=*}]=${1#*=} ;;
    esac
    shift
  done
}

need() {
  [[ -n ${option[$1]:-} ]] || { echo "$0: $1 is missing" >&2; exit 64; }
  printf %s "${option[$1]}"
}

write_checkpoints() {
  local output=$1 name=$2 steps=$3 every=$4 epoch_steps=$5 rate=$6 step folder
  awk -v rate="$rate" 'BEGIN { exit !(rate + 0 > 0) }' || { echo "$0: the learning rate is '$rate', no number above 0" >&2; exit 64; }
  echo "stand-in training: learning rate $rate, $steps steps, GPUs ${CUDA_VISIBLE_DEVICES:-none}"
  for ((step = every; step <= steps; step += every)); do
    sleep "${STAND_IN_SECONDS:-1}"
    folder=$output/${name//STEP/$step}
    mkdir -p "$(dirname "$folder")" "$folder.partial"
    printf '{"global_step":%s,"epoch":%s}\n' "$step" "$(awk -v a="$step" -v b="$epoch_steps" 'BEGIN { print a / b }')" > "$folder.partial/trainer_state.json"
    printf 'learning_rate=%s\nprogress=%s\n' "$rate" "$(awk -v a="$step" -v b="$steps" 'BEGIN { print a / b }')" > "$folder.partial/settings"
    rm -rf "$folder"
    mv "$folder.partial" "$folder"
    echo "step $step of $steps: saved $folder"
  done
}
