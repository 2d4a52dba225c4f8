#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# dmabuf-play against real drivers: it plays what it is asked to, says in one
# sentence what is wrong, and leaves nothing behind however it ends. Prints KTAP.
# Needs root, the module, vivid (an instance with allocators=1), cirrus and vgem;
# exits with 4 where they aren't.
# shellcheck disable=SC2317	# the tests are called by their names

set -u
. "$(dirname "$0")/nodes.sh"
heap=/sys/class/misc/dmabuf-heap
tmp=$(mktemp -d)
pid=

end()
{
	[ -z "$pid" ] || kill -9 "$pid" 2>/dev/null
	rm -rf "$tmp"
}
trap end EXIT

# What did not come out as it should; fails.
complain()
{
	echo "# $*"
	[ ! -s "$tmp/out" ] || sed 's/^/#   said: /' "$tmp/out"
	[ ! -s "$tmp/err" ] || sed 's/^/#   error: /' "$tmp/err"
	return 1
}

# counters_are NAME=VALUE...: waits for it, since DRM lets go from a worker.
counters_are()
{
	local want value i

	for ((i = 0; i < 50; i++)); do
		for want; do
			read -r value <"$heap/${want%=*}"
			[ "$value" = "${want#*=}" ] || break
		done
		[ "$value" != "${want#*=}" ] || return 0
		sleep 0.1
	done
	complain "${want%=*} is $value, expected $want"
}

nothing_left()
{
	counters_are buffers=0 backed=0 pages=0 attachments=0 device_maps=0
}

# What the display shows: whose framebuffer, and in which mode.
on_screen()
{
	grep -hE 'allocated by|mode: "|size=' /sys/kernel/debug/dri/"${display##*card}"/state
}

