#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# debug.sh FOLDER SOURCE: build the debug kernel, debug.config, from the packed
# kernel source in the current folder, and fill FOLDER as kernel.sh, which calls
# this, describes it. Takes some sixteen CPU minutes and 3 GB, of which 70 MB stay.

set -eu
. "$(dirname "$0")/common.sh"

folder=$1 source=$2
config=$repo/selftests/vm/debug.config
log=$PWD/debug.log

# What building a module needs of a kernel's tree, besides what make makes.
headers=(Makefile arch/x86/Makefile arch/x86/Makefile_32.cpu arch/x86/include include
	scripts)
made=(.config Module.symvers tools/objtool/objtool)

# Everything that debug.config asks for, and nothing else that can be left out. An
# option that Kconfig drops would be a check that nobody makes.
configure()
{
	local line missing=()

	KCONFIG_ALLCONFIG=$config make -s allnoconfig || return
	while read -r line; do
		[[ $line != CONFIG_* ]] || grep -qxF "$line" .config || missing+=("$line")
	done <"$config"
	[ ${#missing[@]} -eq 0 ] || { echo "Kconfig refuses ${missing[*]}" && return 1; }
}

build()
{
	local id=(KBUILD_BUILD_USER=debug KBUILD_BUILD_HOST=debug)

	nice make -s -j"$(nproc)" "${id[@]}" bzImage modules
}

install_kernel()
{
	local release
	release=$(make -s kernelrelease)

	make -s INSTALL_MOD_PATH="$folder" DEPMOD=true modules_install || return
	echo "$release" >"$folder/release"
	cp System.map "$folder" && cp arch/x86/boot/bzImage "$folder/vmlinux" || return
	mkdir "$folder/build"
	tar -c --exclude='*.o' --exclude='.*.cmd' --exclude=include/dt-bindings \
		"${headers[@]}" "${made[@]}" | tar -x -C "$folder/build" || return
	ln -sfn ../../../build "$folder/lib/modules/$release/build"
	ln -sfn ../../../build "$folder/lib/modules/$release/source"
}

# A graphics driver's register descriptions are a third of the whole source.
tar -xf "$source" --exclude='*/drivers/gpu/drm/amd/include' ||
	die "the kernel source can't be unpacked"
cd linux-source-*/
echo "building the debug kernel takes some ten minutes" >&2
for part in configure build install_kernel; do
	$part >"$log" 2>&1 && continue
	tail -n 20 "$log" >&2
	die "the debug kernel fails to build, in step $part"
done
