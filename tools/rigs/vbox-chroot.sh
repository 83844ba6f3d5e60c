#!/usr/bin/env bash
# Builds and caches a chroot with the real VBoxManage (VirtualBox of Debian's sid, which is the only suite that has it),
# for driving everything short of starting a VM: there is no kernel driver. Prints the folder of the chroot.
set -euo pipefail
# shellcheck source=tools/rigs/rig-lib.sh
. "$(dirname -- "$0")/rig-lib.sh"

key=$(content_key "$(cat "$0" "$repo_root/tools/rigs/rig-lib.sh")" "$(debian_mirror)")
folder=$rig_cache/vbox-chroot/$key

if [ -e "$folder/usr/bin/VBoxManage" ]; then
  touch "$folder"
  printf '%s\n' "$folder"
  exit 0
fi

require_root
install_missing mmdebstrap=mmdebstrap
mkdir -p "$rig_cache/vbox-chroot"
partial=$(mktemp -d "$folder.partial.XXXXXX")
trap 'rm -rf --one-file-system "$partial"' EXIT
say "Building a chroot with VirtualBox in $folder (about forty seconds) ..."
run_mmdebstrap --variant=apt --components=main,contrib --include=virtualbox sid "$partial" \
  "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $(debian_mirror) sid main contrib"
rm -rf "$partial"/var/cache/apt/archives/*.deb "$partial"/var/lib/apt/lists/*
chmod 0755 "$partial"
mv "$partial" "$folder"
trap - EXIT
keep_newest "$rig_cache/vbox-chroot" 1
printf '%s\n' "$folder"
