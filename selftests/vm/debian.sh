# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# How Debian's packages become a kernel's folder; sourced by kernel.sh, which
# describes that folder, after packages.sh. The current folder is for scratch.
# What is made here is made anew whenever this file changes.

series=6.1	# of Debian 12: its sources serve all kernels

# Prints a kernel's release and the version of its packages, as the archive has
# them now.
debian_candidate()
{
	local meta image version

	case $1 in
	arm64) meta=linux-image-arm64 ;;
	*) meta=linux-image-amd64 ;;
	esac
	image=$(packages_meaning $meta 'linux-image-[0-9].*') || return
	version=$(packages_version "$image") || return
	echo "${image#linux-image-} $version"
}

source_members=(
	.clang-format
	tools/testing/selftests/kselftest.h
	tools/testing/selftests/kselftest_harness.h
	scripts/checkpatch.pl
	scripts/const_structs.checkpatch
	scripts/extract-vmlinux
	scripts/kernel-doc
	scripts/spelling.txt
)

# debian_source FOLDER VERSION: the whole source, packed as it came, and in files/
# the few files that everybody needs.
debian_source()
{
	local folder=$1 name=linux-source-$series

	packages_download "$name=$2" || return
	packages_unpack . || return
	mkdir -p "$folder/files"
	tar -xf "usr/src/$name.tar.xz" -C "$folder/files" --strip-components=1 \
		"${source_members[@]/#/$name/}" || return
	mv "usr/src/$name.tar.xz" "$folder"
}

# debian_kernel FOLDER NAME RELEASE VERSION SOURCE
debian_kernel()
{
	local folder=$1 name=$2 release=$3 version=$4 source=$5
	local abi=${release%-*} names

	case $name in
	7.*) names=(linux-{base,binary,modules,headers}-"$release" linux-{headers-"$abi"-common,kbuild-"$abi"}) ;;
	6.1 | arm64) names=(linux-{image,headers}-"$release" "linux-headers-$abi-common") ;;
	*) names=(linux-{image,headers}-"$release" linux-{headers-"$abi"-common,kbuild-"$abi"}) ;;
	esac
	packages_download "${names[@]/%/=$version}" || return
	case $name in
	6.1 | arm64)
		# Programs of the build, for this machine whatever the kernel is for.
		packages_use 12 amd64 || return
		packages_update || return
		packages_download "linux-kbuild-$series" || return
		;;
	esac
	packages_unpack "$folder" || return
	debian_finish "$folder" "$release" "$source" || return
	case $name in
	arm64) debian_arm64 "$folder" ;;
	7.*) debian_tree "$folder" ;;
	esac
}

# What packages leave to their scripts.
debian_links()
{
	ln -sf mawk "$1/usr/bin/awk"
	[ -e "$1/usr/bin/sh" ] || ln -s bash "$1/usr/bin/sh"
}

# A compiler for arm64 in cross/: only what it has beyond the machine's own, whose
# package for 32 bits and the one for arm64 exclude each other. Then what runs on
# arm64, in root/: the guest's programs, and what to link with.
debian_arm64()
{
	packages_download {cpp,gcc}-12-aarch64-linux-gnu binutils-aarch64-linux-gnu \
		libgcc-12-dev-arm64-cross || return
	packages_unpack "$1/cross" || return
	packages_use 12 arm64 || return
	packages_tree "$1/root" bash busybox-static coreutils diffutils findutils grep hostname \
		kmod mawk procps sed util-linux libc6-dev libdrm-dev libncurses-dev libpng-dev \
		libsmartcols-dev || return
	debian_links "$1/root"
}

# Programs of this kernel's build want a newer C library, and it a newer compiler:
# tree/ is a root folder to build in.
debian_tree()
{
	packages_use 13 amd64 || return
	packages_update || return
	packages_tree "$1/tree" bash coreutils dash findutils gcc-14 grep kmod libelf1t64 libssl3t64 \
		make mawk sed xz-utils || return
	debian_links "$1/tree"
	mkdir -p "$1/tree"/{proc,dev,tmp}
}

# debian_finish FOLDER RELEASE SOURCE: bring what was unpacked into its shape.
debian_finish()
{
	local folder=$1 release=$2 source=$3 abi=${2%-*}
	local modules=$1/lib/modules/$2 image

	mv "$folder/boot/System.map-$release" "$folder/System.map" 2>/dev/null ||
		mv "$modules/System.map" "$folder" || return
	image=$folder/boot/vmlinuz-$release
	[ -e "$image" ] || image=$modules/vmlinuz
	case $release in
	*-arm64) cp "$image" "$folder/vmlinux" ;;
	*) "$BASH" "$source/scripts/extract-vmlinux" "$image" >"$folder/vmlinux" ;;
	esac || return

	# The headers name each other by absolute paths; make those relative.
	ln -sfn "../../../src/linux-headers-$release" "$modules/build"
	ln -sfn "../../../src/linux-headers-$abi-common" "$modules/source"
	# shellcheck disable=SC2016	# the dollars are make's
	sed -i 's,/usr/src/,$(dir $(abspath $(lastword $(MAKEFILE_LIST))))../,' \
		"$folder/usr/src/linux-headers-$release/Makefile"
	rm -rf "${folder:?}"/{boot,usr/share}
}
