#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Fetch the stock kernel that linux-image-amd64 stands for, together with the
# headers and the few source files of exactly its version, into the cache. Apt
# downloads the packages and dpkg-deb unpacks them; nothing is installed. Prints
# the kernel's folder:
#   release               the kernel release, as uname -r prints it
#   vmlinux, System.map   the kernel, without its compressed wrapper
#   lib/modules/RELEASE   its modules; build/ leads to the headers
#   source/               harness headers and check scripts from linux-source

set -eu
. "$(dirname "$0")/common.sh"

meta=linux-image-amd64
members=(
	.clang-format
	tools/testing/selftests/kselftest.h
	tools/testing/selftests/kselftest_harness.h
	scripts/checkpatch.pl
	scripts/const_structs.checkpatch
	scripts/extract-vmlinux
	scripts/kernel-doc
	scripts/spelling.txt
)

# Prints the image package that apt would install now, and its version. Apt takes
# two seconds over it, so the answer is kept until apt's lists change.
candidate()
{
	local image

	if [ -s "$cache/candidate" ] && [ "$cache/candidate" -nt /var/lib/apt/lists ]; then
		cat "$cache/candidate"
		return
	fi
	image=$(apt-cache depends "$meta" 2>/dev/null |
		sed -n 's/.*Depends: \(linux-image-[0-9].*\)/\1/p')
	[ -n "$image" ] || return 1
	apt-cache show --no-all-versions "$image" |
		sed -n "s/^Version: /$image /p" | tee "$cache/candidate" | grep .
}

# Prints the newest kernel folder that the cache has.
newest()
{
	local folder

	folder=$(find "$cache" -maxdepth 1 -name 'linux-image-*_*' | sort -V | tail -n 1)
	[ -n "$folder" ] && echo "$folder"
}

download()
{
	local release=$1 version=$2

	apt-get -qq -o APT::Sandbox::User=root download \
		"linux-image-$release=$version" \
		"linux-headers-$release=$version" \
		"linux-headers-${release%-*}-common=$version" \
		"linux-kbuild-6.1=$version" "linux-source-6.1=$version" >&2
}

# Packages in the current folder -> the kernel's folder in ./out.
unpack()
{
	local release=$1 package

	for package in *.deb; do
		case $package in
		linux-source-*) dpkg-deb -x "$package" source ;;
		*) dpkg-deb -x "$package" out ;;
		esac
		rm "$package"
	done
	echo "$release" >out/release

	mkdir out/source
	tar -xf source/usr/src/linux-source-6.1.tar.xz -C out/source \
		--strip-components=1 "${members[@]/#/linux-source-6.1/}"

	"$BASH" out/source/scripts/extract-vmlinux "out/boot/vmlinuz-$release" >out/vmlinux
	mv "out/boot/System.map-$release" out/System.map
	depmod -b "$PWD/out" -F out/System.map "$release"

	# The headers name each other by absolute paths; make those relative.
	ln -sfn "../../../usr/src/linux-headers-$release" "out/lib/modules/$release/build"
	ln -sfn "../../../usr/src/linux-headers-${release%-*}-common" "out/lib/modules/$release/source"
	# shellcheck disable=SC2016	# the dollars are make's
	sed -i 's,^include /usr/src/,include $(dir $(lastword $(MAKEFILE_LIST)))../,' \
		"out/usr/src/linux-headers-$release/Makefile"
}

mkdir -p "$cache"
exec 9>"$cache/kernel.lock"
flock 9

if ! found=$(candidate); then
	# Fresh machines have no package lists; machines off-line keep what they have.
	newest && exit 0
	apt_update || true
	found=$(candidate) || die "apt knows no $meta, and the cache has no kernel yet"
fi
read -r image version <<<"$found"
release=${image#linux-image-}
folder=$cache/${image}_${version}

if [ ! -d "$folder" ]; then
	"$repo/selftests/vm/setup.sh" build
	tmp=$(mktemp -d "$cache/tmp.XXXXXX")
	trap 'rm -rf "$tmp"' EXIT
	cd "$tmp"
	echo "fetching $image $version, once" >&2
	if ! download "$release" "$version"; then
		# The lists may be older than the archive.
		if ! apt_update; then
			newest && exit 0
		fi
		read -r image version < <(candidate)
		release=${image#linux-image-}
		folder=$cache/${image}_${version}
		download "$release" "$version" ||
			die "apt-get could not download $image $version and what belongs to it"
	fi
	unpack "$release"
	mv -T out "$folder"
fi
echo "$folder"
