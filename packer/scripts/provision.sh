#!/usr/bin/env bash
# Turns a freshly installed Debian or Ubuntu into a build machine: runs the numbered steps in order, as root.
# usage: provision.sh <payload folder>
#   payload: agent/build-agent.cjs, systemd/*.service, pins.env, one-time-password.hash (optional)
#   environment: TOOLCHAIN_SOURCE, GHC_VERSIONS, CABAL_VERSION, STACK_VERSION, HLS_VERSION, EXTRA_PACKAGES
# Each step may run again on a machine that has it already, and checks at its end what it promised.
set -euo pipefail

here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
PAYLOAD=$(cd -- "${1:?usage: provision.sh <payload folder>}" && pwd)
export PAYLOAD
export DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8

[ "$(id -u)" = 0 ] || {
  echo 'provision.sh changes the system: run it as root.' >&2
  exit 1
}

steps=("$here"/steps/[0-9]*.sh)
number=0
for step in "${steps[@]}"; do
  number=$((number + 1))
  name=$(basename -- "$step" .sh)
  # This line is read by packer-build to show progress.
  printf 'build-machines: step %d/%d %s\n' "$number" "${#steps[@]}" "$name"
  started=$SECONDS
  bash "$step" || {
    code=$?
    printf 'build-machines: step %s failed with exit status %d\n' "$name" "$code" >&2
    exit "$code"
  }
  printf 'build-machines: step %s took %d s\n' "$name" $((SECONDS - started))
done
