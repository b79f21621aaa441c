#!/bin/sh
# wrapper.sh CONTROL FOLDER MONOTONIC COMMAND [ARGUMENT ...]
# Leads the process group of one attempt: claims it, names its process, runs the command, writes how it ended.
# What it says stands in CONTROL, where the command does not write; FOLDER is the command's own, to clear if it likes.
# Each step is atomic, so a kill between any two leaves a folder that says how far it came:
#   claim/     made by one wrapper only: a second one for the same attempt leaves at once
#   pid.json   linked into place whole; if a server has given the attempt up (made the file itself), the command never runs
#   exit.json  renamed into place whole
# MONOTONIC: milliseconds of the monotonic clock at the start, for whoever measures how long it runs.
control=$1
folder=$2
monotonic=$3
shift 3
mkdir "$control/claim" 2>/dev/null || exit 97
# Held open: the data folder may be moved meanwhile, and another may stand in its place.
exec 9< "$control"

# With its start time a process number is never mistaken for a later process of the same number; process 1's start tells
# one container's numbers from the next one's on the same boot.
started=
started_of() {
  started=
  { read -r stat < "/proc/$1/stat"; } 2>/dev/null || return 0
  set -- ${stat##*) }
  shift 19
  started=$1
}
uptime_of() { uptime=; if [ -r /proc/uptime ]; then read -r uptime rest < /proc/uptime; fi; }
boot=
if [ -r /proc/sys/kernel/random/boot_id ]; then
  read -r boot < /proc/sys/kernel/random/boot_id
  started_of 1
  boot=$boot/$started
  started_of $$
else
  started=$(ps -o lstart= -p $$)
fi
uptime_of
begun=$uptime
printf '{"pid":%d,"start":"%s","boot":"%s","monotonic":%d,"uptime":"%s"}\n' $$ "$started" "$boot" "$monotonic" "$uptime" > "$control/pid.tmp" || exit 96
ln "$control/pid.tmp" "$control/pid.json" 2>/dev/null || exit 98

# Signals go to the whole group: the command has them too, the wrapper must outlive it to write how it ended.
trap : TERM INT HUP QUIT USR1 USR2
# Held open here, so that they are not lost with a folder that the command clears.
[ -d "$folder" ] || mkdir -p "$folder"
# The door and the pipe of its intake, where it has one and a launcher opened them, came as 3 and 4.
[ -z "${SWEEPBOARD_INTAKE:-}" ] || [ -n "${SWEEPBOARD_INTAKE_VARIABLES+x}" ] || exec 7<&3 8<&4
exec 3>> "$folder/stdout.log" 4>> "$folder/stderr.log"
. "${0%/*}/../../intake/beside.sh"
start_intake "${0%/*}/../../intake"
. "${0%/*}/sampling.sh"
start_sampling "${0%/*}"
# In the foreground: a shell's background command ignores SIGINT, and with it every way that Python has to interrupt a script.
"$@" >&3 2>&4 3>&- 4>&- 7<&- 8<&- 9<&- < /dev/null
code=$?
end_sampling
[ -d "$control/claim" ] && stays=yes || stays=
[ ! -d "/proc/$$/fd/9/claim" ] || control=/proc/$$/fd/9
end_intake
# A folder that was moved is not made again where it was.
if [ -n "$stays" ] && ! { [ -e "$folder/stdout.log" ] && [ -e "$folder/stderr.log" ]; }; then
  mkdir -p "$folder"
  [ -e "$folder/stdout.log" ] || cat "/proc/$$/fd/3" > "$folder/stdout.log"
  [ -e "$folder/stderr.log" ] || cat "/proc/$$/fd/4" > "$folder/stderr.log"
fi 2>/dev/null
uptime_of
# What took long must not be done again after a power cut: its end is on the disk before it counts.
synced() {
  if [ -n "$uptime" ] && [ "$((${uptime%%.*} - ${begun%%.*}))" -ge 10 ]; then sync "$1"; fi
  return 0
}
# A full disk must not make an end that was seen unknown: it is written when there is room again.
until printf '{"exitCode":%d,"uptime":"%s"}\n' $code "$uptime" > "$control/exit.tmp" && synced "$control/exit.tmp" && mv "$control/exit.tmp" "$control/exit.json"; do
  [ -d "$control/claim" ] || exit 95
  sleep 1
done 2>/dev/null
synced "$control" 2>/dev/null
