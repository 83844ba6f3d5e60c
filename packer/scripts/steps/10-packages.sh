#!/usr/bin/env bash
# What building Haskell needs from the distribution: a C tool chain, the libraries that common packages bind to, and
# what the agent and the tunnel run on.
# shellcheck source=packer/scripts/lib.sh
. "$(dirname -- "$0")/../lib.sh"

machine=(openssh-server sudo ca-certificates curl git rsync zstd xz-utils nodejs autossh cloud-guest-utils)
build=(build-essential pkg-config)
# gmp, zlib and ncurses for nearly everything; ffi and numa for GHC's own bindists; the rest for what Hackage binds to most.
libraries=(libgmp-dev zlib1g-dev libncurses-dev libffi-dev libnuma-dev libssl-dev libpq-dev liblzma-dev libicu-dev)
read -r -a extra <<<"${EXTRA_PACKAGES:-}"

install_packages "${machine[@]}" "${build[@]}" "${libraries[@]}" "${extra[@]}"

for package in "${machine[@]}" "${build[@]}" "${libraries[@]}" "${extra[@]}"; do
  is_installed "$package" || fail "$package is not installed."
done
node_major=$(node --version | sed 's/^v\([0-9]*\).*/\1/')
[ "$node_major" -ge 18 ] || fail "The agent needs Node 18 or later; this system has $(node --version)."
