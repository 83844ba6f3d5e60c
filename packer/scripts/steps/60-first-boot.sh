#!/usr/bin/env bash
# Identity is made at first boot, so that two machines from one image differ; the file system fills the disk that the
# machine was given; the network follows any hypervisor; the console is on the serial port, where a boot that hangs can
# be read.
# shellcheck source=packer/scripts/lib.sh
. "$(dirname -- "$0")/../lib.sh"

units=(build-machine-identity build-machine-address build-machine-grow)
for unit in "${units[@]}"; do
  install -m 0755 "$files/$unit" "/usr/local/sbin/$unit"
  install -m 0644 "$files/$unit.service" /etc/systemd/system/
done
systemctl daemon-reload
systemctl enable --quiet "${units[@]/%/.service}"

# cloud-init would make host keys and accounts of its own at the next boot.
if [ -d /etc/cloud ]; then touch /etc/cloud/cloud-init.disabled; fi

# The installer wrote down the name of the card it saw, which is another one under another hypervisor. DHCP by hardware
# address: the default, machine-id, changes at first boot and would draw a second address.
if [ -d /etc/netplan ]; then
  rm -f /etc/netplan/*.yaml
  write_file /etc/netplan/10-build-machine.yaml 0600 <<'NETPLAN'
network:
  version: 2
  ethernets:
    wired:
      match:
        name: 'e*'
      dhcp4: true
      dhcp-identifier: mac
NETPLAN
  netplan generate
fi

if [ -d /etc/default/grub.d ] && command -v update-grub >/dev/null; then
  write_file /etc/default/grub.d/50-build-machine.cfg 0644 <<'GRUB'
GRUB_TIMEOUT=1
GRUB_CMDLINE_LINUX="console=tty0 console=ttyS0,115200"
GRUB
  update-grub
fi

for unit in "${units[@]}"; do
  systemctl is-enabled --quiet "$unit.service" || fail "$unit.service is not enabled."
done
