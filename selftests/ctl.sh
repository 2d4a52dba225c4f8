#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# dmabuf-ctl's command line against expected output. A test runs commands; the
# transcript of them, what varies from run to run replaced by a word, must be the
# one in ctl/expected/. With WRITE=FOLDER the transcripts are written there too,
# for whoever changes the command line. Prints KTAP. Needs root, the module, vivid
# (instances with allocators 0 and 1), cirrus and vgem; exits with 4 where they
# aren't.
# shellcheck disable=SC2016	# commands for inner shells
# shellcheck disable=SC2317	# the tests are called by their names

set -u
. "$(dirname "$0")/nodes.sh"
expected=$(dirname "$0")/ctl/expected
manual=$(dirname "$0")/../tools/man/dmabuf-ctl.1
keep=${BUILD:-build}/selftests/ctl/keep
other=${BUILD:-build}/selftests/ctl/other
node=/dev/dmabuf-heap
tmp=$(mktemp -d)
PATH=${BUILD:-build}/tools:$PATH
holders=()
as=()
screens=0
nobody=(setpriv --reuid=65534 --regid=65534 --clear-groups)

end()
{
	[ ${#holders[@]} -eq 0 ] || kill -9 "${holders[@]}" 2>/dev/null
	screen_end 2>/dev/null
	rm -rf "$tmp"
}
trap end EXIT

# run COMMAND...: as it is, into the transcript.
run()
{
	local rc=0

	echo "\$ $*" >>"$tmp/got"
	"$@" >>"$tmp/got" 2>&1 || rc=$?
	echo "=> $rc" >>"$tmp/got"
}

# ctl ARGUMENT...
ctl()
{
	run dmabuf-ctl "$@"
}

# hold ARGUMENT...: a buffer that is held in the background, by the user that the
# command in "as" makes it; sets id, fd and pid.
hold()
{
	local line

	exec 5< <(exec "${as[@]}" dmabuf-ctl alloc "$@" 2>&1)
	pid=$!
	holders+=("$pid")
	read -r -t 20 line <&5
	printf '$ dmabuf-ctl alloc %s &\n%s\n' "$*" "$line" >>"$tmp/got"
	[[ $line =~ ^buffer\ ([0-9]+)\ is\ fd\ ([0-9]+)\  ]] || return
	id=${BASH_REMATCH[1]}
	fd=${BASH_REMATCH[2]}
	alias_add "$pid:$fd" PID:FD
	alias_add "/proc/$pid/fd/$fd" /proc/PID/fd/FD
	alias_add "^ *$id " "ID "
	alias_add " $pid\\>" " PID"
	alias_add "buffer $id" "buffer ID"
	alias_add "show $id" "show ID"
	alias_add "holders $id" "holders ID"
	alias_add "why $id" "why ID"
	alias_add "graph $id" "graph ID"
}

# Ends all that hold has started; each has to end well.
release()
{
	local holder rc

	for holder in "${holders[@]}"; do
		rc=0
		kill "$holder"
		wait "$holder" || rc=$?
		echo "released => $rc" >>"$tmp/got"
	done
	holders=()
	exec 5<&-
}

# What to replace in this test's transcript, longer texts first.
alias_add()
{
	printf 's,%s,%s,g\n' "${1//./\\.}" "$2" >>"$tmp/aliases"
}

# Takes out what varies: numbers of nodes, processes and buffers, ages, the place
# of memory, and with them the widths of columns.
normalize()
{
	# Ages first, before a number of milliseconds is taken for a process.
	sed -E -e 's/[0-9]+ ms( |$)/AGE\1/g' -f "$tmp/aliases" -f "$tmp/nodes" -e '
		s,/dev/video[0-9]+,/dev/videoN,g
		s/cirrus-qemu/cirrus/
		s/[0-9]+\.[0-9] s( |$)/AGE\1/g
		s/less than 1 ms/AGE/g
		s/^[0-9-]{10} [0-9:]{8}$/TIME/
		s/ [0-9]{2}:[0-9]{2}:[0-9]{2}$/ CLOCK/
		s/[0-9.]+ (per second|allocations)/RATE \1/g
		s/(block is|can give|can align to) [0-9.]+ .?iB/\1 BYTES/g
		s/("(found|move_time|move_age)": )[0-9]{2,}/\1NUMBER/
		s/^(Buffer) [0-9]+/\1 ID/
		s/^[0-9]{2}(:[0-9]{2}){2}\.[0-9]{3} /TIME /
		s/^(TIME buffer) [0-9]+ +/\1 ID /
		s/^(TIME .*\(process) [0-9]+/\1 PID/
		s/^(TIME .* in) [0-9]+ ms:/\1 AGE:/
		s/^(TIME .*: contiguous, below) [0-9.]+ .iB/\1 BYTES/
		s/^(TIME .*:) [0-9]+ runs, below [0-9.]+ .iB/\1 N runs, below BYTES/
		/"monotonic"/ s/("(time|monotonic|id|pid|address_bits|duration)": )[0-9]+/\1NUMBER/g
		s/\(process [0-9]+, user/(process PID, user/
		s/process [0-9]+ \(/process PID (/
		s/^ *[0-9]{2,} (keep|sh|dmabuf-ctl) /PID \1 /
		s/\([0-9]{2,}\)/(PID)/g
		s/holds buffer [0-9]+;/holds buffer ID;/
		s/\<buffer [0-9]{1,9}\>/buffer ID/g
		s/([">])Buffer [0-9]+/\1Buffer ID/g
		s/process [0-9]+("|\\n|<)/process PID\1/g
		s/("(id|pid|age|first_map_age|last_map)": )[0-9]{2,}/\1NUMBER/
		s/([^ ])  +/\1 /g
		s/ +$//
		s/^ +(ID |PID |import |vmap|[0-9])/\1/'
}

complain()
{
	echo "# $*"
	return 1
}

# The transcript has to be the expected one.
check()
{
	$1 <"$tmp/got" >"$tmp/normal"
	[ -z "${WRITE:-}" ] || cp "$tmp/normal" "$WRITE/$name"
	diff -u "$expected/$name" "$tmp/normal" >"$tmp/diff" && return
	sed 's/^/# /' "$tmp/diff"
	return 1
}

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

# Buffers of all kinds, of lengths that add up to something known.
hold_several()
{
	hold --size 4K --name tiny
	hold --size 1200K --name "picture 10" --device "$contiguous:w" --device "$display:r"
	hold --size 8M --name "picture 2" --device "$contiguous:w" --commit
	chmod 666 "$node"
	as=("${nobody[@]}")
	hold --size 64K --name nobodys --require below=4G,label=scanout
	as=()
	chmod 600 "$node"
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

# frame ARGUMENT...: of the buffer that is held; XR24, if nothing else is said.
frame()
{
	ctl frame "$pid:$fd" --format XR24 "$@"
}

# What isn't a picture in the end is a sentence, and no file. Strides are larger than
# any process's number, which is replaced.
test_frame()
{
	alias_add "$tmp" TMP
	ctl frame --list-formats
	hold --size 352K
	frame --size 10000x9 -o "$tmp/unbacked.png"
	release
	hold --size 356K --fill 0x80
	frame --size 10000x9 -o "$tmp/guessed.png"
	frame --size 10000x5 -o "$tmp/least.png"
	frame --size 10000x10 -o "$tmp/large.png"
	frame --size 10000x2 --stride 39999 -o "$tmp/stride.png"
	frame --size 10000x2 --stride 18446744073709551615 -o "$tmp/product.png"
	frame --size 10000x2 --offset 18446744073709551615 -o "$tmp/sum.png"
	ctl frame "$pid:$fd" --format NV12 --size 40001x3 --stride 40064,40001 -o "$tmp/pairs.png"
	frame --size 2x2 -o "$tmp/no/folder.png"
	frame --size 2x2 -o "$tmp"
	run sh -c "dmabuf-ctl frame $pid:$fd --format XR24 --size 2x2 --output=- | tail -c 8 | head -c 4; echo"
	ctl frame 1:0 --format XR24 --size 2x2 -o "$tmp/null.png"
	ctl frame "$pid:100000" --format XR24 --size 2x2 -o "$tmp/none.png"
	ctl frame 4000000:3 --format XR24 --size 2x2 -o "$tmp/none.png"
	run "${nobody[@]}" dmabuf-ctl frame "$pid:$fd" --format XR24 --size 2x2 -o "$tmp/nobody.png"
	release
	run sh -c "cd $tmp && ls *.png*"
	check "sed -f $tmp/aliases"
}

# A file is complete, or the one that was there before; a device is written to.
test_frame_output()
{
	alias_add "$tmp" TMP
	mkdir -p "$tmp/small"
	mount -t tmpfs -o size=8K small "$tmp/small"
	echo before >"$tmp/small/picture.png"
	ln -s small/picture.png "$tmp/link.png"
	hold --size 1M --fill 0x80
	frame --size 100x2 -o /dev/full
	run_to /dev/full dmabuf-ctl frame "$pid:$fd" --format XR24 --size 100x2 -o -
	mkfifo "$tmp/pipe"
	exec 3<>"$tmp/pipe"
	exec 4>"$tmp/pipe"
	exec 3<&-
	run_to "&4" dmabuf-ctl frame "$pid:$fd" --format XR24 --size 100x2 -o -
	exec 4>&-
	rm "$tmp/pipe"
	run [ -c /dev/full ]
	head -c 4096 /dev/zero >"$tmp/small/rest"
	frame --size 100x2 -o "$tmp/small/picture.png"
	run cat "$tmp/small/picture.png"
	rm "$tmp/small/rest"
	frame --size 100x2 -o "$tmp/link.png"
	run sh -c "head -c 4 $tmp/small/picture.png | tail -c 3; stat -c =%a $tmp/small/picture.png"
	run ls "$tmp/small"
	run script -qec "dmabuf-ctl frame $pid:$fd --format XR24 --size 100x2 -o -" /dev/null
	release
	umount "$tmp/small"
	tr -d '\r' <"$tmp/got" >"$tmp/plain"
	mv "$tmp/plain" "$tmp/got"
	check "sed -f $tmp/aliases"
}

# Who maps it, now and ever, while a picture is on the screen.
test_maps()
{
	local keys i buffer name=maps

	drm_maps || name=maps_attached
	mkfifo "$tmp/keys"
	exec {keys}<>"$tmp/keys"
	dmabuf-play --device "$contiguous" --card "$display" --buffers 2 --frames 4 \
		--hold <"$tmp/keys" >"$tmp/played" 2>&1 &
	pid=$!
	holders+=("$pid")
	for ((i = 0; i < 200; i++)); do
		! grep -q Enter "$tmp/played" || break
		sleep 0.1
	done
	ctl list -o STATE,RUNS,DEVICES,MAPS,MAPS-READ,MAPS-WRITE,MAPS-BOTH,CREATOR,FIRST-MAP-BY
	ctl list -o NAME --idle
	ctl list -o NAME --json --device "$contiguous"
	buffer=$(dmabuf-ctl list -nro ID | head -n 1)
	{
		dmabuf-ctl show "$buffer" | grep -E 'Maps now|First map'
		dmabuf-ctl show "$buffer" --bytes --noheadings \
			-o KIND,DECLARED-ID,NODE,DEVICE,ACCESS,MAPS,EVER | sed 1,/Attachments/d
		dmabuf-ctl holders "$buffer" --noheadings -o COMMAND,HOW,NODE,DEVICE
		dmabuf-ctl attach "$pid:$(dmabuf-ctl holders "$buffer" -nro FD | head -n 1)" \
			"$render:r:below=16M" 2>/dev/null
		dmabuf-ctl graph "$buffer" | sed -n 's/, tooltip=.*//; /->/ p'
	} >>"$tmp/got"
	echo >&"$keys"
	wait "$pid"
	holders=()
	exec {keys}>&-
	check normalize
}

# Not the length: some kernels' drivers map what they import, others only attach.
look='dmabuf-ctl holders $DMABUF_ID -o PID,COMMAND,USER,HOW,FD,ACCESS,DEVICE
	dmabuf-ctl show $DMABUF_ID | grep -A 1 "^  Held"'

# keep HOW COMMAND...: ctl/keep.c has a buffer and runs a command, which hasn't.
keep()
{
	alias_add "$keep" keep
	RENDER=$render ctl alloc --size 8K --name kept "$keep" "$@"
}

# By fd, by mapping, after fork, by a thread; and what the kernel alone holds.
test_holders()
{
	local how

	hold --size 4K --name held
	ctl holders "$id"
	ctl holders "$pid:$fd" --json
	ctl holders "$id" --raw -o COMMAND,UID,OFFSET
	release
	for how in twice map import fork thread table; do
		keep "$how" sh -c "$look"
	done
	keep map sh -c 'dmabuf-ctl holders $DMABUF_ID
		dmabuf-ctl list -o NAME,CPU-MAPS,HOLDERS
		dmabuf-ctl holders $DMABUF_ID --bytes -o LENGTH,OFFSET
		dmabuf-ctl show $DMABUF_ID --json | sed -n "/\"holders\": .$/,\$ p"'
	check normalize
}

# Buffers that no process holds; who holds what is looked up only when asked for.
# Not the totals: not every kernel's vgem maps what it imports.
test_orphans()
{
	keep import sh -c 'dmabuf-ctl list --orphan --raw -o NAME,HOLDERS
		dmabuf-ctl list --json -o NAME,HOLDERS | sed "/totals/,\$ d"'
	keep fork sh -c 'dmabuf-ctl list --orphan -o NAME,HOLDERS; echo $?
		dmabuf-ctl list -o NAME,HOLDERS; dmabuf-ctl list --json | grep holders'
	ctl list --orphan
	check normalize
}

# other COMMAND...: ctl/other.c has a dma-buf of another exporter.
other()
{
	alias_add "$other" other
	alias_add "$keep" keep
	run "$other" "$@"
}

# With the dma-bufs of others, in between and alone.
test_all()
{
	alias_add "[0-9]+ +16 KiB" "ID 16 KiB"
	hold --size 8K --name ours --device "$render:r"
	other "$keep" fd sh -c 'dmabuf-ctl list --all
		dmabuf-ctl list --all -o +UID --noheadings
		dmabuf-ctl list -o NAME,EXPORTER'
	other "$keep" twice sh -c 'dmabuf-ctl list --all --json -o EXPORTER,NAME,SIZE,STATE,HOLDERS
		for filter in "--min-size 16K" "--min-size 20K" "--name of" --idle "--user root" \
			--orphan "--device vgem"; do
			dmabuf-ctl list --all $filter -o NAME,SIZE; echo $?
		done
		dmabuf-ctl list --all --raw -x -SIZE -o SIZE,HELD-BY'
	# A mapping alone doesn't tell the exporter.
	other "$keep" map sh -c 'dmabuf-ctl list --all --raw -o NAME,SIZE,EXPORTER,HOLDERS --name of'
	release
	ctl list --all -o NAME
	check normalize
}

# What isn't the user's is told as far as /proc does; and without the module all is.
test_all_users()
{
	local columns=NAME,SIZE,STATE,EXPORTER,HELD-BY how

	chmod 666 "$node" "$render"
	alias_add "$keep" keep
	hold --size 4K
	for how in fd map; do
		run dmabuf-ctl alloc --size 8K --name root "${nobody[@]}" "$keep" "$how" \
			dmabuf-ctl list --all -o "$columns"
	done
	release
	chmod 600 "$node"
	other "${nobody[@]}" "$keep" fd dmabuf-ctl list --all -o "$columns"
	chmod 600 "$render"
	other "$keep" fd unshare -m sh -c "mount -t tmpfs dev /dev
		dmabuf-ctl list --all -o $columns; echo \$?
		dmabuf-ctl list --all --json -o NAME,SIZE,STATE,EXPORTER,HOLDERS"
	check normalize
}

# Processes come and go during the walk, and some of them hold the buffer.
test_holders_churn()
{
	ctl alloc --size 4K sh -c 'while :; do /bin/true; done &
		for i in 1 2 3 4; do dmabuf-ctl holders $DMABUF_ID -nro COMMAND,HOW || echo $?
		done 2>&1 | sort -u | grep -v true; kill $!'
	check normalize
}

# What a user sees is said to be a part, and a mapping without an fd is in it.
test_holders_users()
{
	local how

	chmod 666 "$node" "$render"
	alias_add "$keep" keep
	hold --size 4K
	run "${nobody[@]}" dmabuf-ctl holders "$id"
	run "${nobody[@]}" dmabuf-ctl holders "$pid:$fd"
	release
	for how in map import; do
		run "${nobody[@]}" env "RENDER=$render" dmabuf-ctl alloc --size 8K "$keep" \
			"$how" sh -c "$look; dmabuf-ctl list --orphan --raw -o HOLDERS,SIZE"
	done
	chmod 600 "$node" "$render"
	check normalize
}

# watch_begin FILE COMMAND...: in the background, with its output in a file; it
# watches when this returns.
watch_begin()
{
	local to=$1 i
	shift

	echo "\$ $* &" >>"$tmp/got"
	"$@" >"$to" 2>&1 &
	watcher=$!
	holders+=("$watcher")
	for ((i = 0; i < 200; i++)); do
		# shellcheck disable=SC2010	# links by what they lead to
		! ls -l "/proc/$watcher/fd" | grep -q signalfd || break
		sleep 0.1
	done
}

# watch_end [SIGNAL]: what it has seen. It has to end well.
watch_end()
{
	local rc=0

	[ -z "${1:-}" ] || kill "-$1" "$watcher"
	wait "$watcher" || rc=$?
	{
		echo "watch:"
		cat "$tmp/watched"
		echo "watched => $rc"
	} >>"$tmp/got"
	holders=()
}

# The story of a buffer, of a late-comer, and of a move.
test_watch()
{
	watch_begin "$tmp/watched" dmabuf-ctl watch
	ctl alloc --size 1200K --name picture --device "$contiguous:w:label=capture" \
		--device "$display:r" --require contiguous,label=scanout --fill 0x80 --seal true
	ctl alloc --size 4K --fill 0x80 --device "$contiguous" true
	ctl alloc --size 1200K --movable --fill 0x80 --device "$contiguous:w" true
	watch_end INT
	check normalize
}

test_watch_json()
{
	watch_begin "$tmp/watched" dmabuf-ctl watch --json \
		--events create,attach,refused,cpu-map,first-map
	ctl alloc --size 4K --name 'a "name"' --device "$contiguous:w:label=capture" --fill 0 true
	ctl alloc --size 4K --fill 0x80 --device "$contiguous" true
	watch_end TERM
	check normalize || return
	perl -MJSON::PP -ne 'decode_json($_)' "$tmp/watched" || complain "a line is no JSON"
}

# It ends after so many lines, with its buffer, and when nobody reads it.
test_watch_ends()
{
	local reader rc=0

	watch_begin "$tmp/watched" dmabuf-ctl watch --events create,release --count 3
	ctl alloc --size 4K --commit true
	ctl alloc --size 8K --commit true
	watch_end
	hold --size 4K
	alias_add "id $id" "id ID"
	watch_begin "$tmp/watched" dmabuf-ctl watch --id "$id" --events first-map
	ctl alloc --size 8K --commit true
	release
	watch_end
	ctl watch --id 18446744073709551615
	mkfifo "$tmp/read"
	cat "$tmp/read" >/dev/null &
	reader=$!
	watch_begin "$tmp/read" dmabuf-ctl watch
	kill -0 "$watcher" && kill "$reader"
	wait "$watcher" || rc=$?
	echo "nobody reads => $rc" >>"$tmp/got"
	holders=()
	check normalize
}

# It is told how much it missed, also when the buffer's end is among that.
test_watch_misses()
{
	hold --size 4K
	alias_add "id $id" "id ID"
	watch_begin "$tmp/watched" dmabuf-ctl watch --id "$id" --events cpu-map
	kill -STOP "$watcher"
	DMABUF_FD=$pid:$fd "$keep" maps true
	holders=("$pid")
	release
	kill -CONT "$watcher"
	watch_end
	sed -i -E '/buffer [0-9]+ +cpu-map/d; s/[0-9]+ events/MANY events/' "$tmp/got"
	check normalize
}

# One's own, and no others.
test_watch_users()
{
	chmod 666 "$node"
	watch_begin "$tmp/watched" "${nobody[@]}" dmabuf-ctl watch --count 2
	ctl alloc --size 4K --name roots true
	run "${nobody[@]}" dmabuf-ctl alloc --size 4K --name nobodys true
	watch_end
	chmod 600 "$node"
	check normalize
}

# Looks for a log: what is there, who holds it, one's own, and an end by a signal.
test_top()
{
	hold_several
	ctl top --batch -n 1
	ctl top --batch -d 0.2 -n 2 -o NAME,NEW-MAPS,HOLDERS -x NAME
	ctl top --batch -n 1 --by process -o BUFFERS,SIZE,BACKED,FDS,MAPPINGS,UID -x BUFFERS
	chmod 666 "$node"
	run "${nobody[@]}" dmabuf-ctl top --batch -n 1 -o NAME,HOLDERS
	chmod 600 "$node"
	release
	run timeout --preserve-status -s INT 2 dmabuf-ctl top --batch -d 100 -o NAME
	keep map dmabuf-ctl top --batch -n 1 --by process \
		-o COMMAND,BUFFERS,SIZE,BACKED,FDS,BY-FD,MAPPINGS,BY-MAPPING
	keep import sh -c 'dmabuf-ctl top --batch -n 1 -o NAME,HOLDERS |
		sed -n "s/.*, //; /orphaned/p; /kept/p"'
	check normalize
}

# wait_for PATTERN COMMAND...: until its output has it.
wait_for()
{
	local pattern=$1 end=$((SECONDS + 20))
	shift

	while [ "$SECONDS" -lt "$end" ]; do
		! "$@" 2>/dev/null | grep -q -e "$pattern" || return 0
		sleep 0.1
	done
	echo "no \"$pattern\" came" >>"$tmp/got"
}

# Two buffers are mapped by the camera and, where it maps, the display between looks.
test_top_maps()
{
	local keys top name=top_maps

	drm_maps || name=top_maps_attached
	dmabuf-ctl top --batch -n 2 -d 10 -o NAME,MAPS,NEW-MAPS,HOLDERS,DEVICES -x NAME \
		>"$tmp/looks" 2>&1 &
	top=$!
	wait_for '^NAME' cat "$tmp/looks"
	mkfifo "$tmp/play"
	exec {keys}<>"$tmp/play"
	dmabuf-play --device "$contiguous" --card "$display" --buffers 2 --frames 4 \
		--hold <"$tmp/play" >"$tmp/played" 2>&1 &
	pid=$!
	holders+=("$pid")
	wait_for Enter cat "$tmp/played"
	wait "$top"
	cat "$tmp/looks" >>"$tmp/got"
	ctl top --batch -n 1 --by process -o COMMAND,BUFFERS,SIZE,BACKED,BY-FD
	echo >&"$keys"
	wait "$pid"
	holders=()
	exec {keys}>&-
	check normalize
}

# What comes and goes during a look is no error.
test_top_churn()
{
	local churn

	while :; do
		dmabuf-ctl alloc --size 4K --device "$contiguous" --commit true
	done >/dev/null 2>&1 &
	churn=$!
	holders+=("$churn")
	dmabuf-ctl top --batch -n 20 -d 0.02 >"$tmp/looks" 2>>"$tmp/got"
	echo "$? $(grep -cE '^ *ID ' "$tmp/looks") looks" >>"$tmp/got"
	kill "$churn"
	wait "$churn" 2>/dev/null
	holders=()
	check cat
}

# The screen of a terminal, each with a server of its own.
screen()
{
	tmux -L "top$screens" "$@"
}

screen_text()
{
	screen capture-pane -p -t top
}

# screen_begin COLUMNS LINES [SETTING [PATTERN]]: top runs when the pattern is seen.
screen_begin()
{
	screens=$((screens + 1))
	screen -f /dev/null new-session -d -s top -x "$1" -y "$2" \
		"env ${3:-NO_COLOR=} dmabuf-ctl top -d 0.5; echo ended \$?; sleep 1000"
	wait_for "${4:-per second}" screen_text
}

screen_end()
{
	screen kill-server
}

# screen_press PATTERN KEY...: the pattern says that the keys have been obeyed.
screen_press()
{
	local pattern=$1
	shift

	screen send-keys -t top "$@"
	wait_for "$pattern" screen_text
	echo "Keys: $*" >>"$tmp/got"
}

screen_take()
{
	screen_text | sed '/^$/d' >>"$tmp/got"
}

test_top_screen()
{
	local holder

	hold_several
	for holder in "${holders[@]}"; do
		alias_add "^ *$holder " "PID "
	done
	screen_begin 80 24
	screen_take
	screen_press 'by AGE, falling' T
	screen_press 'by AGE, rising' I
	screen_press 'by MAPS/S' R
	screen_press 'by BACKED' M '>'
	screen_press 'by ID' '<' '<' '<'
	screen_press 'rising' I
	screen_take
	screen_press 'Filter: PICT_' / P I C T x BSpace
	screen_press '"PICT": 2 of 4' Enter
	screen_take
	screen_press 'by ID, rising' / Escape
	screen_press COMMAND p
	screen_take
	screen_press NAME p
	screen_press 'Keys of' F1
	screen_take
	screen_press NAME q
	screen_press 'Sort by' F6
	screen_take
	screen_press 'by ID, falling' Home Enter
	screen_press 'Last conflict' End Up Enter
	screen_take
	screen_press NAME Escape
	screen_press 'ended 0' q
	screen_end
	release
	check normalize
}

# A size that changes, colours, and terminals that are none.
test_top_terminal()
{
	local setting

	hold --size 4K --name "a picture"
	screen_begin 80 24
	screen resize-window -t top -x 39 -y 24
	wait_for 'Too small' screen_text
	screen_take
	screen resize-window -t top -x 80 -y 9
	sleep 1
	screen_take
	screen resize-window -t top -x 140 -y 10
	wait_for 'CPU-MAPS.*CREATOR' screen_text
	screen_take
	screen_press 'ended 0' F10
	screen_end
	for setting in NO_COLOR= NO_COLOR=1; do
		screen_begin 80 24 "$setting"
		echo "$setting: $(screen capture-pane -pe -t top | grep -cE $'\033\\[[0-9;]*[34][0-7]m')" \
			"lines have colours" >>"$tmp/got"
		screen_end
	done
	screen_begin 80 24 TERM=dumb ended
	screen_take
	screen_end
	ctl top
	release
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

# Processes, buffers and devices, and a conflict: as text, and as dot sees it.
test_graph()
{
	alias_add "$tmp" TMP
	ctl graph
	run sh -c 'dmabuf-ctl graph | dot -Tsvg | grep -c "<svg"'
	hold --size 4K --name picture --device "$render:r:label=scanout" \
		--require below=64G,label=window --fill 0x80
	ctl attach "$pid:$fd" "$contiguous:w"
	ctl graph
	ctl graph "$id" "$pid:$fd" --output "$tmp/graph.dot"
	run sh -c "dmabuf-ctl graph $id -o - | sed s/tooltip=.*// >$tmp/graph.again
		sed s/tooltip=.*// $tmp/graph.dot | diff $tmp/graph.again - && rm $tmp/graph.again"
	ctl graph "$id" -o "$tmp/graph.png"
	run sh -c "head -c 4 $tmp/graph.png | tail -c 3; echo"
	ctl graph "$id" -o "$tmp/graph.svg"
	run sh -c "grep -o '>[^<>]*</text>' $tmp/graph.svg | grep -v dashed:"
	run ls "$tmp" --ignore=[^g]* --ignore=got
	ctl graph 18446744073709551615
	ctl graph "$id" 4000000:3 -o "$tmp/none.svg"
	release
	check normalize
}

# Several processes hold it; who filled it doesn't any more. Who is asked about one
# buffer sees no other, and what a user may not see isn't there.
test_graph_processes()
{
	local more='tail -f /dev/null &
		until read -r name </proc/$!/comm && [ "$name" = tail ]; do :; done'

	ctl alloc --size 4K --movable --commit --seal sh -c "$more"'
		dmabuf-ctl alloc --size 4K --name other sh -c "dmabuf-ctl graph $DMABUF_ID"
		kill $!'
	ctl alloc --size 4K --name shared --fill 0x80 --device "$render:r" sh -c "$more
		dmabuf-ctl attach \$\$:\$DMABUF_FD $contiguous:w:label=capture
		(eval \"exec \$DMABUF_FD<&-\"; dmabuf-ctl graph)
		kill \$!"
	keep map sh -c 'dmabuf-ctl graph | grep -o ".* -> [^,]*"'
	keep import sh -c 'dmabuf-ctl graph | grep -o "held by no process in sight\|.* -> [^[]*"'
	chmod 666 "$node"
	hold --size 4K
	run "${nobody[@]}" dmabuf-ctl graph
	run "${nobody[@]}" dmabuf-ctl graph "$id"
	release
	chmod 600 "$node"
	check normalize
}

# The limit that is in the way came first: all that is known is whose it is. A driver
# that was refused is there, too.
test_graph_conflicts()
{
	alias_add "$tmp/import" import
	alias_add "$tmp" TMP
	ctl alloc --size 128K --require align=64M,label=window --device "$render:w" sh -c "
		dmabuf-ctl attach \$\$:\$DMABUF_FD $render:r:below=16M
		dmabuf-ctl graph -o $tmp/limit.dot"
	run grep -e '->' "$tmp/limit.dot"
	ctl alloc --size 4K --commit --seal sh -c "perl $tmp/import $render
		dmabuf-ctl graph -o $tmp/sealed.dot"
	run grep -e '->' "$tmp/sealed.dot"
	check normalize
}

# What Graphviz would understand in a name is just its characters.
test_graph_names()
{
	local odd=$'a\n"];\\N\xff'

	ln -s "$(command -v dmabuf-ctl)" "$tmp/$odd"
	run "$tmp/$odd" alloc --size 4K --name $'q"\\L&amp;<b>\xc3\xa9\xff\\' --commit \
		--require 'below=64G,label=\l"->&lt;' sh -c 'dmabuf-ctl attach $$:$DMABUF_FD '"$render"':r:below=1M
			dmabuf-ctl graph
			dmabuf-ctl graph -o '"$tmp/odd.svg"'
			grep -o ">[^<>]*</text>" '"$tmp/odd.svg"' | grep -v dashed:'
	# The command line isn't text, and begins the transcript.
	LC_ALL=C sed -i '1,/^dmabuf-ctl/ { /^dmabuf-ctl/ !d }' "$tmp/got"
	check normalize
}

# A picture is complete, or the file that was there before stays.
test_graph_output()
{
	alias_add "$tmp" TMP
	mkdir -p "$tmp/small" "$tmp/bin"
	mount -t tmpfs -o size=8K small "$tmp/small"
	echo before >"$tmp/small/graph.png"
	ln -s small/graph.png "$tmp/link.png"
	head -c 4096 /dev/zero >"$tmp/small/rest"
	ctl alloc --size 4K --device "$render" dmabuf-ctl graph -o "$tmp/small/graph.png"
	run cat "$tmp/small/graph.png"
	rm "$tmp/small/rest"
	ctl graph -o "$tmp/link.png"
	run sh -c "head -c 4 $tmp/small/graph.png | tail -c 3; stat -c =%a $tmp/small/graph.png"
	run ls "$tmp/small"
	umount "$tmp/small"
	run_to /dev/full dmabuf-ctl graph
	ctl graph -o "$tmp/none/graph.svg"
	ln -s /dev/full "$tmp/full.svg"
	ctl graph -o "$tmp/full.svg"
	ln -s "$(command -v dmabuf-ctl)" "$tmp/bin"
	run env PATH="$tmp/bin" dmabuf-ctl graph -o "$tmp/none.svg"
	printf '#!/bin/sh\necho Error: out of ink >&2\necho and more >&2\nexit 3\n' >"$tmp/bin/dot"
	chmod 755 "$tmp/bin/dot"
	run env PATH="$tmp/bin" dmabuf-ctl graph -o "$tmp/none.svg"
	printf '#!/bin/sh\nkill -9 $$\n' >"$tmp/bin/dot"
	run env PATH="$tmp/bin" dmabuf-ctl graph -o "$tmp/none.svg"
	run env PATH="$tmp/bin" dmabuf-ctl graph -o "$tmp/text.dot"
	run ls "$tmp" --ignore=[^nt]* --ignore=nodes --ignore=normal
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

# run_to FILE COMMAND...: with its output in a file, or to fd 4.
run_to()
{
	local to=$1 rc=0
	shift

	echo "\$ $* >$to" >>"$tmp/got"
	if [ "$to" = "&4" ]; then
		"$@" 2>>"$tmp/got" >&4 || rc=$?
	else
		"$@" 2>>"$tmp/got" >"$to" || rc=$?
	fi
	echo "=> $rc" >>"$tmp/got"
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

[ "$(id -u)" -eq 0 ] || skip "not root"
[ -c $node ] || skip "the module isn't loaded"
command -v dmabuf-ctl >/dev/null || skip "dmabuf-ctl isn't built"
[ -e $vivid/allocators ] || skip "vivid isn't loaded"
plain=$(camera 0) || skip "vivid has no instance with allocators=0"
contiguous=$(camera 1) || skip "vivid has no instance with allocators=1"
display=$(card cirrus || card cirrus-qemu) || skip "cirrus isn't loaded"
render=$(card vgem) || skip "vgem isn't loaded"

# The transcripts know no more devices than Debian's kernels have.
modprobe -qr vim2m vkms

# 6 GiB reach above 4 GiB, where the kernel takes memory from when nobody objects.
read -r _ memory _ </proc/meminfo
[ "$memory" -gt 5000000 ] || skip "this machine has no memory above 4 GiB to speak of"

# PRIME: DRM_IOCTL_PRIME_FD_TO_HANDLE
cat >"$tmp/import" <<-'END'
	open my $card, "+<", $ARGV[0] or die;
	ioctl $card, 0xc00c642e, pack "LLl", 0, 0, $ENV{DMABUF_FD} or print "$!\n";
END

cat >"$tmp/nodes" <<-END
	s,\\<${plain##*/}\\>,PLAIN,g
	s,\\<${contiguous##*/}\\>,CONTIG,g
	s,\\<${display##*/}\\>,DISPLAY,g
	s,\\<${render##*/}\\>,RENDER,g
	s,$(basename "$(readlink -f "/sys/class/drm/${display##*/}/device")"),CIRRUS,g
END

# ctl_report.sh has tests of its own.
[ -n "${tests+set}" ] || tests=(help columns usage devices devices_json
	devices_unknown plan plan_json plan_refused
	plan_nearest empty filters filters_together idle sort totals unbacked backed
	late_comer order sealed movable command names frame frame_output maps holders
	orphans all all_users holders_churn holders_users watch watch_json watch_ends watch_misses watch_users top
	top_maps top_churn top_screen top_terminal why why_movable why_unreachable graph
	graph_processes graph_conflicts graph_names graph_output not_found users no_device
	output colors width)
echo "TAP version 13"
echo "1..${#tests[@]}"
number=0 failed=0
for name in "${tests[@]}"; do
	number=$((number + 1)) word=ok
	: >"$tmp/got"
	: >"$tmp/aliases"
	rm -f "$tmp"/*.png
	"test_$name" || { word="not ok" failed=1; }
	echo "$word $number $name"
done
exit $failed
