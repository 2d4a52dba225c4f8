#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# The guest's /init, run by busybox from the initramfs: mounts the host's root
# folder read-only, lays a RAM disk over it so that writes stay in the guest,
# mounts the rest, and hands over to guest.sh. The kernel command line gives
# repo=, job= and kernel=, the paths of the repository, of this boot's folder
# and of the unpacked kernel; they are the same in the guest as on the host.
# shellcheck disable=SC2154,SC2094

mount -t devtmpfs dev /dev
mount -t proc proc /proc
mount -t sysfs sysfs /sys
while read -r module; do
	insmod "/modules/$module"
done </modules/order

nine=trans=virtio,version=9p2000.L,msize=512000
mkdir -p /host /ram /root
mount -t 9p -o ro,cache=loose,$nine host /host
mount -t tmpfs -o mode=755,size=75% ram /ram
mkdir /ram/upper /ram/work
# Where the host's programs don't run, there are others to lay over them.
lower=/host
mkdir -p /programs
if grep -q programs /sys/bus/virtio/drivers/9pnet_virtio/*/mount_tag; then
	mount -t 9p -o ro,cache=loose,$nine programs /programs
	lower=/programs:/host
fi
mount -t overlay -o lowerdir=$lower,upperdir=/ram/upper,workdir=/ram/work root /root

cd /root || exit
mkdir -p lib/modules
mount -t tmpfs tmpfs lib/modules
ln -s "$kernel/lib/modules/$(uname -r)" lib/modules/
mount -t 9p -o $nine job ".$job"
mount -t tmpfs tmpfs run
mount -t proc proc proc
mount -t sysfs sysfs sys
mount -t debugfs debugfs sys/kernel/debug
mount -t tracefs tracefs sys/kernel/tracing
mount -t cgroup2 cgroup2 sys/fs/cgroup
mount -t devtmpfs dev dev
mkdir -p dev/pts dev/shm dev/virtio-ports
mount -t devpts devpts dev/pts
mount -t tmpfs tmpfs dev/shm
ln -sf /proc/self/fd dev/fd
for port in sys/class/virtio-ports/*; do
	read -r name <"$port/name"
	ln -s "/dev/${port##*/}" "dev/virtio-ports/$name"
done
umount /proc /sys /dev

cd /
exec switch_root /root /bin/bash "$repo/selftests/vm/guest.sh" </root/dev/console >/root/dev/console 2>&1
