# shellcheck shell=bash
# Shared by the test rigs: where they cache, how they key it, how they get their tools. Sourced, never run.

repo_root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.." && pwd)

# The git-ignored cache folder; BUILD_MACHINES_CACHE moves it, for a CI that keeps one between jobs.
rig_cache=${BUILD_MACHINES_CACHE:-$repo_root/.cache}

# stderr, because stdout carries a rig's answer.
say() { printf '%s\n' "$*" >&2; }

die() {
  say "$(basename -- "$0"): $1"
  say "  ${2:-}"
  exit 1
}

# content_key <text>...: 16 hexadecimal digits that change with any of the texts.
content_key() { printf '%s\0' "$@" | sha256sum | cut -c1-16; }

require_root() {
  [ "$(id -u)" = 0 ] || die 'this rig mounts and creates device nodes, so it needs root.' "Run: sudo $0"
}

# install_missing <command>=<package>...: installs the packages whose command is absent.
install_missing() {
  local pair packages=()
  for pair in "$@"; do
    [ -e "${pair%%=*}" ] || command -v "${pair%%=*}" >/dev/null || packages+=("${pair#*=}")
  done
  [ ${#packages[@]} -gt 0 ] || return 0
  say "Installing ${packages[*]} ..."
  DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "${packages[@]}" >&2 ||
    die "apt-get could not install ${packages[*]}." 'Run: apt-get update, then again.'
}

# The Debian mirror that this computer already uses.
debian_mirror() {
  local mirror
  mirror=$(awk '/^URIs: .*debian\/?$/ { print $2; exit }' /etc/apt/sources.list.d/debian.sources 2>/dev/null || true)
  printf '%s\n' "${mirror:-http://deb.debian.org/debian}"
}

# debootstrap_with_apt_options <mmdebstrap arguments>...: without recommended packages, and tolerant of a mirror that is
# frozen in time (whose Release files have expired).
run_mmdebstrap() {
  mmdebstrap --mode=root \
    --aptopt='Apt::Install-Recommends "false"' \
    --aptopt='Acquire::Check-Valid-Until "false"' \
    --aptopt='Acquire::Check-Date "false"' \
    "$@" >&2
}

# keep_newest <folder> <count>: removes all but the newest entries, so that old keys do not fill the disk.
keep_newest() {
  find "$1" -mindepth 1 -maxdepth 1 -type d ! -name '*.partial.*' -printf '%T@ %p\n' |
    sort -rn | tail -n +"$(($2 + 1))" | cut -d' ' -f2- | xargs -r -d '\n' rm -rf --one-file-system
}
