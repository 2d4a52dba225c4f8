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
node=/dev/dmabuf-heap
tmp=$(mktemp -d)
PATH=${BUILD:-build}/tools:$PATH
holders=()
nobody=(setpriv --reuid=65534 --regid=65534 --clear-groups)

end()
{
	[ ${#holders[@]} -eq 0 ] || kill -9 "${holders[@]}" 2>/dev/null
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

# hold ARGUMENT...: a buffer that is held in the background; sets id, fd and pid.
hold()
{
	local line

	exec 5< <(exec dmabuf-ctl alloc "$@" 2>&1)
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
}

# Ends what hold has started; it has to end well.
release()
{
	local rc=0

	kill "$pid"
	wait "$pid" || rc=$?
	echo "released => $rc" >>"$tmp/got"
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
	sed -E -f "$tmp/aliases" -f "$tmp/nodes" -e '
		s,/dev/video[0-9]+,/dev/videoN,g
		s/cirrus-qemu/cirrus/
		s/[0-9]+ ms( |$)/AGE\1/g
		s/[0-9]+\.[0-9] s( |$)/AGE\1/g
		s/less than 1 ms/AGE/g
		s/(block is|can give|can align to) [0-9.]+ .?iB/\1 BYTES/g
		s/("(found|move_time|move_age)": )[0-9]{2,}/\1NUMBER/
		s/^(Buffer) [0-9]+/\1 ID/
		s/\(process [0-9]+, user/(process PID, user/
		s/("(id|pid|age|first_map_age|last_map)": )[0-9]{2,}/\1NUMBER/
		s/([^ ])  +/\1 /g
		s/ +$//
		s/^ +(ID |[0-9])/\1/'
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
	local command

	ctl --help
	for command in devices list show plan alloc attach; do
		ctl "$command" --help
	done
	check cat || return
	# None is longer than a terminal of 25 lines, its own command line aside.
	awk '/^=> / { if (NR - start > 27) exit 1; start = NR }' "$tmp/got" || complain "too long"
}

test_columns()
{
	ctl devices --list-columns
	ctl list --list-columns --noheadings
	ctl show -H --raw
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
	ctl show
	ctl show camera
	ctl show 1 2
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
	# PRIME: DRM_IOCTL_PRIME_FD_TO_HANDLE
	cat >"$tmp/import" <<-'END'
		open my $card, "+<", $ARGV[0] or die;
		ioctl $card, 0xc00c642e, pack "LLl", 0, 0, $ENV{DMABUF_FD} or print "$!\n";
	END
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
	buffer=$(dmabuf-ctl list -nro ID | head -n 1)
	dmabuf-ctl show "$buffer" | grep -E 'Maps now|First map' >>"$tmp/got"
	dmabuf-ctl show "$buffer" --bytes --noheadings \
		-o KIND,DECLARED-ID,NODE,DEVICE,ACCESS,MAPS,EVER | sed 1,/Attachments/d >>"$tmp/got"
	echo >&"$keys"
	wait "$pid"
	holders=()
	exec {keys}>&-
	check normalize
}

test_not_found()
{
	ctl show 18446744073709551615
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
		dmabuf-ctl list; echo \$?
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
	run_to /dev/full dmabuf-ctl alloc --size 4K
	mkfifo "$tmp/pipe"
	exec 3<>"$tmp/pipe"
	exec 4>"$tmp/pipe"
	exec 3<&-
	run_to "&4" dmabuf-ctl list -H
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

cat >"$tmp/nodes" <<-END
	s,\\<${plain##*/}\\>,PLAIN,g
	s,\\<${contiguous##*/}\\>,CONTIG,g
	s,\\<${display##*/}\\>,DISPLAY,g
	s,\\<${render##*/}\\>,RENDER,g
	s,$(basename "$(readlink -f "/sys/class/drm/${display##*/}/device")"),CIRRUS,g
END

tests=(help columns usage devices devices_json devices_unknown plan plan_json
	plan_refused plan_nearest empty unbacked backed late_comer order sealed movable
	command names maps not_found users no_device output colors)
echo "TAP version 13"
echo "1..${#tests[@]}"
number=0 failed=0
for name in "${tests[@]}"; do
	number=$((number + 1)) word=ok
	: >"$tmp/got"
	: >"$tmp/aliases"
	"test_$name" || { word="not ok" failed=1; }
	echo "$word $number $name"
done
exit $failed
