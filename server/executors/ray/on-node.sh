#!/bin/bash
# on-node.sh CONTROL FOLDER DIRECTORY MARK KILL_SECONDS WRAPPER NO_FOLDER COMMAND [ARGUMENT ...]
# The entrypoint of one attempt, on the node that Ray gave it. It says where it is (node.json), runs the same wrapper as on any machine,
# and then sees to it that nothing of the attempt is left (over). Ray has no signals to pass on, and its stop kills after three seconds, so
# the server asks by files:
#   ask   save and leave: what it holds is new. Passed on to the command's group as SIGTERM, noted in `caught`.
#   end   everything that bears the mark is killed.
# `beat` changes every few seconds while it lives: for a head that was started anew, and knows nothing of it.
# SIGTERM is Ray's own (a stop from outside), which reaches the command too. Noted.
control=$1
folder=$2
directory=$3
mark=$4
kill_seconds=$5
wrapper=$6
no_folder=$7
shift 7

# given up, or begun before: the first start of an attempt is its only one
[ ! -e "$control/claim" ] && [ ! -e "$control/pid.json" ] || exit 97

node=$(uname -n)
printf '{"node":"%s","gpus":"%s"}\n' "${node//[\"\\]/}" "${CUDA_VISIBLE_DEVICES//[\"\\]/}" > "$control/node.tmp" &&
  mv "$control/node.tmp" "$control/node.json"

cd "$directory" || {
  mkdir "$control/claim" || exit 97
  printf '%s\n' "$no_folder" > "$control/exit.tmp" && mv "$control/exit.tmp" "$control/exit.json"
  : > "$control/over"
  exit 127
}

marked() { grep -lzsE "^SWEEPBOARD_MARK=(.*:)?${mark//./[.]}(:.*)?\$" /proc/[0-9]*/environ | sed 's|/proc/\([0-9]*\)/.*|\1|'; }
send_marked() { for pid in $(marked); do kill "-$1" "$pid" 2>/dev/null; done; }
note() { [ -e "$control/caught" ] || { echo "$1" > "$control/caught.tmp" && mv "$control/caught.tmp" "$control/caught"; }; }
phase=running
killed=
termed=
asked=
beats=0
trap 'note TERM' TERM
trap : INT HUP

# without job control a shell's background command ignores SIGINT; this one must not
(
  trap - INT QUIT
  export SWEEPBOARD_MARK="${SWEEPBOARD_MARK:+$SWEEPBOARD_MARK:}$mark" SPT_NOENV=1
  exec /bin/sh "$wrapper" "$control" "$folder" 0 "$@"
) &
running=$!

hear() {
  if [ -e "$control/ask" ]; then
    IFS= read -r wanted < "$control/ask"
    if [ "$wanted" != "$asked" ]; then
      asked=$wanted
      note ASK
      if [ "$phase" = running ]; then
        # the group is this script's own: it must not hear itself
        trap '' TERM
        kill -TERM 0
        trap 'note TERM' TERM
      else send_marked TERM; fi
    fi
  fi
  if [ -z "$killed" ] && [ -e "$control/end" ]; then
    killed=1
    [ "$phase" = left ] || kill -KILL "$running" 2>/dev/null
    send_marked KILL
  fi
}
rest() {
  sleep 0.5 &
  wait $!
  beats=$((beats + 1))
  [ $((beats % 4)) != 1 ] || { echo "$beats" > "$control/beat.tmp" && mv "$control/beat.tmp" "$control/beat"; } 2>/dev/null
  hear
}

while kill -0 "$running" 2>/dev/null; do rest; done
phase=left
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
  rest
done
rm -f "$control/left"
: > "$control/over"
code=$(sed -n 's/.*"exitCode":\([0-9]*\).*/\1/p' "$control/exit.json" 2>/dev/null)
exit "${code:-1}"
