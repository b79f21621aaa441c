#!/bin/sh
# wrapper.sh FOLDER COMMAND [ARGUMENT ...]
# Leads the process group of one attempt: claims the folder, names its process, runs the command, writes how it ended.
# Each step is atomic, so a kill between any two leaves a folder that says how far it came:
#   claim/     made by one wrapper only: a second one for the same attempt leaves at once
#   pid.json   linked into place whole; if a server has given the attempt up (made the file itself), the command never runs
#   exit.json  renamed into place whole
folder=$1
shift
mkdir "$folder/claim" 2>/dev/null || exit 97

boot=
if [ -r /proc/sys/kernel/random/boot_id ]; then read -r boot < /proc/sys/kernel/random/boot_id; fi
# With its start time a process number is never mistaken for a later process of the same number.
started() {
  if [ -r "/proc/$$/stat" ]; then
    read -r stat < "/proc/$$/stat"
    set -- ${stat##*) }
    shift 19
    printf '%s' "$1"
  else
    ps -o lstart= -p $$
  fi
}
printf '{"pid":%d,"start":"%s","boot":"%s"}\n' $$ "$(started)" "$boot" > "$folder/pid.tmp" || exit 96
ln "$folder/pid.tmp" "$folder/pid.json" 2>/dev/null || exit 98

# Signals go to the whole group: the command has them too, the wrapper must outlive it to write how it ended.
trap : TERM INT HUP QUIT USR1 USR2
"$@" >> "$folder/stdout.log" 2>> "$folder/stderr.log" < /dev/null &
child=$!
wait $child
code=$?
# A trapped signal ends `wait` early.
while kill -0 $child 2>/dev/null; do
  wait $child
  code=$?
done
# A full disk must not make an end that was seen unknown: it is written when there is room again.
until printf '{"exitCode":%d}\n' $code > "$folder/exit.tmp" && mv "$folder/exit.tmp" "$folder/exit.json"; do
  [ -d "$folder" ] || exit 95
  sleep 1
done 2>/dev/null
