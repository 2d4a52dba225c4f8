#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Run all tests, in virtual machines and on the host, show their KTAP and end with
# one line that adds them up. What was shown is kept in build/test/, with the
# console of each machine.
# shellcheck disable=SC2046,SC2048,SC2086	# lists of names fall into words

set -eu
. "$(dirname "$0")/common.sh"

# One boot per line: name | test programs | options for boot.sh. "rest" are all
# programs that neither the host nor another boot runs.
boots='
	default | rest  | --mem 6G
	tools   | ctl play | --mem 6G
	iommu   | iommu | --mem 6G --iommu
	costs   | bench_create bench_many | --mem 512M --icount
'
# The kernel must not zero pages by itself: that is ours to do.
line='log_buf_len=4M init_on_alloc=0'

# Run on the host: programs that need no kernel of ours.
host='limits lib_words'
# Loaded in every boot before our own module.
modules='vivid n_devs=2 allocators=0,1; vgem; cirrus'

limit=900	# seconds for one boot
parallel=2	# boots at a time
log=$repo/build/test

# Prints the paths of the test programs that are there.
programs()
{
	find "$repo/build/selftests" -maxdepth 1 -type f -perm -u=x
	find "$repo/selftests" -maxdepth 1 -name '*.sh' -perm -u=x ! -name check.sh
}

# Prints the paths of the programs with the given names.
named()
{
	local name

	for name; do
		grep -E "/$name(\.sh)?\$" <<<"$all" || true
	done
}

# Prints the names of the programs that nothing in the given words names.
others()
{
	local name

	while read -r name; do
		[[ " $* " == *" $name "* ]] || echo "$name"
	done < <(sed 's,.*/,,; s,\.sh$,,' <<<"$all" | sort)
}

# Run programs on the host, where there are no modules to care for.
on_host()
{
	local path rc number=0

	echo "# host"
	echo "KTAP version 1"
	echo "1..$#"
	for path; do
		number=$((number + 1)) rc=0
		"$path" >"$log/host.out" 2>&1 || rc=$?
		sed 's/^/  /' "$log/host.out"
		if [ $rc -eq 0 ]; then
			echo "ok $number ${path##*/}"
		else
			echo "not ok $number ${path##*/} # exit status $rc"
		fi
	done
}

# One boot; a machine that ends badly is a failed test.
in_guest()
{
	local name=$1 options rc=0

	read -ra options <<<"$2"
	shift 2
	echo "# boot: $name"
	"$repo/selftests/vm/boot.sh" --timeout $limit --log "$log/$name" \
		--append "$line" "${options[@]}" -- \
		selftests/vm/runner.sh "$modules" "$@" 2>&1 || rc=$?
	case $rc in
	0 | 1) ;;
	124) echo "not ok - boot $name # not done in $limit seconds" ;;
	*) echo "not ok - boot $name # ended with status $rc" ;;
	esac
}

# The last line: every test of a program counts; a program or a boot that failed
# counts only when none of its tests has said so.
add_up()
{
	awk '
	/^  ok .*# SKIP/ { skipped++; inner++; next }
	/^  ok / { passed++; inner++; next }
	/^  not ok / { failed++; bad++; inner++; next }
	/^not ok / { if (!bad) failed++; inner = bad = 0; next }
	/^ok .*# SKIP/ { if (!inner) skipped++; inner = bad = 0; next }
	/^ok / { if (!inner) passed++; inner = bad = 0; next }
	END {
		printf "%d passed, %d failed, %d skipped\n", passed, failed, skipped
		exit failed || !passed
	}' "$@"
}

rm -rf "$log"
mkdir -p "$log"
all=$(programs)
[ -n "$all" ] || die "no test programs: run make selftests first"

names=() lists=() options=()
while IFS='|' read -r name list opts; do
	read -r name <<<"$name"
	[ -n "$name" ] || continue
	names+=("$name")
	lists+=("$list")
	options+=("$opts")
done <<<"$boots"

on_host $(named $host) | tee "$log/host.ktap"

# Start as many boots as may run, show them in their order, and start the next.
trap 'kill $(jobs -p) 2>/dev/null' EXIT
pids=()
start()
{
	local list

	[ "$1" -lt ${#names[@]} ] || return 0
	list=${lists[$1]}
	: >"$log/${names[$1]}.ktap"
	case $list in
	*rest*) list=$(others $host ${lists[*]}) ;;
	esac
	in_guest "${names[$1]}" "${options[$1]}" $(named $list) \
		>"$log/${names[$1]}.ktap" &
	pids[$1]=$!
}

for ((i = 0; i < parallel; i++)); do
	start $i
done
results=("$log/host.ktap")
for ((i = 0; i < ${#names[@]}; i++)); do
	tail -n +1 -s 0.2 -f --pid="${pids[i]}" "$log/${names[i]}.ktap"
	results+=("$log/${names[i]}.ktap")
	start $((i + parallel))
done
wait
trap - EXIT
add_up "${results[@]}"
