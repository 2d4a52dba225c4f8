#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# kbuild.sh FOLDER ARGUMENT...: run make as building a module for this kernel of
# kernel.sh's wants it. kbuild.sh --user FOLDER ARGUMENT...: run make for programs
# that the kernel will run.

set -eu
user=
[ "$1" != --user ] || { user=yes && shift; }
folder=$1
shift
tools=()
environment=()

if [ -d "$folder/cross" ]; then
	# The compiler was unpacked, not installed, and so were its libraries.
	prefix=$folder/cross/usr/bin/aarch64-linux-gnu-
	root=$folder/root
	environment=(LD_LIBRARY_PATH="$folder/cross/usr/lib/x86_64-linux-gnu"
		PKG_CONFIG_LIBDIR="$root/usr/lib/aarch64-linux-gnu/pkgconfig"
		PKG_CONFIG_SYSROOT_DIR="$root")
	if [ -n "$user" ]; then
		tools=(CC="${prefix}gcc-12 --sysroot=$root" AR="${prefix}ar" NM="${prefix}nm" CXX=none)
	else
		tools=(ARCH=arm64 CROSS_COMPILE="$prefix" CC="${prefix}gcc-12")
	fi
fi
inside=()
if [ -z "$user" ]; then
	# Nothing here looks at BTF, and pahole would be needed to make it.
	tools+=(-C "$folder/lib/modules/$(cat "$folder/release")/build"
		CONFIG_DEBUG_INFO_BTF_MODULES= CONFIG_PAHOLE_VERSION=0 PAHOLE=false)
	[ ! -d "$folder/tree" ] || inside=("$(dirname "$0")/inside.sh" "$folder/tree")
fi
exec env "${environment[@]}" "${inside[@]}" make "${tools[@]}" "$@"
