#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# setup.sh WHAT...: install the Debian packages that are missing for WHAT:
#   build  module, library, tools and tests
#   vm     the virtual machine that runs the tests
#   check  the style and static checks
#   arm64  the virtual machine for arm64
#   debug  building the debug kernel
# Nothing is asked of apt, the network or root when all packages are there.

set -eu
. "$(dirname "$0")/common.sh"

build=(gcc gcc-multilib libc6-dev make pkg-config xz-utils kmod libelf1
	libssl3 linux-libc-dev libdrm-dev libncurses-dev libpng-dev libsmartcols-dev)
vm=(qemu-system-x86 seabios busybox-static graphviz kmod python3-jsonschema tmux)
check=(clang g++ sparse shellcheck perl python3-docutils)
# Its compiler is in the kernel's folder, because it and gcc-multilib exclude each other.
arm64=(qemu-system-arm)
debug=(bc bison flex libelf-dev libssl-dev rsync cpio)

[ $# -gt 0 ] || die "usage: setup.sh build|vm|check|arm64|debug..."
wanted=()
for what; do
	case $what in
	build) wanted+=("${build[@]}") ;;
	vm) wanted+=("${vm[@]}") ;;
	check) wanted+=("${check[@]}") ;;
	arm64) wanted+=("${arm64[@]}") ;;
	debug) wanted+=("${debug[@]}") ;;
	*) die "what is '$what'? build, vm, check, arm64 and debug are known" ;;
	esac
done

missing=()
for package in "${wanted[@]}"; do
	status=$(dpkg-query -W -f '${db:Status-Status} ' "$package" 2>/dev/null || true)
	[[ $status == *"installed "* && $status != *not-installed* ]] ||
		missing+=("$package")
done
[ ${#missing[@]} -gt 0 ] || exit 0

as_root true ||
	die "these Debian packages are missing, and neither root nor sudo is at hand to install them: ${missing[*]}"
echo "installing ${#missing[@]} Debian packages: ${missing[*]}" >&2
log=$(mktemp)
trap 'rm -f "$log"' EXIT
apt_update || true
if ! as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -y --no-install-recommends \
	install "${missing[@]}" >"$log" 2>&1; then
	tail -n 20 "$log" >&2
	die "these Debian packages are missing, and apt-get could not install them: ${missing[*]}"
fi
