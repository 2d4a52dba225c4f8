#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# inside.sh TREE COMMAND...: run a command with TREE as its root folder, where the
# repository, the cache and what the kernel shows in /proc are at their own places.
# Needs no root where users may have namespaces.

set -eu
. "$(dirname "$0")/common.sh"
tree=$1
shift

if [ -z "${DMABUF_HEAP_INSIDE:-}" ]; then
	who=()
	[ "$(id -u)" -eq 0 ] || who=(--user --map-root-user)
	DMABUF_HEAP_INSIDE=yes exec unshare "${who[@]}" --mount -- "$0" "$tree" "$@"
fi
for place in /proc /dev "$repo" "$cache"; do
	mkdir -p "$tree$place"
	mount --rbind "$place" "$tree$place"
done
export PATH=/usr/sbin:/usr/bin:/sbin:/bin
exec chroot "$tree" "$@"
