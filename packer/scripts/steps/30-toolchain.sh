#!/usr/bin/env bash
# The compilers: pinned versions from GHCup, or those of the distribution.
# shellcheck source=packer/scripts/lib.sh
. "$(dirname -- "$0")/../lib.sh"

install_from_debian() {
  install_packages ghc cabal-install
  ghc --numeric-version
  cabal --numeric-version
}

# GHCup itself is checked against the pin; the compilers against the digests in its metadata, which is pinned too.
install_from_ghcup() {
  local arch url sha256 tool version ghc_versions
  # shellcheck source=/dev/null
  . "$PAYLOAD/pins.env"
  arch=$(uname -m)
  case $arch in
    x86_64) url=$GHCUP_X86_64_URL sha256=$GHCUP_X86_64_SHA256 ;;
    aarch64) url=$GHCUP_AARCH64_URL sha256=$GHCUP_AARCH64_SHA256 ;;
    *) fail "GHCup has no pinned program for $arch." ;;
  esac
  install -d -o builder -g builder /home/builder/.ghcup /home/builder/.ghcup/bin
  download "$url" "$sha256" /home/builder/.ghcup/bin/ghcup
  chmod 0755 /home/builder/.ghcup/bin/ghcup
  download "$GHCUP_METADATA_URL" "$GHCUP_METADATA_SHA256" /home/builder/.ghcup/metadata.yaml
  chown -R builder:builder /home/builder/.ghcup

  read -r -a ghc_versions <<<"${GHC_VERSIONS:-}"
  [ ${#ghc_versions[@]} -gt 0 ] || fail 'GHC_VERSIONS names no version.'
  for version in "${ghc_versions[@]}"; do ghcup_install ghc "$version"; done
  as_builder ghcup set ghc "${ghc_versions[0]}"
  for tool in cabal:${CABAL_VERSION:-} stack:${STACK_VERSION:-} hls:${HLS_VERSION:-}; do
    version=${tool#*:}
    [ -n "$version" ] || continue
    ghcup_install "${tool%%:*}" "$version"
    as_builder ghcup set "${tool%%:*}" "$version"
  done
  as_builder ghcup gc --cache --tmpdirs
  write_file /home/builder/.ghcup/env 0644 <<'ENV'
export PATH="$HOME/.ghcup/bin:$HOME/.cabal/bin:$PATH"
ENV
  chown builder:builder /home/builder/.ghcup/env
  # shellcheck disable=SC2016 # Expanded by the login shell.
  grep -qs '\.ghcup/env' /home/builder/.profile || printf '%s\n' '. "$HOME/.ghcup/env"' >>/home/builder/.profile

  for version in "${ghc_versions[@]}"; do
    [ "$(as_builder "ghc-$version" --numeric-version)" = "$version" ] || fail "ghc-$version is not what its name says."
  done
}

ghcup_install() {
  as_builder ghcup whereis "$1" "$2" >/dev/null 2>&1 && return 0
  as_builder ghcup --url-source file:///home/builder/.ghcup/metadata.yaml install "$1" "$2"
}

# A configuration that is there already is its owner's, and stays.
has_cabal_config() { [ -e /home/builder/.cabal/config ] || [ -e /home/builder/.config/cabal/config ]; }

# Without a configuration cabal writes one that names Hackage, and then asks Hackage for its package list before it
# builds anything. Debian's compilers are for machines that need not reach the Internet, so that file names no server.
write_cabal_config_without_server() {
  if has_cabal_config; then return 0; fi
  install -d -o builder -g builder /home/builder/.cabal
  write_file /home/builder/.cabal/config 0644 <<'CONFIG'
-- This machine has no package server: packages come from GHC's own database (apt-install libghc-…-dev) and from the
-- workspace. On a machine that reaches one, remove the dashes of these lines and run `cabal update`:
-- repository hackage.haskell.org
--   url: https://hackage.haskell.org/
--   secure: True
CONFIG
  chown builder:builder /home/builder/.cabal/config
}

# GHCup's compilers bring few libraries, so that such a machine needs Hackage. Its package list is fetched now, while the
# network is known to work; `cabal update` on the machine brings newer packages.
fetch_package_list() {
  if has_cabal_config; then return 0; fi
  as_builder cabal update
}

case ${TOOLCHAIN_SOURCE:-ghcup} in
  ghcup)
    install_from_ghcup
    if [ -n "${CABAL_VERSION:-}" ]; then fetch_package_list; fi
    ;;
  debian)
    install_from_debian
    write_cabal_config_without_server
    ;;
  *) fail "TOOLCHAIN_SOURCE is '$TOOLCHAIN_SOURCE', but must be ghcup or debian." ;;
esac
