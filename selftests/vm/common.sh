# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# What the lab's host-side scripts share; sourced, never run.

# shellcheck disable=SC2034	# used by those who source this file
repo=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd -P)
cache=${XDG_CACHE_HOME:-$HOME/.cache}/dmabuf-heap

die()
{
	echo "${0##*/}: $*" >&2
	exit 1
}

# Run as root: directly, or through a sudo that asks for nothing.
as_root()
{
	if [ "$(id -u)" -eq 0 ]; then
		"$@"
	elif sudo -n true 2>/dev/null; then
		sudo -n "$@"
	else
		return 1
	fi
}

# Fetch what apt knows about packages, once per run of a script.
apt_update()
{
	[ -z "${apt_updated:-}" ] || return 1
	apt_updated=yes
	as_root apt-get -qq update >&2
}

# The kernels that kernel.sh can make, and the one of them that is meant by $1:
# 6.1 unless it is one.
kernel_names='6.1 6.12 7.3 arm64 debug'
kernel_name()
{
	case " $kernel_names " in
	*" ${1:-6.1} "*) echo "${1:-6.1}" ;;
	*) echo 6.1 ;;
	esac
}
