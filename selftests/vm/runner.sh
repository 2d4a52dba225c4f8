#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# runner.sh MODULES PROGRAM..., in the guest: load the modules ("one; two a=b") and
# ours, run each test program, look for what was left behind, unload ours again,
# and print all of it as KTAP. A program fails with any of its own tests, by its
# exit status, when it is not done in time, when it runs fewer tests than it
# planned, when the module's counters tell that it left something, and when the
# kernel log shows a splat that it did not announce. Announced is one splat that
# has WORD in it by
#   # expect-splat: WORD
# in the program's output; it then must come, once for each such line.
#
# $VARIANT is the build of our module that is loaded: driver (as shipped), or knobs
# or gcov. What gcov counts goes to $job/gcov/.
#
# Starting a program takes long in an emulated machine, hence all the bash.
# shellcheck disable=SC2154	# boot.sh sets repo and job
# shellcheck disable=SC2317	# the steps are called by name

set -u
IFS=';' read -ra modules <<<"$1"
shift
splat='WARNING: |BUG: |BUG at|Oops|KASAN|UBSAN|INFO: |refcount_t|general protection|DMA-API: '
# A bug of DRM's in 6.1: a display without vertical blanks is flipped again before the
# worker of the last flip is done with it. After any report of KASAN's lockdep is off,
# so play, which flips, is the last program but slope.
drm_bug='KASAN: use-after-free in drm_atomic_helper_wait_for_vblanks'
# That, and what DMA_API_DEBUG says of itself.
harmless='DMA-API: (Mapped at|dma_debug_entry pool grown|debugging enabled|preallocated)'
harmless+="|$drm_bug"
counters=(buffers backed pages scarce_pages attachments device_maps)
release=$(uname -r)
debugfs=/sys/kernel/debug
kmemleak=$debugfs/kmemleak
module=$repo/build/$release/${VARIANT:-driver}/dmabuf-heap.ko
kmods=("$repo/build/$release/kmod"/*.ko)
[ -e "${kmods[0]}" ] || kmods=()
# Those in users/ hold ours, so their tests load and unload them.
export KMODS=$repo/build/$release/kmod

# A kernel that checks everything takes its time.
slow=1
[ ! -e "$kmemleak" ] || slow=5
limit=$((900 * slow))	# seconds for one program

export BUILD=${BUILD:-$repo/build} VARIANT MODULE=$module
export PATH=$BUILD/tools:$PATH
export LD_LIBRARY_PATH=$BUILD/lib

number=0	# of test points printed
readings=0	# of the kernel log
failed=0

# One line per program; the reason follows when it is not a plain ok.
point()
{
	number=$((number + 1))
	[ "$1" = ok ] || failed=1
	echo "$1 $number $2${3:+ # $3}"
}

mark()
{
	echo "selftest: $1" >/dev/kmsg
}

# Adds a line to the splats if it is one; a warning's several lines are one splat.
add_splat()
{
	case $1 in
	*'[ cut here ]'*) block=new ;;
	*'[ end trace '*) block= ;;
	esac
	[[ $1 =~ $splat && ! $1 =~ $harmless ]] || return
	if [ "$block" = open ]; then
		splats[-1]+=" | $1"
	else
		splats+=("$1")
		block=${block:+open}
	fi
}

# What the kernel has logged since the last reading -> log; the splats in it, less
# those that were announced -> splats, and what was announced but did not come.
read_log()
{
	local line word i block=

	log=() splats=()
	mark "reading $((readings + 1))"
	while IFS= read -r line; do
		log+=("$line")
		add_splat "$line"
	done < <(dmesg | awk -v "from=selftest: reading $readings" \
		-v "to=selftest: reading $((readings + 1))" '
		{ lines[n++] = $0 }
		substr($0, length($0) - length(from) + 1) == from { n = 0 }
		substr($0, length($0) - length(to) + 1) == to { n--; exit }
		END { for (i = 0; i < n; i++) print lines[i] }')
	readings=$((readings + 1))
	for word in "${announced[@]}"; do
		for i in "${!splats[@]}"; do
			[[ ${splats[i]} == *"$word"* ]] || continue
			unset "splats[$i]"
			continue 2
		done
		splats+=("announced but not seen: $word")
	done
	splats=("${splats[@]}")
}

# The module's counters -> held.
read_counters()
{
	local name

	held=()
	for name in "${counters[@]}"; do
		read -r "held[${#held[@]}]" <"/sys/class/misc/dmabuf-heap/$name" || return
	done
}

# Waits until the counters are no higher than the numbers given: drivers drop some
# imports from a worker. What is too many -> left.
read_left()
{
	local i tries
	local -a before=("$@")

	for ((tries = 20 * slow; tries > 0; tries--)); do
		left=
		read_counters 2>/dev/null || { left="no counters: the module is gone" && return; }
		for i in "${!held[@]}"; do
			[ "${held[i]}" -le "${before[i]:-0}" ] ||
				left+=" $((held[i] - ${before[i]:-0})) ${counters[i]}"
		done
		[ -n "$left" ] || return 0
		sleep 0.1
	done
	left="left behind:$left"
}

# Run a program, indent its output, and count: planned, oks, nots, announced, rc.
run_program()
{
	local line

	planned=none oks=0 nots=0 announced=()
	while IFS= read -r line; do
		printf '  %s\n' "$line"
		case $line in
		'ok '*) oks=$((oks + 1)) ;;
		'not ok '*) nots=$((nots + 1)) ;;
		'# expect-splat: '*) announced+=("${line#*: }") ;;
		1..*) [[ ! $line =~ ^1\.\.([0-9]+) ]] || planned=${BASH_REMATCH[1]} ;;
		esac
	done < <(exec timeout --kill-after=5 $limit "$1" 2>&1 </dev/null)
	wait $!
	rc=$?
}

# What is wrong with it, in a few words; nothing if all is well.
verdict()
{
	if [ ${#splats[@]} -gt 0 ]; then
		echo "kernel log: ${splats[0]}"
	elif [ "$rc" -eq 124 ] || [ "$rc" -eq 137 ]; then
		echo "not done in $limit seconds"
	elif [ "$rc" -ne 0 ]; then
		echo "exit status $rc"
	elif [ "$nots" -gt 0 ]; then
		echo "exit status 0, but failures"
	elif [ "$planned" != $((oks + nots)) ]; then
		echo "$((oks + nots)) tests ran, planned: $planned"
	else
		echo "$left"
	fi
}

# Make the kernel say again what it says only once, so that each program hears it.
speak_up()
{
	local file

	for file in $debugfs/clear_warn_once $debugfs/dma-api/all_errors; do
		[ ! -w "$file" ] || echo 1 >"$file"
	done
}

run()
{
	local name wrong start=${EPOCHREALTIME/[.,]/}

	name=${1##*/}
	name=${name%.sh}
	echo "  # Subtest: $name"
	mark "$name"
	speak_up
	read_counters 2>/dev/null
	run_program "$1"
	printf '  # seconds: %d.%d\n' $(((${EPOCHREALTIME/[.,]/} - start) / 1000000)) \
		$(((${EPOCHREALTIME/[.,]/} - start) / 100000 % 10))
	read_left "${held[@]}"
	read_log
	if [ ${#splats[@]} -gt 0 ]; then
		printf '  # kernel: %s\n' "${splats[@]}" "in full:" "${log[@]}"
	elif [ $rc -eq 4 ] && [ $nots -eq 0 ] && [ -z "$left" ]; then
		point ok "$name" "SKIP"	# nothing to test here
		return
	fi
	wrong=$(verdict)
	point "${wrong:+not }ok" "$name" "$wrong"
}

load_modules()
{
	local line file

	for line in "${modules[@]}"; do
		# What a kernel lacks its tests skip.
		read -r file _ <<<"$line"
		modprobe -nq "$file" || { echo "# no module $file here" && continue; }
		# shellcheck disable=SC2086	# a module and its parameters
		modprobe $line || return
	done
	for file in "$module" "${kmods[@]}"; do
		insmod "$file" || return
	done
}

# Nothing of ours is held by anyone.
zero_counters()
{
	read_left
}

unload_modules()
{
	local file

	[ ! -e "$kmemleak" ] || scan_for_leaks
	for file in "${kmods[@]}"; do
		rmmod "$file" || return
	done
	rmmod dmabuf-heap
}

# kmemleak reports what two scans found unreferenced and unchanged. The first is
# while the module is loaded; what its end leaves behind comes by the third.
scan_for_leaks()
{
	grep -F '[dmabuf_heap]' /proc/kallsyms | sort >/run/symbols
	echo scan >"$kmemleak"
}

# Memory that was allocated since this script started and that nothing points to
# any more; the module's functions get their names back.
kmemleak()
{
	sleep 5	# younger objects are not reported
	echo scan >"$kmemleak" || return
	echo scan >"$kmemleak" || return
	[ -n "$since" ] || return
	awk -v "since=$since" '
		FNR == NR { start[++n] = $1; name[n] = $3; next }
		/^unreferenced object/ { ours = 0; object = $0; next }
		/^  comm/ && match($0, /jiffies [0-9]+/) {
			ours = substr($0, RSTART + 8, RLENGTH - 8) + 0 >= since + 0
			if (ours)
				print "  # " object
		}
		ours && match($0, /0xffff[0-9a-f]+$/) {
			for (i = n; i > 0 && start[i] "" > substr($0, RSTART + 2); i--)
				;
			$0 = $0 " " name[i] " [dmabuf_heap]"
		}
		ours { print "  # " $0 }' /run/symbols "$kmemleak" >/run/leaks
	cat /run/leaks
	[ ! -s /run/leaks ]
}

# What stops looking when it has found something, or has run out of memory.
checkers_on()
{
	if [ -e /proc/lockdep_stats ] && ! grep -q 'debug_locks: *1$' /proc/lockdep_stats; then
		echo "  # lockdep is off"
		dmesg | grep "$drm_bug" | sed 's/^/# /; $!d' | grep . || rc=1
	fi
	if [ -e "$debugfs/dma-api" ] && ! grep -q N "$debugfs/dma-api/disabled"; then
		echo "  # DMA_API_DEBUG is off"
		rc=1
	fi
}

# What the kernel still says when all is over.
kernel_log()
{
	sleep 1
}

# A test that is not a program but a function of this script.
step()
{
	local wrong

	rc=0 planned=0 oks=0 nots=0 announced=() left=
	mark "$1"
	"$1" 2>&1 || rc=$?
	read_log
	[ ${#splats[@]} -eq 0 ] || printf '  # kernel: %s\n' "${log[@]}"
	wrong=$(verdict)
	point "${wrong:+not }ok" "$1" "$wrong"
}

# gcov's numbers outlive the module.
save_coverage()
{
	local from=$debugfs/gcov${module%/*} file

	[ -d "$from" ] || return
	mkdir -p "$job/gcov"
	for file in "$from"/*.gcda; do
		cat "$file" >"$job/gcov/${file##*/}"
	done
}

programs=()
for program; do
	[[ $program == */slope ]] || programs+=("$program")
done
# Repeats what the others did, and looks whether memory gets less.
[ ! -x "$BUILD/selftests/slope" ] || programs+=("$BUILD/selftests/slope")
ends=(zero_counters)
ends+=(unload_modules)
[ ! -e "$kmemleak" ] || ends+=(kmemleak)
[ ! -e /proc/lockdep_stats ] || ends+=(checkers_on)
ends+=(kernel_log)

echo "KTAP version 1"
echo "1..$((1 + ${#programs[@]} + ${#ends[@]}))"
since=$(awk '/^jiffies: / { print $2; exit }' /proc/timer_list)
mark "reading 0"
step load_modules
if [ $failed -ne 0 ]; then
	echo "Bail out! the modules do not load"
	exit 1
fi
for program in "${programs[@]}"; do
	run "$program"
done
for end in "${ends[@]}"; do
	step "$end"
done
save_coverage
exit $failed
