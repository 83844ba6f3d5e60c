# shellcheck shell=bash
# Shared by the steps. Sourced, never run.
set -euo pipefail

here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
# shellcheck disable=SC2034 # Used by the steps.
files=$here/files

fail() {
  printf '%s: %s\n' "$(basename -- "$0")" "$1" >&2
  exit 1
}

is_installed() { dpkg-query -W -f '${db:Status-Status}\n' "$1" 2>/dev/null | grep -qx installed; }

# install_packages <package>...: installs those that are missing; asks the mirror only if there are any.
install_packages() {
  local package missing=()
  for package in "$@"; do
    is_installed "$package" || missing+=("$package")
  done
  [ ${#missing[@]} -gt 0 ] || return 0
  printf 'Installing %s\n' "${missing[*]}"
  apt-get -q -o DPkg::Lock::Timeout=300 -o Acquire::Retries=3 update
  apt-get -q -y -o DPkg::Lock::Timeout=300 -o Acquire::Retries=3 install --no-install-recommends "${missing[@]}"
}

# download <url> <sha256> <file>: refuses content with another digest, and leaves no partial file.
download() {
  local partial=$3.partial
  if [ -f "$3" ] && printf '%s  %s\n' "$2" "$3" | sha256sum --check --status; then return 0; fi
  curl --fail --location --silent --show-error --proto '=https' --retry 5 --retry-delay 3 --output "$partial" "$1"
  printf '%s  %s\n' "$2" "$partial" | sha256sum --check --status || {
    local found
    found=$(sha256sum "$partial" | cut -d' ' -f1)
    rm -f "$partial"
    fail "$1 has the SHA-256 $found, but $2 is pinned. Check what was published, then change packer/pins.json."
  }
  mv "$partial" "$3"
}

# write_file <path> <mode>: installs standard input, whole or not at all.
write_file() {
  local new
  new=$(mktemp "$1.XXXXXX")
  cat >"$new"
  chmod "$2" "$new"
  mv "$new" "$1"
}

# as_builder <command>...: runs it as builder's builds run.
# shellcheck disable=SC2034 # Used by the steps.
builder_env=(env HOME=/home/builder PATH=/home/builder/.ghcup/bin:/usr/bin:/bin)
as_builder() { runuser -u builder -- "${builder_env[@]}" "$@"; }
