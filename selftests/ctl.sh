#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# dmabuf-ctl's command line, by transcripts: what it prints of buffers and devices,
# and what it says to mistakes. ctl/transcript.sh tells what is needed.
# shellcheck disable=SC2016	# commands for inner shells
# shellcheck disable=SC2034	# used by transcript.sh
# shellcheck disable=SC2154	# set by transcript.sh
# shellcheck disable=SC2317	# the tests are called by their names

set -u
manual=$(dirname "$0")/../tools/man/dmabuf-ctl.1

test_help()
{
	local command option

	ctl --help
	for command in $(dmabuf-ctl --help | sed -n 's/^  \([a-z]*\)  *[A-Z].*/\1/p'); do
		ctl "$command" --help
	done
	check cat || return
	# None has more than a terminal's 25 lines, its own command line aside, or 80 columns.
	awk '/^=> / { if (NR - start > 27) exit 1; start = NR } length > 80 { exit 1 }' \
		"$tmp/got" || complain "too long" || return
	while read -r option; do
		grep -qE "^\.It Fl (. , )?-$option( |$)" "$manual" ||
			complain "the man page has no --$option" || return
	done < <(sed -nE 's/^  (-., |    )--([a-z-]+)( .*|$)/\2/p' "$tmp/got")
}

test_columns()
{
	ctl devices --list-columns
	ctl list --list-columns --noheadings
	ctl top -H --by process
	ctl show -H --raw
	ctl holders -H
	ctl why -H
	check cat
}

test_usage()
{
	ctl
	ctl paint
	ctl list now
	ctl list --color
	ctl list -z
	ctl list --json=yes
	ctl list -o
	ctl list -o ID,COLOR
	ctl list --json --raw
	ctl list --sort
	ctl list --sort COLOR
	ctl list -x -
	ctl list -x -SIZE,AGE
	ctl list --device
	ctl list --device=
	ctl list --device /dev/nothing
	ctl list --device /etc/passwd
	ctl list --device /
	ctl list --idle=yes
	ctl list --min-size 1.5M
	ctl list --user noone
	ctl list --user -1
	ctl list --user 4294967295
	ctl list --pid 0
	ctl list --pid init
	ctl list --name=
	ctl devices --sort COLOR
	ctl show -x SIZE 1
	ctl show
	ctl show camera
	ctl show 1 2
	ctl holders
	ctl holders camera
	ctl holders 1 2
	ctl list --orphan=yes
	ctl top now
	ctl top --batch=yes
	ctl top -d 0
	ctl top -d 0.0001
	ctl top -d 1,5
	ctl top -n 0
	ctl top --times many
	ctl top --by user
	ctl top -x DEVICES --by process
	ctl top -o COLOR
	ctl plan
	ctl plan --size 0
	ctl plan --size 1.5M
	ctl plan --size 99999999999T
	ctl plan --size 4K --device video0
	ctl plan --size 4K --require color=4K
	ctl plan --size 4K --require below=high
	ctl plan --size 4K --require segments=0
	ctl plan --size 4K --require align=1.5K
	ctl plan --size 4K --require node=first
	ctl plan --size 4K --require label=0123456789-0123456789-0123456789
	ctl alloc --name nobody
	ctl alloc --size 4K --fill 256
	ctl attach 17 /dev/video0
	ctl attach 1:2
	ctl report now
	ctl report --color
	ctl completion
	ctl completion fish
	ctl frame
	ctl frame 17 --format XR24 --size 2x2 -o -
	ctl frame camera --format XR24 --size 2x2 -o -
	ctl frame 1:2 --format XR24 --size 2x2
	ctl frame 1:2 --format XR24 -o -
	ctl frame 1:2 --size 2x2 -o -
	ctl frame 1:2 --format XR2 --size 2x2 -o -
	ctl frame 1:2 --format XR24 --size 2 -o -
	ctl frame 1:2 --format XR24 --size 0x2 -o -
	ctl frame 1:2 --format XR24 --size 2x1000001 -o -
	ctl frame 1:2 --format XR24 --size 2x2 --stride 8K -o -
	ctl frame 1:2 --format NV12 --size 2x2 --offset 0,1,2,3 -o -
	ctl frame 1:2 --format NV12 --size 2x2 --stride 8,8,8 -o -
	ctl frame 1:2 --format NV12 --size 2x2 -o
	ctl watch 7
	ctl watch --events create,paint
	ctl watch --events create,
	ctl watch --id camera
	ctl watch --count 0
	ctl why
	ctl why 17
	ctl why camera /dev/video0
	ctl why 17 video0
	ctl why 17 /dev/video0:rw:color=4K
	ctl graph camera
	ctl graph --json
	ctl graph -o
	ctl graph -o buffers
	ctl graph -o buffers.jpg
	check cat
}

