#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Print what the heap costs: in a machine that counts instructions, so that
# figures repeat from run to run, and for memory in a machine that has little.

set -eu
repo=$(cd "$(dirname "$0")/../.." && pwd -P)

boot()
{
	local what=$1

	shift
	"$repo/selftests/vm/boot.sh" "$@" --timeout 900 -- bash -euc "
		modprobe vgem
		modprobe cirrus
		insmod build/\$(uname -r)/driver/dmabuf-heap.ko
		insmod build/\$(uname -r)/kmod/bare.ko
		build/selftests/bench/bench $what"
}

rc=0
boot "create share times" --icount || rc=1
boot "many" --mem 512M || rc=1
exit $rc
