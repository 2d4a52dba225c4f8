#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Does a buffer of ours serve each set of devices that were declared? For a boot with memory
# above 4 GiB. Of others' buffers there the kernel may complain that it can't even bounce.
[ -e /dev/dma_heap/system ] || { echo "1..0 # SKIP no system heap, which 6.12 has" && exit 4; }
rc=0
"$BUILD/selftests/bench/bench" sets || rc=$?
dmesg | awk '
	/selftest: bench_sets$/ { count = 0 }
	/WARNING: .* kernel\/dma\// { count++ }
	END { while (count-- > 0) print "# expect-splat: kernel/dma/" }'
exit $rc