test_devices()
{
	ctl devices
	ctl devices --raw --noheadings -o FUNCTION,CARD,MAX-ADDRESS,NODE
	ctl devices --bytes -o node,max-address
	check normalize
}

test_devices_json()
{
	ctl devices --json
	check normalize
}

# A node that can't be asked has a row; the others are as ever.
test_devices_unknown()
{
	mknod /dev/video90 c 81 250
	mknod /dev/video91 c 1 3
	chgrp 44 /dev/video90
	chmod 660 /dev/video90
	ctl devices --raw -o NODE,DMA,NOTE
	chmod 666 "$node"
	run "${nobody[@]}" dmabuf-ctl devices -o NODE,NOTE
	chmod 600 "$node"
	rm /dev/video9[01]
	check normalize
}

test_plan()
{
	ctl plan --size 1200K
	ctl plan --size 1200K --device "$contiguous:w" --device "$display:r"
	ctl plan --size 1200K --device "$plain"
	ctl plan --size 5000 --device "$render:r:below=4G,label=overlay" \
		--require contiguous,below=8G,segment=8K,boundary=64K,label=scanout
	ctl plan --size 4K --device /sys/devices/platform/vivid.0 --raw
	ctl plan --size 1M --require segments=16,segment=64K,chunk=2M,label=burst \
		--require align=64K,node=0 -o +MAX-SEGMENTS,ALIGNMENT,CHUNK,NUMA-NODE
	ctl plan --size 1M --require align=5000
	check normalize
}

test_plan_json()
{
	ctl plan --size 1200K --device "$contiguous:w" --device "$render:r" \
		--require segments=64,align=64K,chunk=2M,node=0 --json
	ctl plan --size 4K --json
	check normalize
}

test_plan_refused()
{
	ctl plan --size 5G --require contiguous,label=window
	ctl plan --size 5G --device "$contiguous"
	ctl plan --size 4K --require below=4K,label=nowhere
	ctl plan --size 8K --require segments=1,segment=4K
	ctl plan --size 4K --require align=8T
	ctl plan --size 4K --device "$render" --require below=3
	ctl plan --size 1000T
	ctl plan --size 4K --device /dev/null
	ctl plan --size 4K --device /dev/nothing
	ctl plan --size 4K --device /etc/passwd
	check normalize
}

# What could be served instead: entries are named as they were given.
test_plan_nearest()
{
	ctl plan --size 1200K --device "$contiguous:w" --device "$render:r:below=4K" \
		--device "$display:r"
	ctl plan --size 128K --require segments=1,segment=4K --device "$render" \
		--require below=4K,label=nowhere
	ctl plan --size 128K --require below=16M --device "$render:r" --require align=64M
	ctl plan --size 128K --require below=16M --require align=64M --json
	ctl plan --size 8K --require segments=1,segment=4K --require below=4K \
		--require contiguous --json
	check normalize
}

test_empty()
{
	ctl list
	ctl list --noheadings
	ctl list --json
	ctl list --raw -o id,state
	check cat
}

