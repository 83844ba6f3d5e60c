#!/usr/bin/env bash
# sshd as a build machine needs it. Passwords stay allowed until injection has put keys in their place.
# shellcheck source=packer/scripts/lib.sh
. "$(dirname -- "$0")/../lib.sh"

# sshd takes the first value it meets, so this file sorts before 50-cloud-init.conf.
write_file /etc/ssh/sshd_config.d/10-build-machine.conf 0644 <<'SSHD'
PermitRootLogin no
AllowUsers builder
PasswordAuthentication yes
KbdInteractiveAuthentication no
X11Forwarding no
# The agent listens on a Unix socket only; this is how a client reaches it.
AllowStreamLocalForwarding local
AllowTcpForwarding local
ClientAliveInterval 15
ClientAliveCountMax 3
# A busy client opens one channel per run, session and transfer.
MaxSessions 64
SSHD
# The way in stays open under any load; sshd protects itself from the want of memory already.
install -d -m 0755 /etc/systemd/system/ssh.service.d
write_file /etc/systemd/system/ssh.service.d/10-build-machine.conf 0644 <<'UNIT'
[Service]
CPUWeight=1000
IOWeight=1000
UNIT
systemctl daemon-reload
grep -qs '^Include /etc/ssh/sshd_config.d/' /etc/ssh/sshd_config ||
  sed -i '1i Include /etc/ssh/sshd_config.d/*.conf' /etc/ssh/sshd_config

sshd -t
# sshd reads the file when it starts; the build's own connection, which may be another account, stays as it is.
effective=$(sshd -T)
grep -qx 'allowstreamlocalforwarding local' <<<"$effective" || fail 'sshd does not read 10-build-machine.conf.'
