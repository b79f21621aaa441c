# Read by a wrapper: what its attempt and the machine take, while the command runs (sample.awk), in CONTROL/system.jsonl.
# In a session of its own and without the attempt's mark: no signal to the attempt reaches it, nobody waits for it, and it is no
# process of the attempt. It leaves by itself once the wrapper (process `$$`, started at `$started`) is gone.

start_sampling() {
  [ -r /proc/self/stat ] && [ -n "${started:-}" ] && command -v awk && command -v setsid || return 0
  (
    unset SWEEPBOARD_MARK
    exec 3>&- 4>&- 7<&- 8<&- 9<&- >> "$control/system.jsonl" 2> /dev/null < /dev/null
    gpus=none
    ! command -v nvidia-smi > /dev/null || gpus=${CUDA_VISIBLE_DEVICES-all}
    SAMPLED_FOLDER=$folder
    LC_ALL=C
    export SAMPLED_FOLDER LC_ALL
    exec setsid awk -v leader=$$ -v "started=$started" -v "ticks=$(getconf CLK_TCK || echo 100)" \
      -v "page=$(getconf PAGESIZE || echo 4096)" -v "epoch=$(date +%s)" -v "gpus=$gpus" -f "$1/sample.awk"
  ) &
  sampling=$!
} > /dev/null 2>&1

end_sampling() {
  [ -n "${sampling:-}" ] || return 0
  # first the session, which is there unless it ends right now
  kill -9 "-$sampling" || kill -9 "$sampling"
  wait "$sampling"
} 2> /dev/null