# Each filter by what it finds, and by what it doesn't.
test_filters()
{
	local device

	hold_several
	for device in "$contiguous" "${contiguous##*/}" vivid.0 \
		/sys/devices/platform/vivid.0 "$plain" "$render" video99; do
		ctl list --raw -o NAME --device "$device"
	done
	ctl list --raw -o NAME --unbacked
	ctl list --raw -o NAME --idle
	ctl list --raw -o NAME --min-size 1200K
	ctl list --raw -o NAME --min-size 1201K
	ctl list --raw -o NAME --min-size 9M
	ctl list --raw -o NAME --user root
	ctl list --raw -o NAME --user 65534
	ctl list --raw -o NAME --user 65533
	ctl list --raw -o NAME --pid "$pid"
	ctl list --raw -o NAME --pid 1
	ctl list --raw -o NAME --name ict
	ctl list --raw -o NAME --name Picture
	# A node has other names, and is the same.
	ln -s "$contiguous" "$tmp/camera"
	alias_add "$tmp/camera" camera
	ctl list --raw -o NAME --device "$tmp/camera"
	release
	# What a driver imports undeclared (DRM_IOCTL_PRIME_FD_TO_HANDLE) has no node.
	ctl alloc --size 4K perl -e '
		open my $card, "+<", $ARGV[0] or die "open: $!";
		ioctl $card, 0xc00c642e, pack "LLl", 0, 0, $ENV{DMABUF_FD} or die "import: $!";
		system "dmabuf-ctl list --raw -o DEVICES --device $_; echo \$?" for @ARGV' \
		"$render" vgem
	check normalize
}

test_filters_together()
{
	hold_several
	ctl list -o NAME,SIZE --device "$contiguous" --unbacked
	ctl list -o NAME,SIZE --name picture --user root --min-size 2M
	ctl list -o NAME,SIZE --name picture --name 10
	ctl list -o NAME,SIZE --device "$contiguous" --device "$display"
	ctl list -o NAME,SIZE --device "$display" --idle
	ctl list -o NAME,SIZE --unbacked --idle
	ctl list -o NAME --name "picture 2" --json
	ctl list -o NAME --name "picture 3" --json
	ctl list --name picture now
	release
	check normalize
}

# What a process maps isn't idle.
test_idle()
{
	ctl alloc --size 4K --name unused --commit dmabuf-ctl list -o NAME,CPU-MAPS --idle
	ctl alloc --size 4K --name used perl -e '
		syscall(9, 0, 4096, 1, 1, $ENV{DMABUF_FD} + 0, 0) > 0 or die "mmap: $!";
		system "dmabuf-ctl list -o NAME,CPU-MAPS";
		exit system("dmabuf-ctl list -o NAME,CPU-MAPS --idle") >> 8'
	check normalize
}

# By value, and natural; equal rows stay, and what isn't known is last.
test_sort()
{
	hold_several
	ctl list --raw -o NAME,SIZE --sort SIZE
	ctl list --raw -o NAME,SIZE -x -size
	ctl list --raw -o NAME -x name
	ctl list --raw -o NAME --sort=-name
	ctl list --raw -o NAME,BACKED -x backed
	ctl list --raw -o NAME,BACKED -x -backed
	ctl list --raw -o NAME,MIN-RUN -x min-run
	ctl list --raw -o NAME,MIN-RUN -x -min-run
	ctl list --raw -o NAME -x -age
	ctl list --raw -o NAME,UID -x -uid
	ctl devices --json -o CARD -x card
	ctl devices --raw -o MAX-ADDRESS,CARD -x -max-address
	ctl plan --size 4K --device "$render:r" --device "$contiguous:w" -x -device --raw -o DEVICE
	ctl alloc --size 4K --device "$contiguous" --device "$display" \
		sh -c 'dmabuf-ctl show $DMABUF_ID --raw -o ID,DEVICE -x -id'
	release
	check normalize
}

test_totals()
{
	hold_several
	ctl list -o SIZE,BACKED
	ctl list -o SIZE --bytes --name tiny
	ctl list -o SIZE --noheadings
	ctl list -o SIZE --raw
	ctl list -o SIZE --json
	ctl list -o SIZE --json --unbacked
	release
	check normalize
}

