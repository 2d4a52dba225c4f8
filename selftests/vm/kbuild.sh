#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# kbuild.sh FOLDER ARGUMENT...: run make as building a module for this kernel of
# kernel.sh's wants it. kbuild.sh --user FOLDER prints make's arguments for building
# programs that run on it.

set -eu
what=$1
[ "$what" != --user ] || shift
folder=$1
shift
# Nothing here looks at BTF, and it would take another program to make.
[ "$what" = --user ] || set -- CONFIG_DEBUG_INFO_BTF_MODULES= "$@"
build=$folder/lib/modules/$(cat "$folder/release")/build
cross=$folder/cross/usr

if [ -d "$folder/cross" ]; then
	# The compiler was unpacked, not installed, and so were its libraries.
	tools=$cross/bin/aarch64-linux-gnu-
	if [ "$what" = --user ]; then
		echo "CC='${tools}gcc-12 --sysroot=$folder/root' AR=${tools}ar NM=${tools}nm" \
			"CXX= PKG_CONFIG_SYSROOT_DIR=$folder/root"
		exit
	fi
	export LD_LIBRARY_PATH=$cross/lib/x86_64-linux-gnu
	exec make -C "$build" ARCH=arm64 CROSS_COMPILE="$tools" CC="${tools}gcc-12" "$@"
elif [ "$what" = --user ]; then
	exit
elif [ -d "$folder/tree" ]; then
	exec "$(dirname "$0")/inside.sh" "$folder/tree" make -C "$build" "$@"
fi
exec make -C "$build" "$@"
