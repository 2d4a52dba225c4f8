#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Fuzz the driver in a virtual machine. From the environment:
#   TIME    seconds; no round begins after that (300)
#   TOTAL   calls after which it ends, however much time is left
#   SEED    where all choices come from (one by the clock)
#   ROUND   only this round of SEED; reads what an earlier run has left in the corpus
#   KERNEL  which kernel to boot
#   ARGS    more for build/selftests/fuzz, whose --help is its usage
# What is printed, the console and the corpus are kept in build/fuzz/. Exits with 1
# when something was found; seed and round of it are printed.
# shellcheck disable=SC2016	# the dollars are the guest's

set -eu
. "$(dirname "$0")/common.sh"

seconds=${TIME:-300}
seed=${SEED:-$(date +%s)}
log=$repo/build/fuzz
limit=$((seconds * 3 + 1200))

# Splats of the boot before the first call aren't looked at: that is the suite's. The
# lowest nodes get the most calls: of the memory-to-memory device, where each file has
# queues of its own, and of the first camera.
guest='
	for module in vim2m vgem cirrus vkms; do
		modprobe -nq $module && modprobe $module
	done
	modprobe vivid n_devs=2 allocators=1,0
	build=$repo/build/$(uname -r)
	insmod "$build/${VARIANT:-driver}/dmabuf-heap.ko"
	insmod "$build/kmod/mapper.ko"
	rc=0
	"${BUILD:-$repo/build}/selftests/fuzz" --corpus "$job/corpus" "$@" || rc=$?
	dmesg >"$job/dmesg"
	exit $rc'

arguments=(--seed "$seed" --time "$seconds" --unbind --fail --leaks)
[ -z "${TOTAL:-}" ] || arguments+=(--total "$TOTAL")
if [ -n "${ROUND:-}" ]; then
	arguments+=(--round "$ROUND")
else
	rm -rf "$log"
fi
mkdir -p "$log"

# shellcheck disable=SC2086	# ARGS is a list of words
"$repo/selftests/vm/boot.sh" ${KERNEL:+--kernel "$KERNEL"} --mem 3G --timeout $limit --log "$log" \
	--append 'log_buf_len=8M init_on_alloc=0' -- \
	env VARIANT="${VARIANT:-}" bash -c "$guest" fuzz "${arguments[@]}" ${ARGS:-} |
	tee "$log/output.txt"
exit "${PIPESTATUS[0]}"
