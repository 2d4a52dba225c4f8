#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The demo as a story in six scenes, told in the guest that demo.sh boots. Each
# scene says what is about to be seen, shows the commands as typed with what they
# print, and checks that this is what was promised.
# shellcheck disable=SC2154	# boot.sh sets repo and job

set -eu -o pipefail
export PATH=$repo/build/tools:$PATH
camera=/dev/video0
display=/dev/dri/card0
latecomer=/dev/dri/card1
columns=ID,SIZE,BACKED,PLACEMENT,DEVICES,MAPS
buffers=3
frames=200
patience=60	# seconds for anything to happen
tmp=$(mktemp -d)
number=0	# of the scene
pid=		# of the command in the background
shown=0		# lines of its output
buffer=		# the one that is looked at

end()
{
	[ -z "$pid" ] || kill "$pid" 2>/dev/null || true
	rm -rf "$tmp"
}
trap end EXIT

# The one sentence when something is not as promised.
fail()
{
	echo "demo: $*"
	exit 1
}

scene()
{
	number=$((number + 1))
	echo
	echo "=== $number. $*"
	echo
}

# A command that has to succeed.
run()
{
	echo "\$ $*"
	"$@" || fail "'$*' should have worked"
}

# A command that has to be refused; what it says is left in $refusal.
run_refused()
{
	local rc=0

	echo "\$ $*"
	refusal=$("$@" 2>&1) || rc=$?
	echo "$refusal"
	[ $rc -eq 1 ] || fail "'$*' should have been refused"
}

# run_until WORDS COMMAND...: in the background, until it says WORDS. A line into
# fd 5 is Enter for it.
run_until()
{
	local words=$1
	shift

	echo "\$ $* &"
	"$@" <"$tmp/keys" >"$tmp/output" 2>&1 5>&- &
	pid=$!
	shown=0
	show_until "$words"
}

# Shows what that command prints from here on, until it says WORDS.
show_until()
{
	local words=$1 deadline=$((SECONDS + patience)) last=

	while [ -z "$last" ]; do
		if ! kill -0 "$pid" 2>/dev/null || [ $SECONDS -ge $deadline ]; then
			last=yes
		fi
		tail -n +$((shown + 1)) "$tmp/output" >"$tmp/new"
		cat "$tmp/new"
		shown=$((shown + $(wc -l <"$tmp/new")))
		! grep -qF -- "$words" "$tmp/new" || return 0
		sleep 0.1
	done
	fail "that command should have said '$words'"
}

first_buffer()
{
	dmabuf-ctl list --raw --noheadings -o ID | head -n 1
}

# fact COLUMN,...: of $buffer, as dmabuf-ctl list knows it.
fact()
{
	dmabuf-ctl list --raw --noheadings --bytes -o "ID,$1" | sed -n "s/^$buffer //p"
}

# expect COLUMN,... "VALUE ..."
expect()
{
	local found

	found=$(fact "$1")
	[ "$found" = "$2" ] || fail "$1 of buffer $buffer should have been $2, and is $found"
}

# PID:FD by which that command has $buffer open.
place()
{
	local info

	info=$(grep -lx "ino:[[:space:]]*$buffer" "/proc/$pid/fdinfo"/*) ||
		fail "process $pid should have had buffer $buffer open"
	echo "$pid:${info##*/}"
}

counter()
{
	cat "/sys/class/misc/dmabuf-heap/$1"
}

introduction()
{
	cat <<-END
	A camera's picture on a screen, without a copy, in memory that nobody placed by hand.

	This is Debian's own kernel $(uname -r) in a virtual machine with 6 GiB of memory.
	Most of that lies above 4 GiB, where devices with 32 address bits can't reach. The
	drivers are the kernel's own: vivid is a camera, cirrus a display, vgem a device that
	reaches everything. Only dmabuf-heap is new. There are two cameras here: the first
	needs contiguous memory, the second writes by the CPU and takes any.

	END
	run modprobe vivid n_devs=2 node_types=1,1 allocators=1,0
	run modprobe cirrus
	run modprobe vgem
	run insmod "build/$(uname -r)/driver/dmabuf-heap.ko"
}

devices()
{
	scene "What can the devices reach?"
	cat <<-END
	The kernel knows, and the open device node is enough to ask for it.

	END
	run dmabuf-ctl devices
	dmabuf-ctl devices --raw --noheadings -o NODE,CONTIGUOUS >"$tmp/devices"
	grep -qx "$camera yes" "$tmp/devices" ||
		fail "$camera should have asked for contiguous memory"
}

wrong_way()
{
	scene "The wrong way: memory first, the camera later"
	cat <<-END
	A buffer is made and filled by the CPU, which gives it memory. Nobody has said that a
	camera will come, so any memory does. The camera, attached later, is refused (EBUSY):
	the sentence says what it needs, and what had fixed the memory by then.

	END
	run_until "is fd" dmabuf-ctl alloc --size 1200K --fill 0x80
	buffer=$(first_buffer)
	run dmabuf-ctl list -o $columns
	[ "$(fact ADDRESS-BITS)" -gt 32 ] || fail "the buffer should have lain above 4 GiB"
	run_refused dmabuf-ctl attach "$(place)" $camera:w
	[[ $refusal == *EBUSY*video0*"below 4 GiB"* ]] ||
		fail "the sentence should have named EBUSY, the camera and its limit"
	kill "$pid"
	wait "$pid" || fail "dmabuf-ctl alloc should have ended well"
	pid=
}

