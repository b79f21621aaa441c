#!/bin/bash
# on-node.sh CONTROL FOLDER DIRECTORY MARK KILL_SECONDS WRAPPER NO_FOLDER COMMAND [ARGUMENT ...]
# The batch script of one attempt, on the node that Slurm gave it. It says where it is (node.json), runs the same wrapper as on
# any machine, and then sees to it that nothing of the attempt is left (over). It outlives every signal but SIGKILL:
#   USR1  save and leave: Slurm says that the time is nearly over, or the server passes on a request. Noted in `caught`, then
#         passed on to the command's group as SIGTERM, as the protocol of trainers has it.
#   USR2  the server wants it ended: everything that bears the mark is killed.
#   TERM  Slurm's own (scancel, preemption, the end of the time), which reaches the command too. Noted.
control=$1
folder=$2
directory=$3
mark=$4
kill_seconds=$5
wrapper=$6
no_folder=$7
shift 7

# a job that was queued again: its first start was this attempt's only one
[ ! -e "$control/claim" ] || exit 97

job=${SLURM_ARRAY_JOB_ID:+${SLURM_ARRAY_JOB_ID}_$SLURM_ARRAY_TASK_ID}
printf '{"job":"%s","cluster":"%s","partition":"%s","node":"%s","gpus":"%s"}\n' "${job:-$SLURM_JOB_ID}" \
  "${SLURM_CLUSTER_NAME//[\"\\]/}" "${SLURM_JOB_PARTITION//[\"\\]/}" "${SLURMD_NODENAME//[\"\\]/}" \
  "${CUDA_VISIBLE_DEVICES//[\"\\]/}" > "$control/node.tmp" && mv "$control/node.tmp" "$control/node.json"
# an array is how it was submitted, and none of the command's business
unset "${!SLURM_ARRAY_@}"

cd "$directory" || {
  mkdir "$control/claim" || exit 97
  printf '%s\n' "$no_folder" > "$control/exit.tmp" && mv "$control/exit.tmp" "$control/exit.json"
  : > "$control/over"
  exit 127
}

marked() { grep -lzsE "^SWEEPBOARD_MARK=(.*:)?${mark//./[.]}(:.*)?\$" /proc/[0-9]*/environ | sed 's|/proc/\([0-9]*\)/.*|\1|'; }
send_marked() { for pid in $(marked); do kill "-$1" "$pid" 2>/dev/null; done; }
note() { [ -e "$control/caught" ] || { echo "$1" > "$control/caught.tmp" && mv "$control/caught.tmp" "$control/caught"; }; }
ask() {
  note USR1
  if [ "$phase" = running ]; then
    # the group is this script's own: it must not hear itself
    trap '' TERM
    kill -TERM 0
    trap 'note TERM' TERM
  else send_marked TERM; fi
}
end() {
  killed=1
  [ "$phase" = left ] || kill -KILL "$running" 2>/dev/null
  send_marked KILL
}
phase=running
killed=
termed=
trap ask USR1
trap end USR2
trap 'note TERM' TERM
trap : INT HUP

# without job control a shell's background command ignores SIGINT; this one must not
(
  trap - INT QUIT
  export SWEEPBOARD_MARK="${SWEEPBOARD_MARK:+$SWEEPBOARD_MARK:}$mark" SPT_NOENV=1
  exec /bin/sh "$wrapper" "$control" "$folder" 0 "$@"
) &
running=$!
# each signal ends the wait, not what is waited for
while kill -0 "$running" 2>/dev/null; do wait "$running"; done

phase=left
# Slurm signals one process after the other: what the command has heard may be on its way here
sleep 0.1 &
wait $!
SECONDS=0
while [ -d "$control" ]; do
  left=$(marked)
  [ -n "$left" ] || break
  [ -z "$killed" ] || send_marked KILL
  for pid in $left; do
    { read -r stat < "/proc/$pid/stat"; } 2>/dev/null || continue
    name=${stat#*(}
    fields=(${stat##*) })
    apart=true
    [ "${fields[2]}" != $$ ] || apart=false
    printf '%s %s %s\n' "$pid" "$apart" "${name%)*}"
  done > "$control/left.tmp"
  mv "$control/left.tmp" "$control/left"
  # The server asks for this sooner, where there is one. A command whose wrapper was killed goes on.
  if [ -e "$control/exit.json" ]; then
    if [ -z "$termed" ] && [ $SECONDS -ge 10 ]; then termed=1 && send_marked TERM; fi
    [ $SECONDS -lt $((10 + kill_seconds)) ] || killed=1
  fi
  sleep 0.2 &
  wait $!
done
rm -f "$control/left"
: > "$control/over"
code=$(sed -n 's/.*"exitCode":\([0-9]*\).*/\1/p' "$control/exit.json" 2>/dev/null)
exit "${code:-1}"
