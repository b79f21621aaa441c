#!/bin/bash
# The entrypoint of one attempt, on the node that Ray gave it, with the arguments of ../cluster/on-node.sh. Ray has no signals to pass on,
# and its stop kills after three seconds, so the server asks by files:
#   ask   save and leave: what it holds is new.
#   end   the server wants it ended.
# `beat` changes every few seconds while it lives: for a head that was started anew, and knows nothing of it.
# SIGTERM is Ray's own (a stop from outside). Noted.
where() {
  local node
  node=$(uname -n)
  printf '{"node":"%s","gpus":"%s"}\n' "${node//[\"\\]/}" "${CUDA_VISIBLE_DEVICES//[\"\\]/}"
}
listen() {
  asked=
  beats=0
}
rest() {
  sleep 0.5 &
  wait $!
  beats=$((beats + 1))
  [ $((beats % 4)) != 1 ] || { echo "$beats" > "$control/beat.tmp" && mv "$control/beat.tmp" "$control/beat"; } 2>/dev/null
  if [ -e "$control/ask" ]; then
    IFS= read -r wanted < "$control/ask"
    [ "$wanted" = "$asked" ] || { asked=$wanted && ask ASK; }
  fi
  [ -n "$killed" ] || [ ! -e "$control/end" ] || end
}
. "${0%/*}/../cluster/on-node.sh"
