#!/usr/bin/env bash
# emits-garbage.sh [KIND ...]
# Writes a good metrics event (steps 1, 2, ...) before and after each KIND of bad line, and exits 0. No KIND: all of them but
# the last two.
#   not-json       a line that is no JSON                    unknown      a type that nobody knows
#   not-an-object  JSON, but no event                        empty        an empty line
#   bad-step       a negative step, a fraction, a text       bad-values   values that are no numbers
#   no-type        an object without a type                  invalid-utf8 bytes that are no UTF-8
#   nan            NaN and infinities, bare and as strings   long         a line of 200,000 characters
#   escape         a text with control characters            shrink       makes the events file shorter than it was
#   torn           a last line without its end (give it last: what follows would complete it)
set -euo pipefail
kinds=("$@")
if ((${#kinds[@]} == 0)); then
  kinds=(not-json not-an-object no-type bad-step bad-values unknown nan empty invalid-utf8 long escape)
fi
step=0

event() { printf '%s\n' "$1" >> "$SWEEPBOARD_EVENTS"; }
good() { event "{\"type\":\"metrics\",\"step\":$((step += 1)),\"values\":{\"good\":$step}}"; }

good
for kind in "${kinds[@]}"; do
  case $kind in
    not-json) event 'Epoch 1/3: loss 0.52 {"type":"metrics"' ;;
    not-an-object) event '["metrics",10]' ;;
    no-type) event '{"step":10,"values":{"loss":1}}' ;;
    bad-step)
      event '{"type":"metrics","step":-1,"values":{"loss":1}}'
      event '{"type":"metrics","step":1.5,"values":{"loss":1}}'
      event '{"type":"metrics","step":"ten","values":{"loss":1}}'
      ;;
    bad-values)
      event '{"type":"metrics","step":90,"values":{"loss":"low"}}'
      event '{"type":"metrics","step":91,"values":[1,2]}'
      ;;
    unknown) event '{"type":"gpu_temperature","celsius":71}' ;;
    nan)
      event '{"type":"metrics","step":100,"values":{"bare":NaN,"up":Infinity,"down":-Infinity}}'
      event '{"type":"metrics","step":101,"values":{"bare":"NaN","up":"Infinity","down":"-Infinity"}}'
      ;;
    empty) event '' ;;
    invalid-utf8) printf '{"type":"note","level":"info","text":"\xff\xfe"}\n' >> "$SWEEPBOARD_EVENTS" ;;
    long) event "{\"type\":\"note\",\"level\":\"info\",\"text\":\"$(printf '%200000s' '' | tr ' ' x)\"}" ;;
    escape) event '{"type":"note","level":"warning","text":"\u001b[31mred\u001b[0m <script>alert(1)</script> \u0000"}' ;;
    shrink)
      # what was written must have been read before it is taken away: the test makes this file when it has
      until [[ -e $SWEEPBOARD_RUN_DIR/shrink-now ]]; do sleep 0.02; done
      : > "$SWEEPBOARD_EVENTS"
      ;;
    torn)
      printf '{"type":"metrics","step":999,"val' >> "$SWEEPBOARD_EVENTS"
      exit 0
      ;;
    *)
      echo "emits-garbage.sh: unknown kind $kind" >&2
      exit 64
      ;;
  esac
  good
done
