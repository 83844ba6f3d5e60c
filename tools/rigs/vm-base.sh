#!/usr/bin/env bash
# Builds and caches a small Debian disk that boots by BIOS: the test stand-in for what Ubuntu's autoinstall leaves behind.
# Prints the folder that holds it:
#   base.qcow2       partitioned disk with GRUB; systemd, sshd, and account `builder` with sudo
#   password         the temporary password of `builder` (0600)
#   packages         what is installed, one `name version` a line
# The compiler and the libraries are preinstalled by the host's own CPU: under emulation apt would need many minutes.
# The provisioning scripts still run in full, and find their packages present.
set -euo pipefail
# shellcheck source=tools/rigs/rig-lib.sh
. "$(dirname -- "$0")/rig-lib.sh"

suite=bookworm
disk_mib=6144
packages=(
  linux-image-cloud-amd64 systemd-sysv systemd-timesyncd udev dbus ifupdown isc-dhcp-client iproute2
  openssh-server sudo ca-certificates cloud-guest-utils curl gnupg xz-utils zstd rsync less procps kmod util-linux
  autossh git nodejs build-essential pkg-config
  libgmp-dev zlib1g-dev libncurses-dev libffi-dev libssl-dev libpq-dev libnuma-dev libtinfo-dev liblzma-dev libicu-dev
  ghc cabal-install ${VM_BASE_EXTRA_PACKAGES:-}
)
key=$(content_key "$(cat "$0" "$repo_root/tools/rigs/rig-lib.sh")" "${packages[*]}" "$(debian_mirror)")
folder=$rig_cache/vm-base/$key

if [ -e "$folder/base.qcow2" ]; then
  touch "$folder"
  printf '%s\n' "$folder"
  exit 0
fi

require_root
install_missing mmdebstrap=mmdebstrap qemu-img=qemu-utils mke2fs=e2fsprogs sfdisk=fdisk \
  /usr/lib/grub/i386-pc/boot.img=grub-pc-bin grub-mkimage=grub-common openssl=openssl

mkdir -p "$rig_cache/vm-base"
partial=$(mktemp -d "$folder.partial.XXXXXX")
root=$partial/root
trap 'rm -rf --one-file-system "$partial"' EXIT

password=$(openssl rand -hex 12)
say "Building a Debian $suite disk in $folder (about a minute and a half) ..."
# The hooks are single-quoted on purpose: mmdebstrap runs them, with the root folder as $1.
# shellcheck disable=SC2016
run_mmdebstrap --variant=minbase --include="$(printf '%s ' "${packages[@]}")" \
  --customize-hook='printf "auto lo\niface lo inet loopback\nallow-hotplug eth0\niface eth0 inet dhcp\n" >"$1/etc/network/interfaces"' \
  --customize-hook='echo haskell-build >"$1/etc/hostname"; printf "127.0.0.1 localhost\n127.0.1.1 haskell-build\n" >"$1/etc/hosts"' \
  --customize-hook='echo "/dev/vda1 / ext4 rw,discard 0 1" >"$1/etc/fstab"' \
  --customize-hook='chroot "$1" useradd --create-home --shell /bin/bash --groups sudo builder' \
  --customize-hook='echo "builder ALL=(ALL) NOPASSWD: ALL" >"$1/etc/sudoers.d/90-installer"; chmod 0440 "$1/etc/sudoers.d/90-installer"' \
  --customize-hook='ln -sf /lib/systemd/system/serial-getty@.service "$1/etc/systemd/system/getty.target.wants/serial-getty@ttyS0.service"' \
  "$suite" "$root" \
  "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $(debian_mirror) $suite main"
openssl passwd -6 -stdin <<<"$password" | sed 's/^/builder:/' | chroot "$root" chpasswd --encrypted
chroot "$root" dpkg-query -W -f '${Package} ${Version}\n' >"$partial/packages"

kernel=$(basename -- "$root"/boot/vmlinuz-*)
mkdir -p "$root/boot/grub"
cat >"$root/boot/grub/grub.cfg" <<GRUB
serial --unit=0 --speed=115200
terminal_output serial
set timeout=0
menuentry "Debian" {
  linux /boot/$kernel root=/dev/vda1 rw console=ttyS0 net.ifnames=0
  initrd /boot/initrd.img-${kernel#vmlinuz-}
}
GRUB

# No loop device: mke2fs fills the partition through an offset, and GRUB's two parts go where grub-bios-setup puts them
# (boot.img into the MBR's code area, core.img into the gap behind it).
raw=$partial/base.raw
truncate -s "${disk_mib}M" "$raw"
echo 'label: dos
start=2048, type=83, bootable' | sfdisk --quiet "$raw" >&2
mke2fs -q -t ext4 -d "$root" -E offset=$((2048 * 512)) "$raw" "$((disk_mib - 2))M" >&2
grub-mkimage -O i386-pc -p '(hd0,msdos1)/boot/grub' -o "$partial/core.img" \
  biosdisk part_msdos ext2 linux normal serial terminal configfile
dd if=/usr/lib/grub/i386-pc/boot.img of="$raw" bs=440 count=1 conv=notrunc status=none
dd if="$partial/core.img" of="$raw" bs=512 seek=1 conv=notrunc status=none

qemu-img convert -f raw -O qcow2 "$raw" "$partial/base.qcow2"
(umask 077 && printf '%s\n' "$password" >"$partial/password")
rm -rf --one-file-system "$root" "$raw" "$partial/core.img"
chmod 0755 "$partial"
mv "$partial" "$folder"
trap - EXIT
keep_newest "$rig_cache/vm-base" 2
printf '%s\n' "$folder"