right_way()
{
	scene "The right way: the devices first, memory last"
	cat <<-END
	dmabuf-play shows what a camera sees. It makes $buffers buffers and attaches camera and
	display to each, by their open nodes. Here it waits, so that one can look: there are
	still 0 bytes behind a buffer, but it is known where it would lie and who wants that.

	END
	run_until "Waiting for Enter" dmabuf-play --device $camera --card $display \
		--buffers $buffers --frames $frames --wait --hold
	buffer=$(first_buffer)
	run dmabuf-ctl show "$buffer"
	expect STATE,BACKED "unbacked 0"

	cat <<-END

	Enter: now it hands the buffers to the camera (VIDIOC_QBUF) and to the display (PRIME).
	The first map, the camera's, allocates. The display then maps the very same memory.
	1w is a map for writing, the camera's, and 1rw one for both ways, as DRM drivers map.
	Each device is there twice then: as declared, and as its driver imported the buffer.

	END
	echo >&5
	show_until "Playing"
	run dmabuf-ctl list -o $columns
	run dmabuf-ctl show "$buffer"
	expect STATE,RUNS,FIRST-MAP,MAPS-WRITE,MAPS-BOTH "backed 1 device 1 1"
	[ "$(fact ADDRESS-BITS)" -le 32 ] || fail "the buffer should have lain below 4 GiB"
}

late_comer()
{
	local attachments

	scene "A late-comer that the memory suits"
	cat <<-END
	The memory is there and in use. This device can reach it as it lies, so it is accepted.

	END
	attachments=$(fact ATTACHMENTS)
	run dmabuf-ctl attach "$(place)" $latecomer:r
	expect ATTACHMENTS $((attachments + 1))
	run dmabuf-ctl list -o $columns
}

# What dmabuf-play says of itself at the end, and what the module counted.
verify_pictures()
{
	local turns turn

	grep -q "^Showed $frames pictures" "$tmp/output" ||
		fail "$frames pictures should have been shown"
	turns=$(sed -n 's/^Turns of the .* buffers: \([0-9, ]*\)\..*/\1/p' "$tmp/output")
	[ "$(wc -w <<<"$turns")" -eq $buffers ] ||
		fail "$buffers buffers should have had turns"
	for turn in ${turns//,/}; do
		[ "$turn" -ge $((frames / buffers / 2)) ] ||
			fail "all buffers should have had turns alike"
	done
	# One in the wrong way, and one for each buffer in the right one.
	[ "$(counter allocations)" -eq $((1 + buffers)) ] ||
		fail "each buffer should have been allocated once"
}

# A terminal of 100x12 on which dmabuf-ctl top has looked at least twice.
top_screen()
{
	local deadline=$((SECONDS + patience))

	tmux -f /dev/null new-session -d -s top -x 100 -y 12 'dmabuf-ctl top'
	until tmux capture-pane -p -t top | grep -q 'per second'; do
		[ $SECONDS -lt $deadline ] || fail "dmabuf-ctl top should have shown rates"
		sleep 0.2
	done
	tmux capture-pane -p -t top
	tmux kill-server
}

pictures()
{
	scene "Pictures"
	cat <<-END
	dmabuf-play has gone on all the while. A buffer goes from the camera to the screen, and
	back when the next one has taken its place there. Each was allocated just once. This is
	what a terminal shows meanwhile:

	END
	echo "\$ dmabuf-ctl top"
	top_screen >build/top.txt
	cat build/top.txt
	grep -q "$buffer .*picture 1" build/top.txt || fail "top should have shown buffer $buffer"
	show_until "until Enter"
	verify_pictures
	selftests/vm/screendump.sh demo || fail "the screen should have been dumped"
	cat <<-END

	What is on the screen now, the bars that this camera sees, is in build/demo.png.
	END
}

look()
{
	local from

	scene "Who has it, and who was in the way"
	cat <<-END
	A device that could not reach the memory is refused, and the graph of processes,
	buffers and devices has that in red. What is in a buffer can be seen without a screen.

	END
	from=$(place)
	run_refused dmabuf-ctl attach "$from" $latecomer:r:below=16M,label=overlay
	run dmabuf-ctl graph -o build/graph.png
	run dmabuf-ctl frame "$from" --format XRGB8888 --size 640x480 -o build/frame.png
	cp build/top.txt build/graph.png build/frame.png "$job"
	echo >&5
	wait "$pid" || fail "dmabuf-play should have ended well"
	pid=
}

mkfifo "$tmp/keys"
exec 5<>"$tmp/keys"
introduction
devices
wrong_way
right_way
late_comer
pictures
look
