# on-node.sh CONTROL FOLDER DIRECTORY MARK KILL_SECONDS WRAPPER NO_FOLDER COMMAND [ARGUMENT ...]
# What a cluster's own script sources on the node that it was given, with its arguments: runs the same wrapper as on any machine, and then
# sees to it that nothing of the attempt is left (over). The script has defined
#   where    prints what node.json says: one line of JSON
#   listen   sets the traps, or whatever else it hears requests by: `ask WORD` and `end` pass them on
#   rest     waits a moment; while the command runs it may wait for `running`
control=$1
folder=$2
directory=$3
mark=$4
kill_seconds=$5
wrapper=$6
no_folder=$7
shift 7

# given up, or begun before, as a job that was queued again: the first start of an attempt is its only one
[ ! -e "$control/claim" ] && [ ! -e "$control/pid.json" ] || exit 97

where > "$control/node.tmp" && mv "$control/node.tmp" "$control/node.json"

cd "$directory" || {
  mkdir "$control/claim" || exit 97
  printf '%s\n' "$no_folder" > "$control/exit.tmp" && mv "$control/exit.tmp" "$control/exit.json"
  : > "$control/over"
  exit 127
}

marked() { grep -lzsE "^SWEEPBOARD_MARK=(.*:)?${mark//./[.]}(:.*)?\$" /proc/[0-9]*/environ | sed 's|/proc/\([0-9]*\)/.*|\1|'; }
send_marked() { for pid in $(marked); do kill "-$1" "$pid" 2>/dev/null; done; }
# the first that was heard: later ones come of it
note() { [ -e "$control/caught" ] || { echo "$1" > "$control/caught.tmp" && mv "$control/caught.tmp" "$control/caught"; }; }
# save and leave: noted, and passed on to the command's group as SIGTERM, as the protocol of trainers has it
ask() {
  note "$1"
  if [ "$phase" = running ]; then
    # the group is this script's own: it must not hear itself
    trap '' TERM
    kill -TERM 0
    trap 'note TERM' TERM
  else send_marked TERM; fi
}
# everything that bears the mark is killed
end() {
  killed=1
  [ "$phase" = left ] || kill -KILL "$running" 2>/dev/null
  send_marked KILL
}
phase=running
killed=
termed=
listen
# the engine's own, which reaches the command too
trap 'note TERM' TERM
trap : INT HUP

# without job control a shell's background command ignores SIGINT; this one must not
(
  trap - INT QUIT
  export SWEEPBOARD_MARK="${SWEEPBOARD_MARK:+$SWEEPBOARD_MARK:}$mark" SPT_NOENV=1
  exec /bin/sh "$wrapper" "$control" "$folder" 0 "$@"
) &
running=$!
while kill -0 "$running" 2>/dev/null; do rest; done

phase=left
# one process is signalled after the other: what the command has heard may be on its way here
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
  rest
done
rm -f "$control/left"
# with what was heard, in one file: where files come late, one of two says half
cat "$control/caught" > "$control/over.tmp" 2>/dev/null
mv "$control/over.tmp" "$control/over"
code=$(sed -n 's/.*"exitCode":\([0-9]*\).*/\1/p' "$control/exit.json" 2>/dev/null)
exit "${code:-1}"
