#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Run the measurements of selftests/bench in a virtual machine that counts
# instructions instead of time: their figures repeat from run to run.

set -eu
. "$(dirname "$0")/common.sh"

# shellcheck disable=SC2016	# expanded in the guest
exec "$repo/selftests/vm/boot.sh" --icount --timeout 1800 --log "$repo/build/bench" -- bash -euc '
	modprobe vivid n_devs=2 allocators=0,1
	modprobe vgem
	insmod build/$(uname -r)/driver/dmabuf-heap.ko
	export LD_LIBRARY_PATH=$repo/build/lib
	for program in $(find build/selftests/bench -type f -perm -u=x | sort); do
		echo "# ${program##*/}"
		"$program"
	done'
