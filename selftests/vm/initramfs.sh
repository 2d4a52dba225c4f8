#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# initramfs.sh KERNEL: pack busybox, init.sh and the modules that the guest needs
# to reach the host's files into an initramfs, kept in the kernel's folder until
# one of the scripts changes. Prints its path.

set -eu
. "$(dirname "$0")/common.sh"

kernel=$1
modules=(virtio_pci virtio_console 9pnet_virtio 9p overlay)
# The kernel's own root folder has one where the machine's would not run.
busybox=$kernel/root/usr/bin/busybox
[ -e "$busybox" ] || busybox=$(command -v busybox) || die "busybox-static is not installed"
pack=$(command -v busybox) || die "busybox-static is not installed"

id=$(cat "$repo"/selftests/vm/{init,initramfs}.sh "$busybox" | sha256sum | cut -c 1-16)
image=$kernel/initramfs-$id
if [ ! -s "$image" ]; then
	tmp=$(mktemp -d "$cache/tmp.XXXXXX")
	trap 'rm -rf "$tmp"' EXIT
	mkdir -p "$tmp"/root/{bin,dev,modules,proc,sys}
	cd "$tmp/root"
	cp "$busybox" bin/busybox
	for applet in sh grep insmod ln mkdir mount switch_root umount uname; do
		ln -s busybox "bin/$applet"
	done
	cp "$repo/selftests/vm/init.sh" init
	chmod +x init
	for module in "${modules[@]}"; do
		modprobe -C /dev/null -d "$kernel" -S "$(cat "$kernel/release")" \
			--show-depends "$module"
	done | awk '$1 == "insmod" && !seen[$2]++ { print $2 }' >"$tmp/files"
	while read -r file; do
		name=${file##*/}
		case $name in
		*.xz) xz -dc "$file" >"modules/${name%.xz}" ;;
		*) cp "$file" modules ;;
		esac
		echo "${name%.xz}"
	done <"$tmp/files" >modules/order
	find . | "$pack" cpio -o -H newc >"$tmp/initramfs" 2>/dev/null
	mv "$tmp/initramfs" "$image"
fi
echo "$image"
