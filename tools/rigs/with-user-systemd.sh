#!/usr/bin/env bash
# Runs a command as on a computer whose user has a systemd, which starts with the command and shuts down after it. That
# systemd is real; it and the command live in a mount namespace of their own, where this computer looks booted by one.
# usage: with-user-systemd.sh <command>...
#   environment: HOME, in which the user's units are
set -euo pipefail

[ "$(id -u)" = 0 ] || {
  echo 'with-user-systemd.sh makes a mount namespace: run it as root.' >&2
  exit 1
}
if [ "${1:-}" != --inside ]; then exec unshare --mount --propagation private -- "$0" --inside "$@"; fi
shift

mount -t tmpfs none /run
mkdir -p /run/systemd/system /run/user
export XDG_RUNTIME_DIR=/run/user/$UID
mkdir -m 0700 "$XDG_RUNTIME_DIR"
env -i HOME="$HOME" PATH="$PATH" XDG_RUNTIME_DIR="$XDG_RUNTIME_DIR" /lib/systemd/systemd --user &
systemd=$!
for _ in {1..300}; do
  if systemctl --user show-environment >/dev/null 2>&1; then break; fi
  sleep 0.1
done
status=0
"$@" || status=$?
kill "$systemd"
wait "$systemd" || :
exit "$status"