# What is on stderr has to be one sentence that has WORDS in it.
sentence()
{
	local -a lines

	mapfile -t lines <"$tmp/err"
	[[ ${#lines[@]} -eq 1 && ${lines[0]} == "dmabuf-play: "*"$1"* ]] ||
		complain "expected one sentence with '$1'"
}

# refuses STATUS WORDS ARG...
refuses()
{
	local want=$1 words=$2 rc=0
	shift 2

	timeout 20 dmabuf-play "$@" >"$tmp/out" 2>"$tmp/err" || rc=$?
	[ "$rc" -eq "$want" ] || complain "'$*' ended with $rc, not $want" || return
	sentence "$words" && nothing_left
}

# As refuses 1, where /dev has no files of the given name.
refuses_without()
{
	local name=$1 words=$2 rc=0
	shift 2

	mkdir -p "$tmp/dev"
	# shellcheck disable=SC2016	# for the inner shell
	unshare -m bash -c 'mount -t tmpfs dev "$1" &&
		cp -a /dev/null /dev/dmabuf-heap /dev/video* /dev/dri "$1" &&
		rm -r "$1"/$2 && mount --move "$1" /dev && shift 2 && exec "$@"' \
		- "$tmp/dev" "$name" timeout 20 dmabuf-play "$@" \
		>"$tmp/out" 2>"$tmp/err" || rc=$?
	[ "$rc" -eq 1 ] || complain "ended with $rc, not 1" || return
	sentence "$words" && nothing_left
}

# plays N ARG...: N pictures.
plays()
{
	local frames=$1 rc=0
	shift

	timeout 30 dmabuf-play --frames "$frames" "$@" >"$tmp/out" 2>"$tmp/err" || rc=$?
	[ "$rc" -eq 0 ] || complain "'$*' ended with $rc" || return
	[ ! -s "$tmp/err" ] || complain "it played, but had errors" || return
	grep -q "^Showed $frames pictures in " "$tmp/out" ||
		complain "it did not say that it showed $frames pictures" || return
	nothing_left
}

# How often each buffer was on the screen, as it said.
turns()
{
	sed -n 's/^Turns of the .* buffers: \([0-9, ]*\)\..*/\1/p' "$tmp/out" | tr -d ,
}

# start WORDS ARG...: in the background, until it says WORDS. Enter is a line to
# the pipe that is its standard input.
start()
{
	local words=$1 i
	shift

	: >"$tmp/out"
	dmabuf-play "$@" <"$tmp/keys" >"$tmp/out" 2>"$tmp/err" &
	pid=$!
	for ((i = 0; i < 200; i++)); do
		grep -qF -- "$words" "$tmp/out" && return
		kill -0 "$pid" 2>/dev/null || break
		sleep 0.1
	done
	complain "it never said '$words'"
}

# ends STATUS: what was started.
ends()
{
	local rc=0

	wait "$pid" || rc=$?
	pid=
	[ "$rc" -eq "$1" ] || complain "it ended with $rc, not $1"
}

enter()
{
	echo >&5
}

test_help()
{
	dmabuf-play --help >"$tmp/out" 2>"$tmp/err" || complain "it failed" || return
	[ ! -s "$tmp/err" ] || complain "it said something on stderr" || return
	grep -q '^Usage: dmabuf-play' "$tmp/out" || complain "no usage on stdout"
}

test_bad_options()
{
	refuses 2 "no option --nonsense" --nonsense &&
		refuses 2 "no option -x" -x &&
		refuses 2 "--frames needs a value" --frames &&
		refuses 2 "stray" stray
}

test_bad_numbers()
{
	refuses 2 "from 2 to 32" --buffers 1 &&
		refuses 2 "from 2 to 32" --buffers 33 &&
		refuses 2 "'3x'" --buffers 3x &&
		refuses 2 "'0'" --frames 0 &&
		refuses 2 "'-1'" --frames -1 &&
		refuses 2 "'99999999999999999999'" --frames 99999999999999999999
}

test_bad_sizes()
{
	local size

	for size in 640 640x 640x480x 0x480 -640x480 640x-480 x; do
		refuses 2 "'$size'" --size "$size" || return
	done
}

test_bad_cameras()
{
	refuses 1 "/dev/null can't be the camera: it is not a V4L2 device" --device /dev/null &&
		refuses 1 "No such file or directory" --device /dev/video-none &&
		refuses 1 "$display can't be the camera" --device "$display"
}

test_bad_displays()
{
	refuses 1 "/dev/null can't be the display: it is not a DRM device" --card /dev/null &&
		refuses 1 "it drives no screens" --card "$(card vgem)" &&
		refuses 1 "No such file or directory" --card /dev/dri/none
}

test_no_common_size()
{
	refuses 1 "no layout of pixels in common for 1024x768" --size 1024x768
}

test_no_camera()
{
	refuses_without 'video*' "no camera"
}

test_no_display()
{
	refuses_without dri "no display"
}

test_no_heap()
{
	refuses_without dmabuf-heap "/dev/dmabuf-heap"
}

# The whole promise in one: frames flow, and each buffer was allocated once.
test_plays()
{
	local before turn

	read -r before <"$heap/allocations"
	plays 10 --device "$contiguous" || return
	counters_are allocations=$((before + 3)) || return
	[ "$(turns | wc -w)" -eq 3 ] || complain "not 3 buffers" || return
	for turn in $(turns); do
		[ "$turn" -ge 2 ] || complain "a buffer had no turn" || return
	done
}

test_plays_from_a_camera_that_maps_by_cpu()
{
	plays 10 --device "$by_cpu"
}

test_plays_with_two_and_with_five_buffers()
{
	plays 6 --device "$contiguous" --buffers 2 &&
		plays 15 --device "$contiguous" --buffers 5 &&
		{ [ "$(turns | wc -w)" -eq 5 ] || complain "not 5 buffers"; }
}

test_plays_a_larger_picture()
{
	# Newer kernels' cirrus shows no longer lines in this format.
	cat /sys/class/drm/"${display##*/}"-*/modes | grep -qx 1280x720 || return 4
	plays 3 --device "$contiguous" --size 1280x720 || return
	grep -q 1280x720 "$tmp/out" || complain "not that size"
}

test_quiet_says_nothing()
{
	dmabuf-play --quiet --frames 2 >"$tmp/out" 2>"$tmp/err" ||
		complain "it failed" || return
	[[ ! -s $tmp/out && ! -s $tmp/err ]] || complain "it spoke" || return
	nothing_left
}

test_waits_without_memory()
{
	start "Waiting for Enter" --device "$contiguous" --wait --frames 5 || return
	counters_are buffers=3 backed=0 pages=0 attachments=6 device_maps=0 || return
	enter
	ends 0 && nothing_left
}

test_holds_the_last_picture()
{
	local maps=6

	start "until Enter" --device "$contiguous" --hold --frames 5 || return
	# Each buffer: camera and display, both declared and imported, both mapping.
	drm_maps || maps=3
	counters_are buffers=3 backed=3 attachments=12 device_maps="$maps" || return
	on_screen | grep -q 'allocated by = dmabuf-play' ||
		complain "the screen shows something else" || return
	enter
	ends 0 && nothing_left
}

test_gives_the_screen_back()
{
	local before

	before=$(on_screen)
	plays 2 --device "$contiguous" || return
	[ "$before" = "$(on_screen)" ] ||
		complain "before: $before; after: $(on_screen)"
}

test_busy_camera_and_busy_display()
{
	local rc=0

	start "until Enter" --device "$contiguous" --hold --frames 2 || return
	dmabuf-play --frames 2 --device "$contiguous" >"$tmp/out" 2>"$tmp/err" && rc=1
	sentence "another program" || rc=1
	dmabuf-play --frames 2 --device "$by_cpu" >"$tmp/out" 2>"$tmp/err" && rc=1
	sentence "owns the display" || rc=1
	counters_are buffers=3 backed=3 || rc=1
	enter
	ends 0 && nothing_left && return "$rc"
}

test_a_signal_ends_it()
{
	start Playing --device "$contiguous" || return
	kill -HUP "$pid"
	ends 0 || return
	[ ! -s "$tmp/err" ] || complain "not in good order" || return
	nothing_left
}

test_a_signal_before_the_last_picture_is_a_failure()
{
	start Playing --device "$contiguous" --frames 1000000 || return
	kill -TERM "$pid"
	ends 1 && sentence "stopped by a signal" && nothing_left
}

test_a_signal_ends_the_waiting()
{
	start "Waiting for Enter" --device "$contiguous" --wait || return
	kill -TERM "$pid"
	ends 0 && nothing_left
}

# Nobody cleans up but the kernel.
test_killed()
{
	start Playing --device "$contiguous" || return
	kill -KILL "$pid"
	ends 137 2>/dev/null && nothing_left
}

test_multi_planar_camera()
{
	local was rc=0

	was=$(cd "$vivid" && grep . ./* | sed 's,^\./,,; s/:/=/')
	modprobe -r vivid || complain "vivid is in use" || return
	modprobe vivid allocators=1 multiplanar=2 || return
	plays 5 --device "$(camera 1)" || rc=1
	modprobe -r vivid || rc=1
	# shellcheck disable=SC2086	# parameters
	modprobe vivid $was || rc=1
	return "$rc"
}

tests=(help bad_options bad_numbers bad_sizes bad_cameras bad_displays
	no_common_size no_camera no_display no_heap plays
	plays_from_a_camera_that_maps_by_cpu plays_with_two_and_with_five_buffers
	plays_a_larger_picture quiet_says_nothing waits_without_memory
	holds_the_last_picture gives_the_screen_back busy_camera_and_busy_display
	a_signal_ends_it a_signal_before_the_last_picture_is_a_failure
	a_signal_ends_the_waiting killed multi_planar_camera)

[ -e /dev/dmabuf-heap ] || skip "the module is not loaded"
[ -e $vivid ] || skip "vivid is not loaded"
contiguous=$(camera 1) || skip "no vivid instance with allocators=1"
by_cpu=$(camera 0) || skip "no vivid instance with allocators=0"
display=$(card cirrus || card cirrus-qemu) || skip "no cirrus display"
card vgem >/dev/null || skip "vgem is not loaded"
mkfifo "$tmp/keys"
exec 5<>"$tmp/keys"

echo "KTAP version 1"
echo "1..${#tests[@]}"
number=0
failed=0
for name in "${tests[@]}"; do
	number=$((number + 1))
	rc=0
	"test_$name" || rc=$?
	case $rc in
	0) echo "ok $number $name" ;;
	4) echo "ok $number $name # SKIP not on this display" ;;
	*) echo "not ok $number $name" && failed=1 ;;
	esac
	if [ -n "$pid" ]; then
		kill -9 "$pid" 2>/dev/null
		wait "$pid" 2>/dev/null
		pid=
	fi
done
exit $failed
