# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Which node is which, for the tests in shell; sourced, never run.

# shellcheck disable=SC2034	# used by those who source this file
vivid=/sys/module/vivid/parameters

# Ends a test program that has nothing to test here.
skip()
{
	echo "1..0 # SKIP $*"
	exit 4
}

# The capture node of the first vivid instance with the given allocator.
camera()
{
	local -a allocators
	local i entry name want

	IFS=, read -ra allocators <"$vivid/allocators"
	for i in "${!allocators[@]}"; do
		[ "${allocators[i]}" = "$1" ] || continue
		printf -v want 'vivid-%03d-vid-cap' "$i"
		for entry in /sys/class/video4linux/*; do
			read -r name <"$entry/name"
			[ "$name" != "$want" ] || { echo "/dev/${entry##*/}" && return; }
		done
	done
	return 1
}

# Whether cirrus and vgem map what they import: see drm_import_maps() in drm.h.
drm_maps()
{
	local release

	release=$(uname -r)
	[ "${release%%.*}" -lt 7 ]
}

# The card of a device or driver.
card()
{
	local card

	for card in /sys/class/drm/card[0-9]; do
		[[ $(readlink -f "$card/device") == */$1 ||
			$(readlink "$card/device/driver") == */$1 ]] || continue
		echo "/dev/dri/${card##*/}" && return
	done
	return 1
}