# Devices first: it lies where the camera needs it.
test_unbacked()
{
	hold --size 1200K --name picture --device "$contiguous:w" \
		--device "$display:r:label=scanout"
	ctl list -o +STATE,ATTACHMENTS,DECLARED
	ctl show "$id"
	ctl show "$pid:$fd" -o ID,BY,PID --noheadings
	ctl show "/proc/$pid/fd/$fd" --json
	release
	check normalize
}

test_backed()
{
	hold --size 1200K --name picture --device "$contiguous:w" --commit --seal
	ctl list -o SIZE,BACKED,STATE,RUNS,FIRST-MAP,FIRST-MAP-BY,SEALED,UID
	ctl show "$id" --raw
	dmabuf-ctl show "$id" | grep -v '^  Lies' >>"$tmp/got"
	[ "$(dmabuf-ctl list -nro ADDRESS-BITS)" -le 32 ] ||
		echo "above 4 GiB" >>"$tmp/got"
	ctl attach "$pid:$fd" "$render"
	release
	check normalize
}

# A device that comes after the memory: it suits this one, and not that one.
test_late_comer()
{
	hold --size 4K --fill 0x80
	[ "$(dmabuf-ctl list -nro ADDRESS-BITS)" -gt 32 ] ||
		echo "below 4 GiB" >>"$tmp/got"
	ctl attach "$pid:$fd" "$render" --test
	ctl attach "$pid:$fd" "$render:r"
	ctl attach --test "$pid:$fd" "$contiguous:w"
	dmabuf-ctl show "$id" | grep '^  Last conflict' >>"$tmp/got"
	ctl attach "$pid:$fd" "$contiguous:w"
	dmabuf-ctl show "$id" | grep '^  Last conflict' >>"$tmp/got"
	ctl list -o DEVICES,CONFLICT
	release
	check normalize
}

# The same in one command; what comes before the mistake is done, and undone.
test_order()
{
	ctl alloc --size 4K --device "$contiguous" --fill 0x80 true
	ctl alloc --size 4K --fill 0x80 --device "$contiguous" true
	ctl alloc --size 4K --commit --device "$contiguous:w" true
	ctl alloc --size 4K --seal --device "$contiguous" true
	ctl alloc --size 4K --require below=4G --fill 128 --device "$contiguous" \
		sh -c 'dmabuf-ctl show $DMABUF_ID -o LIMITS,LABEL --raw'
	ctl alloc --size 5G --require contiguous,label=window --device "$contiguous"
	ctl list
	check normalize
}

# A driver that a sealed buffer doesn't know: refused, and seen.
test_sealed()
{
	alias_add "$tmp/import" import
	ctl alloc --size 4K --device "$display" --seal sh -c \
		"perl $tmp/import $render; dmabuf-ctl show \$DMABUF_ID"
	check normalize
}

# The camera comes late, and the memory goes to where it reaches.
test_movable()
{
	ctl alloc --size 1200K --movable dmabuf-ctl list -o MOVABLE,MOVES,MOVED-FOR
	ctl alloc --size 1200K --movable --fill 0x80 --device "$contiguous:w" sh -c \
		'dmabuf-ctl show $DMABUF_ID | grep -E "Mov|Last conflict"'
	check normalize
}

test_command()
{
	ctl alloc --size 4K --name mine sh -c \
		'[ -e /proc/self/fd/$DMABUF_FD ] && dmabuf-ctl list -o ID -nr |
			sed "s/^$DMABUF_ID\$/same/"; exit 7'
	ctl alloc --size 4K -- sh -c 'dmabuf-ctl show /proc/$$/fd/$DMABUF_FD -nro BY'
	ctl alloc --size 4K sh -c 'od -An -tx1 -N4 /proc/self/fd/$DMABUF_FD 2>&1 | wc -l'
	ctl alloc --size 4K ./no-such-command --size
	check normalize
}

