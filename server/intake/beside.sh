# Read by a wrapper: the intake of an attempt (main.ts) beside its command, where the attempt has one.
#   SWEEPBOARD_INTAKE  the program that runs it (Node); empty: the attempt has no intake
# It is in the attempt's process group, heeds no signal that asks to leave, is started again when it is killed, and ends
# with the command: an end is written only after everything that clients had sent stands in the attempt's events.

start_intake() {
  [ -n "${SWEEPBOARD_INTAKE:-}" ] && mkdir -p "$folder/intake" || return 0
  (
    trap '' TERM INT HUP QUIT
    tries=0
    until "$SWEEPBOARD_INTAKE" "$1/main.ts" "$folder" $$ >> "$folder/intake/log" 2>&1 3>&- 4>&- < /dev/null; do
      tries=$((tries + 1))
      [ $tries -lt 100 ] && [ -d "$folder/intake" ] || break
      sleep 0.1
    done
  ) &
  intake=$!
  waited=0
  while [ ! -e "$folder/intake/environment" ] && [ $waited -lt 500 ] && kill -0 $intake 2>/dev/null; do
    sleep 0.02
    waited=$((waited + 1))
  done
  if [ -e "$folder/intake/environment" ]; then
    # what clients find: a name, `=` and a value a line, read and never run
    while IFS= read -r line; do export "${line%%=*}=${line#*=}"; done < "$folder/intake/environment"
  else
    echo "Sweepboard: what trackers log is not taken in: $(tail -n 1 "$folder/intake/log")" >&4
  fi
  unset SWEEPBOARD_INTAKE SWEEPBOARD_INTAKE_KEY
}

end_intake() {
  [ -n "${intake:-}" ] || return 0
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
