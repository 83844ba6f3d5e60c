#!/usr/bin/env bash
# Removes what must not be in an image: identity, secrets, the installer's rights, caches. Development packages stay:
# "apt autoremove" takes them for leftovers, and builds break. Runs last; afterwards only a power-off makes sense.
# shellcheck source=packer/scripts/lib.sh
. "$(dirname -- "$0")/../lib.sh"

# What is inside, for the bill of materials and the lock file; packer-build fetches it.
report=/usr/share/build-machine-report
{
  # shellcheck source=/dev/null
  printf 'system %s %s\n' "$(. /etc/os-release && printf '%s %s' "$ID" "$VERSION_ID")" "$(uname -m)"
  for tool in ghc cabal stack haskell-language-server-wrapper; do
    for candidate in "/home/builder/.ghcup/bin/$tool"-[0-9]* "/usr/bin/$tool"; do
      [ -x "$candidate" ] || continue
      printf 'toolchain %s %s\n' "${tool%-wrapper}" "$("$candidate" --numeric-version)"
    done
  done | sort -u
  # shellcheck disable=SC2016 # dpkg-query's own placeholders.
  dpkg-query -W -f 'package ${Package} ${Version} ${Architecture}\n'
} | write_file "$report" 0644

# The one-time password of this image, as a hash; known outside only to the file beside the image.
if [ -s "$PAYLOAD/one-time-password.hash" ]; then
  sed 's/^/builder:/' "$PAYLOAD/one-time-password.hash" | chpasswd --encrypted
fi

apt-get clean
rm -rf /var/lib/apt/lists/* /var/cache/apt/*.bin
rm -f /etc/ssh/ssh_host_* /etc/sudoers.d/90-installer /etc/sudoers.d/90-cloud-init-users
rm -f /home/builder/.bash_history /root/.bash_history /home/builder/.ssh/authorized_keys /root/.ssh/authorized_keys
rm -rf /var/lib/build-agent/* /var/lib/cloud/instances /var/lib/dhcp/*.leases /etc/build-agent/* /etc/build-agent.env
rm -f /var/lib/systemd/random-seed /var/lib/dbus/machine-id
: >/etc/machine-id
journalctl --quiet --rotate --vacuum-time=1s || : # There is no journal on disk: nothing to remove.
find /var/log -type f -exec truncate --size=0 {} +
rm -rf "$PAYLOAD"

# Free space costs room in the image unless the disk knows that it is free: say so, or fill it with zeros.
sync
if ! fstrim --verbose /; then
  dd if=/dev/zero of=/zero bs=4M status=none || : # Ends when the disk is full, as it must.
  rm -f /zero
  sync
fi

for leftover in /etc/ssh/ssh_host_* /etc/sudoers.d/90-* /home/builder/.ssh/authorized_keys "$PAYLOAD"; do
  [ ! -e "$leftover" ] || fail "$leftover is still in the image."
done
[ ! -s /etc/machine-id ] || fail '/etc/machine-id still names this machine.'
grep -q '^toolchain ghc ' "$report" || fail 'no GHC was found for the report.'
is_installed libgmp-dev || fail 'libgmp-dev was removed.'