# Names are anyone's to choose, and reach neither terminal nor JSON as they are.
test_names()
{
	local odd=$'a\033[1m"\\\xff'

	ln -s "$(command -v dmabuf-ctl)" "$tmp/$odd"
	run "$tmp/$odd" alloc --size 4K --name $'q"\\ \xc3\xa9\xff' \
		dmabuf-ctl list --json -o NAME,CREATOR
	run "$tmp/$odd" alloc --size 4K --name $'q"\\ \xff' dmabuf-ctl list -o NAME,CREATOR
	run "$tmp/$odd" alloc --size 4K --commit \
		sh -c 'dmabuf-ctl show $DMABUF_ID | grep committed'
	ctl alloc --size 4K --name $'a\nb'
	ctl alloc --size 4K --name 0123456789-0123456789-0123456789
	# The transcript is text, so the odd names stand there as words.
	LC_ALL=C sed -i "s,^\(\\$ \)$tmp/.* alloc --size 4K,\1ODD alloc --size 4K,
		s,--name q.* dmabuf-ctl,--name ODD dmabuf-ctl," "$tmp/got"
	check normalize
}

# Whether a late-comer would be let in, and who is in the way. Asking changes nothing.
test_why()
{
	hold --size 4K --fill 0x80
	ctl why "$id" "$render:r"
	ctl why "$id" "$contiguous:w"
	ctl why "$pid:$fd" "$render:r:below=1M,label=boot"
	ctl why "/proc/$pid/fd/$fd" "$render:r:below=4K"
	ctl why "$id" "$render" --raw
	ctl why "$id" "$contiguous:w" --raw --noheadings -o ERROR,LIMIT,DEVICE,WANTED
	ctl why "$id" "$contiguous:w" --json
	ctl why "$id" /dev/null
	ctl why "$id" /dev/nothing
	ctl why 18446744073709551615 "$plain"
	ctl why 4000000:3 "$plain"
	dmabuf-ctl show "$id" | grep -A 2 '^  Last conflict' >>"$tmp/got"
	release
	ctl alloc --size 4K --device "$contiguous" sh -c "dmabuf-ctl why \$DMABUF_ID $display"
	ctl alloc --size 4K --seal sh -c "dmabuf-ctl why \$DMABUF_ID $display
		dmabuf-ctl why \$DMABUF_ID $display --json"
	check normalize
}

# Memory that moves would do so for one device and not for the other; of a third
# one only the kernel knows.
test_why_movable()
{
	ctl alloc --size 1200K --movable --fill 0x80 sh -c "
		dmabuf-ctl why \$DMABUF_ID $render
		dmabuf-ctl why \$DMABUF_ID $contiguous:w
		dmabuf-ctl why \$DMABUF_ID $contiguous:w -o ACCEPTED,MOVES
		dmabuf-ctl why \$DMABUF_ID $render:rw:align=4M
		dmabuf-ctl why \$DMABUF_ID $render:rw:segments=1
		dmabuf-ctl why \$DMABUF_ID $render:rw:segments=300,segment=4K
		dmabuf-ctl why \$DMABUF_ID $render:rw:segments=300,segment=4K --json
		dmabuf-ctl list -o MOVES,ATTACHMENTS"
	check normalize
}

# Only an fd reaches a buffer: one that is just mapped, or imported, can't be asked.
test_why_unreachable()
{
	keep map sh -c "dmabuf-ctl why \$DMABUF_ID $render"
	keep import sh -c "dmabuf-ctl why \$DMABUF_ID $render"
	chmod 666 "$node" "$render"
	hold --size 4K
	run "${nobody[@]}" dmabuf-ctl why "$id" "$render"
	run "${nobody[@]}" dmabuf-ctl why "$pid:$fd" "$render"
	release
	run "${nobody[@]}" dmabuf-ctl alloc --size 4K \
		sh -c "dmabuf-ctl why \$DMABUF_ID $render; dmabuf-ctl why \$DMABUF_ID $contiguous"
	run "${nobody[@]}" env "RENDER=$render" dmabuf-ctl alloc --size 8K "$keep" \
		map sh -c "dmabuf-ctl why \$DMABUF_ID $render"
	chmod 600 "$node" "$render"
	check normalize
}

