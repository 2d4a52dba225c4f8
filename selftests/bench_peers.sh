#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Is our buffers' work no slower than the system heap's? For a boot that counts instructions.
[ -e /dev/dma_heap/system ] || { echo "1..0 # SKIP no system heap, which 6.12 has" && exit 4; }
exec "$BUILD/selftests/bench/bench" bar
