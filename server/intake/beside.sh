# Read by a wrapper: the intake of an attempt (main.ts) beside its command, where the attempt has one.
#   SWEEPBOARD_INTAKE  the program that runs it (Node); empty: the attempt has no intake
#   SWEEPBOARD_INTAKE_FIRST  the command waits for it: it must see files as they were before
#   7                  the socket that clients of the attempt were told of; it listens from before the command on
#   8                  a pipe: a line, or its end, starts the intake (executors/local/door.ts)
# On a node of a cluster nobody holds a socket or a pipe. There the intake starts first, on a port that it finds, and
#   SWEEPBOARD_INTAKE_VARIABLES  lines NAME=VALUE that tell clients of it, with {port} for that port
# It is in the attempt's process group, heeds no signal that asks to leave, is started again when it is killed, and ends
# with the command: an end is written only after everything that clients had sent stands in the attempt's events.

start_intake() {
  [ -n "${SWEEPBOARD_INTAKE:-}" ] || return 0
  (
    trap '' TERM INT HUP QUIT
    [ -n "${SWEEPBOARD_INTAKE_VARIABLES+x}" ] || read -r knock <&8
    exec 8<&-
    : > "$control/intake"
    mkdir -p "$folder/intake"
    tries=0
    until "$SWEEPBOARD_INTAKE" "$1/main.ts" "$folder" $$ >> "$folder/intake/log" 2>&1 3>&- 4>&- < /dev/null; do
      tries=$((tries + 1))
      [ $tries -lt 100 ] && [ -d "$folder/intake" ] || break
      # a node that cannot run it at all need not try for long
      [ -e "$folder/intake/port" ] || [ $tries -lt 10 ] || break
      sleep 0.1
    done
  ) &
  intake=$!
  exec 7<&- 8<&-
  if [ -n "${SWEEPBOARD_INTAKE_VARIABLES+x}" ]; then
    await_intake 3000
    tell_clients
  elif [ -n "${SWEEPBOARD_INTAKE_FIRST:-}" ]; then
    await_intake 500
  fi
  unset SWEEPBOARD_INTAKE SWEEPBOARD_INTAKE_KEY SWEEPBOARD_INTAKE_FIRST SWEEPBOARD_INTAKE_ONWARD SWEEPBOARD_INTAKE_VARIABLES
}

# Waits until the intake listens, $1 times 20 ms at most, or until it is known that it never will.
await_intake() {
  waited=0
  while [ ! -e "$folder/intake/port" ] && [ $waited -lt "$1" ] && kill -0 $intake 2>/dev/null; do
    sleep 0.02
    waited=$((waited + 1))
  done
}

# The variables of the clients, with its port; where it does not run, a note of the run says so, and clients log where they would without it.
tell_clients() {
  if [ ! -e "$folder/intake/port" ]; then
    printf '{"type":"note","level":"warning","text":"What it logs to W&B, MLflow, Trackio or files is not taken in: no intake could be started on %s. Its log is intake/log in the folder of the run."}\n' \
      "$(uname -n | tr -d '"\\')" >> "$SWEEPBOARD_EVENTS"
    : > "$folder/intake/done"
    kill -9 $intake 2>/dev/null
    return 0
  fi
  read -r port < "$folder/intake/port"
  set -f
  before=$IFS
  IFS='
'
  for pair in $SWEEPBOARD_INTAKE_VARIABLES; do export "$(printf '%s\n' "$pair" | sed "s/{port}/$port/g")"; done
  IFS=$before
  set +f
}

end_intake() {
  [ -n "${intake:-}" ] || return 0
  # nobody knocked
  if [ ! -e "$control/intake" ]; then
    kill -9 $intake
    wait $intake
    return 0
  fi
  # the command may have cleared its folder
  mkdir -p "$folder/intake"
  : > "$folder/intake/ended"
  # it ends by itself within seconds; one that hangs must not hold the attempt's slots
  waited=0
  while kill -0 $intake 2>/dev/null && [ $waited -lt 750 ]; do
    sleep 0.02
    waited=$((waited + 1))
  done
  [ $waited -lt 750 ] || kill -9 $intake "$(cat "$folder/intake/pid")"
} 2>/dev/null
