#!/usr/bin/env bash
# The account `builder`, under which agent and builds run, and what it may do as root without a password.
# shellcheck source=packer/scripts/lib.sh
. "$(dirname -- "$0")/../lib.sh"

id builder >/dev/null 2>&1 || useradd --create-home --shell /bin/bash builder
# The journal of the agent and of the tunnel is readable without root.
usermod --append --groups systemd-journal builder
install -d -m 0700 -o builder -g builder /home/builder/.ssh

# apt-get amounts to root: whoever may build on this machine owns it. That is intended: it is a machine for one trust
# domain, disposable, and holds no credential but its own. The list is here to prevent accidents.
write_file /etc/sudoers.d/50-build-machine 0440 <<'SUDOERS'
builder ALL=(root) NOPASSWD: /usr/bin/apt-get, /usr/bin/systemctl, /usr/sbin/reboot, /usr/sbin/poweroff, /usr/local/sbin/build-machine-configure
SUDOERS
visudo --check --quiet --file=/etc/sudoers.d/50-build-machine

install -m 0755 "$files/build-machine-configure" /usr/local/sbin/build-machine-configure

runuser -u builder -- sudo -n /usr/local/sbin/build-machine-configure check >/dev/null ||
  fail 'builder may not run build-machine-configure through sudo.'
