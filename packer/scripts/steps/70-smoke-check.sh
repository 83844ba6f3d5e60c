#!/usr/bin/env bash
# Compiles, links and runs a program against gmp and zlib with every compiler of the image. A tool chain that only prints
# its version proves little: what fails in practice is the linking.
# shellcheck source=packer/scripts/lib.sh
. "$(dirname -- "$0")/../lib.sh"

work=$(mktemp -d /tmp/smoke.XXXXXX)
trap 'rm -rf "$work"' EXIT
cp "$files/Smoke.hs" "$work/"
chown -R builder:builder "$work"

compilers=()
for candidate in /home/builder/.ghcup/bin/ghc-[0-9]*.[0-9]*.[0-9]* /usr/bin/ghc; do
  [ -x "$candidate" ] && compilers+=("$candidate")
done
[ ${#compilers[@]} -gt 0 ] || fail 'The image has no GHC.'

for ghc in "${compilers[@]}"; do
  version=$("$ghc" --numeric-version)
  (cd "$work" && runuser -u builder -- "$ghc" -v0 -fforce-recomp -o "smoke-$version" Smoke.hs -lgmp -lz)
  answer=$(runuser -u builder -- "$work/smoke-$version")
  # 2^200 needs gmp; 3421780262 is the CRC-32 check value of "123456789".
  [ "$answer" = '1606938044258990275541962092341162602522202993782792835301376 3421780262' ] ||
    fail "the program that GHC $version built answered: $answer"
  printf 'GHC %s compiles, links gmp and zlib, and runs\n' "$version"
done

# What needs no foreign package must build without a network, whatever cabal is configured with.
for cabal in /home/builder/.ghcup/bin/cabal /usr/bin/cabal; do
  [ -x "$cabal" ] || continue
  install -d -o builder -g builder "$work/package"
  # Written here: a workspace with a copy of these scripts would take a .cabal file among them for one of its packages.
  printf '%s\n' 'cabal-version: 2.4' 'name: smoke' 'version: 1' '' 'executable smoke' '  main-is: Main.hs' \
    '  build-depends: base' '  default-language: Haskell2010' >"$work/package/smoke.cabal"
  printf '%s\n' 'main :: IO ()' 'main = putStrLn "built without a network"' >"$work/package/Main.hs"
  answer=$(cd "$work/package" && unshare --net runuser -u builder -- "${builder_env[@]}" "$cabal" run -v1 smoke) ||
    fail "$cabal builds nothing without a network: $answer"
  [[ $answer == *'built without a network'* ]] || fail "the program that $cabal built answered: $answer"
  printf '%s builds a package without a network\n' "$cabal"
  break
done
