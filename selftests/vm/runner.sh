#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# runner.sh MODULES PROGRAM..., in the guest: load the modules ("one; two a=b") and
# ours, run each test program, unload ours again, and print all of it as KTAP. A
# program fails with any of its own tests, by its exit status, when it is not done
# in time, when it runs fewer tests than it planned, and when the kernel log shows
# a splat that it did not announce. Announced is one splat that has WORD in it by
#   # expect-splat: WORD
# in the program's output; it then must come, once for each such line.
#
# Starting a program takes long in an emulated machine, hence all the bash.
# shellcheck disable=SC2154	# boot.sh sets repo
# shellcheck disable=SC2317	# step calls load_modules and unload_modules

set -u
IFS=';' read -ra modules <<<"$1"
shift
limit=180
splat='WARNING: |BUG: |BUG at|Oops|KASAN|UBSAN|INFO: |refcount_t|general protection|unreferenced object|DMA-API'
release=$(uname -r)
kmods=("$repo/build/$release/kmod"/*.ko)
[ -e "${kmods[0]}" ] || kmods=()

export BUILD=$repo/build
export PATH=$BUILD/tools:$PATH
export LD_LIBRARY_PATH=$BUILD/lib

number=0	# of test points printed
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

# What the kernel has logged since the mark -> log; the splats in it, less those
# that were announced -> splats, and what was announced but did not come.
read_log()
{
	local line word i
	local -a all

	log=() splats=()
	mapfile -t all < <(dmesg)
	for ((i = ${#all[@]} - 1; i >= 0; i--)); do
		line=${all[i]}
		[[ $line != *"selftest: $1" ]] || break
		log=("$line" "${log[@]}")
		[[ ! $line =~ $splat ]] || splats=("$line" "${splats[@]}")
	done
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
	fi
}

run()
{
	local name wrong

	name=${1##*/}
	name=${name%.sh}
	echo "  # Subtest: $name"
	mark "$name"
	run_program "$1"
	read_log "$name"
	if [ ${#splats[@]} -gt 0 ]; then
		printf '  # kernel: %s\n' "${splats[@]}" "in full:" "${log[@]}"
	elif [ $rc -eq 4 ] && [ $nots -eq 0 ]; then
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
		# shellcheck disable=SC2086	# a module and its parameters
		modprobe $line || return
	done
	for file in "$BUILD/$release/driver/dmabuf-heap.ko" "${kmods[@]}"; do
		insmod "$file" || return
	done
}

unload_modules()
{
	local file

	for file in "${kmods[@]}"; do
		rmmod "$file" || return
	done
	rmmod dmabuf-heap
}

# These two count as a test each.
step()
{
	local wrong

	rc=0 planned=0 oks=0 nots=0 announced=()
	mark "$1"
	"$1" 2>&1 || rc=$?
	read_log "$1"
	[ ${#splats[@]} -eq 0 ] || printf '  # kernel: %s\n' "${log[@]}"
	wrong=$(verdict)
	point "${wrong:+not }ok" "$1" "$wrong"
}

echo "KTAP version 1"
echo "1..$(($# + 2))"
step load_modules
if [ $failed -ne 0 ]; then
	echo "Bail out! the modules do not load"
	exit 1
fi
for program; do
	run "$program"
done
step unload_modules
exit $failed