test_not_found()
{
	ctl show 18446744073709551615
	ctl holders 18446744073709551615
	ctl holders 4000000:3
	ctl show 4000000:3
	ctl show 1:100000
	ctl show /proc/1/fd/0
	ctl attach 4000000:3 "$plain"
	check normalize
}

# One's own buffers, and no others; and a sentence for who may not.
test_users()
{
	chmod 666 "$node"
	hold --size 4K --name roots
	run "${nobody[@]}" dmabuf-ctl list -o NAME,UID
	run "${nobody[@]}" dmabuf-ctl show "$id"
	run "${nobody[@]}" dmabuf-ctl show "$pid:$fd"
	run "${nobody[@]}" dmabuf-ctl alloc --size 4K --name nobodys \
		dmabuf-ctl list -o NAME,UID
	run "${nobody[@]}" dmabuf-ctl alloc --size 4K --device "$contiguous"
	release
	chgrp 44 "$node"
	chmod 660 "$node"
	run "${nobody[@]}" dmabuf-ctl list
	chown 0:0 "$node"
	chmod 600 "$node"
	check normalize
}

# A /dev with nothing in it; with a node that no driver is behind; with another's.
test_no_device()
{
	run unshare -m sh -c "mount -t tmpfs dev /dev
		dmabuf-ctl list; echo \$?; dmabuf-ctl top --batch; echo \$?
		mknod $node c 10 250; dmabuf-ctl list; echo \$?; rm $node
		mknod $node c 1 3; dmabuf-ctl list"
	check cat
}

# Output that can't be written: a full disk, and a reader that went away.
test_output()
{
	run_to /dev/full dmabuf-ctl list -H
	run_to /dev/full dmabuf-ctl list --json
	run_to /dev/full dmabuf-ctl --help
	run_to /dev/full dmabuf-ctl report
	run_to /dev/full dmabuf-ctl completion bash
	run_to /dev/full dmabuf-ctl top --batch -d 0.1
	run_to /dev/full dmabuf-ctl alloc --size 4K
	mkfifo "$tmp/pipe"
	exec 3<>"$tmp/pipe"
	exec 4>"$tmp/pipe"
	exec 3<&-
	run_to "&4" dmabuf-ctl list -H
	run_to "&4" dmabuf-ctl top --batch -d 0.1
	run_to "&4" dmabuf-ctl alloc --size 4K
	exec 4>&-
	check cat
}

# A terminal gets colours, unless it or the user doesn't want them.
test_colors()
{
	local setting

	for setting in TERM=xterm 'TERM=xterm NO_COLOR=1' TERM=dumb; do
		echo "$setting" >>"$tmp/got"
		# shellcheck disable=SC2086	# several settings
		env -u NO_COLOR $setting script -qec \
			'dmabuf-ctl plan --size 4K; exec dmabuf-ctl alloc --size 4K dmabuf-ctl list -o SIZE' \
			/dev/null </dev/null | tr -d '\r' | cat -v >>"$tmp/got"
	done
	check cat
}

# On a terminal lines end where it does, and elsewhere nothing is left out.
test_width()
{
	local columns

	hold --size 4K --name "a picture with a name"
	for columns in 80 200; do
		env -u COLUMNS NO_COLOR=1 TERM=xterm script -qec "stty cols $columns; dmabuf-ctl list" \
			/dev/null </dev/null | tr -d '\r' >"$tmp/list"
		echo "$columns columns: $(awk -v "most=$columns" 'length > most { wide++ }
			END { print wide + 0 }' "$tmp/list") wider," \
			"$(grep -c 'a picture with a name' "$tmp/list") whole" >>"$tmp/got"
	done
	echo "no terminal: $(dmabuf-ctl list | grep -c 'a picture with a name') whole" >>"$tmp/got"
	release
	check normalize
}

tests=(help columns usage devices devices_json devices_unknown plan plan_json
	plan_refused plan_nearest empty filters filters_together idle sort totals
	unbacked backed late_comer order sealed movable command names why why_movable
	why_unreachable not_found users no_device output colors width)
. "$(dirname "$0")/ctl/transcript.sh"
