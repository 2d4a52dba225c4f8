#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Print what the heap costs, next to others: by the clock, in a machine that counts
# instructions, so that figures repeat from run to run, and for memory in a machine
# that has little; and what becomes of everybody's buffers when devices share them,
# without and with an IOMMU. What is printed is kept in build/bench/, with all figures
# as JSON. KERNEL names the kernel to boot.
# shellcheck disable=SC2016	# the dollars are the guest's

set -eu
repo=$(cd "$(dirname "$0")/../.." && pwd -P)
out=$repo/build/bench
export KERNEL=${KERNEL:-6.12}

guest='
	modprobe vgem
	modprobe cirrus
	for module in driver/dmabuf-heap kmod/bare kmod/mapper; do
		insmod "build/$(uname -r)/$module.ko"
	done
	if [ "$1" = sets ]; then
		modprobe vivid n_devs=2 allocators=0,1
		insmod "build/$(uname -r)/kmod/edu.ko"
	fi
	exec build/selftests/bench/bench -j "$job/figures.json" "$@"'

# boot NAME OPTION... -- WORD...: run the benchmarks; their figures -> NAME.json.
boot()
{
	local name=$1 rc=0
	local -a options=()

	shift
	while [ "$1" != -- ]; do
		options+=("$1")
		shift
	done
	shift
	echo "== $name"
	"$repo/selftests/vm/boot.sh" --log "$out/$name" --timeout 3000 "${options[@]}" -- \
		bash -euc "$guest" bench "$@" || rc=$?
	mv "$out/$name/figures.json" "$out/$name.json" || rc=1
	rm -rf "${out:?}/$name"
	return $rc
}

# The figures of all boots as one.
collect()
{
	local name comma=

	echo "{"
	for name; do
		[ -e "$out/$name.json" ] || continue
		printf '%s"%s": ' "$comma" "$name"
		cat "$out/$name.json"
		rm "$out/$name.json"
		comma=,
	done
	echo "}"
}

rm -rf "$out"
mkdir -p "$out"
{
	rc=0
	boot clock -- peers query memory || rc=1
	boot instructions --icount -- create share peers query || rc=1
	boot little-memory --mem 512M -- many || rc=1
	boot stress --mem 1G -- stress || rc=1
	boot sets --mem 6G -- sets || rc=1
	boot sets-iommu --mem 6G --iommu -- sets || rc=1
	collect clock instructions little-memory stress sets sets-iommu >"$out/bench.json"
	echo "This is build/bench/bench.txt; all figures are in build/bench/bench.json."
	exit $rc
} 2>&1 | sed -u 's/^# //' | tee "$out/bench.txt"
exit "${PIPESTATUS[0]}"
