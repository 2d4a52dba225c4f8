#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# kernel.sh [NAME]: fetch or build a kernel into the cache, unless it is there,
# and print its folder. Nothing is installed. The names:
#   6.1     Debian 12's own, and what is meant when no name is given
#   6.12    Debian 12's backports
#   7.3     Debian 13's backports
#   arm64   Debian 12's own for arm64
#   debug   6.1 built from Debian's source by debug.sh, with all that finds bugs
# The folder has, whatever the kernel:
#   release               the kernel release, as uname -r prints it
#   arch                  amd64 or arm64
#   vmlinux, System.map   the kernel as QEMU boots it
#   lib/modules/RELEASE   its modules; build/ leads to the headers
#   source/               harness headers and check scripts from linux-source
# Another name, "source", is Debian 12's kernel source.

set -eu -o pipefail
. "$(dirname "$0")/common.sh"
. "$(dirname "$0")/packages.sh"
. "$(dirname "$0")/debian.sh"

name=${1:-6.1}
here=$repo/selftests/vm
recipes=("$here/debian.sh")
case $name in
6.1) archive=12 arch=amd64 space=1100 ;;
6.12) archive=12-backports arch=amd64 space=900 ;;
7.3) archive=13-backports arch=amd64 space=1200 ;;
arm64) archive=12 arch=arm64 space=1500 ;;
source) archive=12 arch=amd64 space=500 ;;
debug)
	archive=12 arch=amd64 space=6000
	recipes=("$here"/debug*.sh "$here/debug.config")
	;;
*) die "no kernel is named '$name'; there are 6.1, 6.12, 7.3, arm64 and debug" ;;
esac

recipe=$(cat "${recipes[@]}" | sha256sum | cut -c 1-8)
pointer=$cache/current-$name-$recipe	# a link to the folder, as old as the last look

# What the archive has is looked at once a day: a kernel does not change faster.
settled()
{
	[ -e "$pointer/release" ]
}

fresh()
{
	[ -n "$(find "$pointer" -prune -mmin -1440 2>/dev/null)" ]
}

answer()
{
	touch -c "$pointer/release" 2>/dev/null || true
	readlink -f "$pointer"
	exit 0
}

# Prints RELEASE VERSION of what there is to fetch.
candidate()
{
	local version

	packages_update || return
	case $name in
	source | debug)
		version=$(packages_version linux-source-$series) && echo "$name $version"
		;;
	*) debian_candidate "$name" ;;
	esac
}

check_space()
{
	local free

	free=$(df --output=avail -m "$cache" | tail -n 1)
	[ "$free" -ge $space ] ||
		die "no space for kernel $name: it needs $space MiB in $cache, where $((free)) MiB are free"
}

# Fill the folder "out" in the current one.
fill()
{
	local release=$1 version=$2 source=$3

	mkdir out
	if [ "$name" = source ]; then
		debian_source out "$version" && echo "$version" >out/release
		return
	fi
	if [ "$name" = debug ]; then
		"$here/debug.sh" "$PWD/out" "$source/linux-source-$series.tar.xz" >&2 || return
		release=$(cat out/release)
	else
		debian_kernel out "$name" "$release" "$version" "$source/files" || return
		echo "$release" >out/release
	fi
	echo "$arch" >out/arch
	cp -r "$source/files" out/source || return
	depmod -b "$PWD/out" -F out/System.map "$release"
}

# Folders of the same name that nothing points to, unless a machine runs with it or
# another work tree, whose recipe is another, has asked for it within the hour.
sweep()
{
	local folder

	find "$cache" -maxdepth 1 -name "current-$name-*" -xtype l -delete
	for folder in "$cache/kernel-$name"_*; do
		[ "$folder" != "$(readlink -f "$pointer")" ] || continue
		[ -z "$(find "$folder/release" -mmin -60 2>/dev/null)" ] || continue
		! flock -xn "$folder/release" true || rm -rf "$folder"
	done
}

if settled && fresh; then
	answer
fi
mkdir -p "$cache" 2>/dev/null || die "no folder for kernels can be made in $cache"
exec 9>"$cache/$name.lock"
flock 9
if settled && fresh; then
	answer
fi

found=
problem="the machine's apt sources name no Debian mirror"
if packages_use "$archive" "$arch" 2>/dev/null; then
	problem="no answer from the Debian mirror about it"
	found=$(candidate) || found=
fi
if [ -z "$found" ]; then
	settled || die "kernel $name can't be fetched: $problem"
	# Off-line, what the cache has will do; in an hour there may be a network again.
	touch -h -d '23 hours ago' "$pointer"
	answer
fi
read -r release version <<<"$found"
folder=kernel-${name}_${version}-$recipe
if [ ! -e "$cache/$folder/release" ]; then
	check_space
	sets=(build)
	[ "$name" != debug ] || sets+=(debug)
	[ "$name" = source ] || env -u APT_CONFIG "$here/setup.sh" "${sets[@]}"
	tmp=$(mktemp -d "$cache/tmp.XXXXXX")
	trap 'rm -rf "$tmp"' EXIT
	cd "$tmp"
	source=
	[ "$name" = source ] || source=$("$here/kernel.sh" source)
	echo "making kernel $name, $version, once" >&2
	if ! fill "$release" "$version" "$source"; then
		free=$(df --output=avail -m "$cache" | tail -n 1)
		[ "$free" -gt 1 ] || die "no space left in $cache while making kernel $name"
		die "kernel $name, $version, can't be made, for the reason above"
	fi
	rm -rf "${cache:?}/$folder"
	mv -T out "$cache/$folder"
fi
ln -sfn "$folder" "$pointer"
sweep
answer
