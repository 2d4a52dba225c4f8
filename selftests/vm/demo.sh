#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Play the demo: boot the stock kernel with more memory than devices with 32 bits
# of address can reach, and run demo-guest.sh there. What it says is kept in
# build/demo.txt, what the screen then showed in build/demo.png, and what dmabuf-ctl
# showed of the buffers beside it: graph.png, frame.png and, of a terminal, top.txt.

set -eu -o pipefail
. "$(dirname "$0")/common.sh"

text=build/demo.txt
picture=build/demo.png
job=build/demo
seen=(graph.png frame.png top.txt)

kernel=$("$repo/selftests/vm/kernel.sh")
release=$(cat "$kernel/release")
cd "$repo"
for file in "build/$release/driver/dmabuf-heap.ko" build/tools/dmabuf-{ctl,play}; do
	[ -e "$file" ] || die "$file is not built; make demo builds it first"
done

rm -rf "$text" "$picture" "$job" "${seen[@]/#/build/}"
echo "Booting Debian's kernel $release in QEMU; this takes some seconds." >&2
rc=0
selftests/vm/boot.sh --mem 6G --timeout 300 --log "$job" -- selftests/vm/demo-guest.sh |
	tee "$text" || rc=$?
[ $rc -eq 0 ] || die "the demo stopped early, for the reason above"
[ -s "$picture" ] || die "there is no picture in $picture"
for file in "${seen[@]}"; do
	[ -s "$job/$file" ] || die "the demo has left no $file"
	mv "$job/$file" build
done
