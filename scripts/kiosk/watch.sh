#!/usr/bin/env bash
# Notices a page that has died while its browser lives on (a tab out of memory, a script that hangs), and runs COMMAND.
#   watch.sh PROFILE SECONDS COMMAND...
# The page writes into its browser's storage every 15 s (client/public/guard.js); one that is dead writes nothing.
# Files are compared with what they were, never with the clock, which jumps on a machine whose battery is flat.
set -euo pipefail

# More than a page that is busy, or that the browser takes for hidden and lets run once a minute.
readonly SILENT_LOOKS=6

profile="$1" seconds="$2"
shift 2

written() { { find "$profile/Default/IndexedDB" -type f -printf '%p %s %T@\n' 2>/dev/null || true; } | sort | cksum; }

# What never wrote is left alone: a first opening over a thin link takes its time, and the browser tries again by itself.
before="$(written)" silent=0 alive=no
while sleep "$seconds"; do
  now="$(written)"
  if [ "$now" != "$before" ]; then
    before="$now" silent=0 alive=yes
    continue
  fi
  silent=$((silent + 1))
  if [ "$alive" = no ] || [ "$silent" -lt "$SILENT_LOOKS" ]; then continue; fi
  echo "The page wrote nothing for $silent looks, $seconds s apart: $*"
  "$@" || true
  before="$(written)" silent=0 alive=no
done
