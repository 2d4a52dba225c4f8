# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Sourced by the scripts that compare what dmabuf-ctl prints with what is expected,
# at their end. $tests has the names of their tests. A test runs commands; the
# transcript of them, what varies from run to run replaced by a word, must be the one
# in ctl/expected/. With WRITE=FOLDER the transcripts are written there too, for
# whoever changes the command line. Prints KTAP. Needs root, the module, vivid
# (instances with allocators 0 and 1), cirrus and vgem; exits with 4 where they aren't.
# shellcheck disable=SC2034	# used by those who source this file
# shellcheck disable=SC2154	# tests, set by them
# shellcheck disable=SC2317	# the tests are called by their names

set -u
# $0 is a script one folder up.
# shellcheck source=selftests/nodes.sh
. "$(dirname "$0")/nodes.sh"
expected=$(dirname "$0")/ctl/expected
keep=${BUILD:-build}/selftests/ctl/keep
other=${BUILD:-build}/selftests/ctl/other
node=/dev/dmabuf-heap
tmp=$(mktemp -d)
PATH=${BUILD:-build}/tools:$PATH
holders=()
as=()
nobody=(setpriv --reuid=65534 --regid=65534 --clear-groups)

end()
{
	[ ${#holders[@]} -eq 0 ] || kill -9 "${holders[@]}" 2>/dev/null
	"${at_end:-:}" 2>/dev/null
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

# keep HOW COMMAND...: ctl/keep.c has a buffer and runs a command, which hasn't.
keep()
{
	alias_add "$keep" keep
	RENDER=$render ctl alloc --size 8K --name kept "$keep" "$@"
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

[ "$(id -u)" -eq 0 ] || skip "not root"
[ -c $node ] || skip "the module isn't loaded"
command -v dmabuf-ctl >/dev/null || skip "dmabuf-ctl isn't built"
[ -e "$vivid/allocators" ] || skip "vivid isn't loaded"
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
