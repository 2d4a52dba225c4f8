#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Run all tests on one kernel, $KERNEL, in virtual machines and on the host, show
# their KTAP and end with one line that adds them up. With QUICK=yes, leave out the
# tools' and the benchmarks, which take longer than all the rest. What was shown is kept in
# build/test/KERNEL/, with the console of each machine.
# shellcheck disable=SC2046,SC2048,SC2086	# lists of names fall into words

set -eu
. "$(dirname "$0")/common.sh"

# One boot per line: name | kernels | test programs | build of the module | options
# for boot.sh. "rest" are all programs that neither the host nor any boot names,
# "rest:1/2" every second of them from the first: where programs take long, two boots
# share them. The debug kernel takes longer for each program than for a boot, so it has
# few boots, alike in length, and no benchmarks. What the tools print, ctl and those
# beside it, and play are looked at on the oldest and the newest kernel.
boots='
	default | 6.1 6.12 7.3       | rest edu | driver | --mem 6G
	first   | arm64              | rest:1/2 edu | driver | --mem 6G
	second  | arm64              | rest:2/2 | driver | --mem 6G
	tools   | 6.1 7.3            | ctl ctl_holders | driver | --mem 6G
	live    | 6.1 7.3            | ctl_live ctl_pictures ctl_report play | driver | --mem 6G
	iommu   | 6.1 6.12 7.3 arm64 | iommu edu | driver | --mem 6G --iommu
	knobs   | 6.1 6.12 7.3 arm64 | failnth load_scatter quota_race | knobs | --mem 2G
	nodes   | 6.1 6.12 7.3 arm64 | placement_node | driver | --mem 6G --nodes 5632M,512M
	cma     | 7.3 | placement_cma | driver | --mem 6G --append cma=512M
	small   | 6.1 6.12 7.3 arm64 | load_full | driver | --mem 512M
	costs   | 6.1  | bench_create bench_many | driver | --mem 512M --icount
	peers   | 6.12 | bench_peers | driver | --mem 2G --icount
	sets    | 6.12 | bench_sets | driver | --mem 6G
	first   | debug | rest:1/2 edu failnth load_scatter quota_race | gcov | --mem 6G
	second  | debug | rest:2/2 play | gcov | --mem 6G
	iommu   | debug | iommu edu | gcov | --mem 6G --iommu
'
# The kernel must not zero pages by itself: that is ours to do.
line='log_buf_len=4M init_on_alloc=0'

# Run on the host: programs that need no kernel of ours.
host='limits limits_memory limits_suit lib_words proc pixels top fuzz_log'
# Left out of the quick run.
slow='tools live costs peers sets'
# Loaded in every boot before our own module.
modules='vivid n_devs=2 allocators=0,1; vgem; cirrus; cirrus-qemu; vim2m; vkms'

limit=2400	# seconds for one boot
parallel=3	# boots at a time, on two CPUs: they also wait
name=$(kernel_name "${KERNEL:-}")
[ "$name" != debug ] || limit=4000
log=$repo/build/test/$name
build=$repo/build
[ "$name" != arm64 ] || build=$repo/build/arm64

# Prints the paths of the test programs that are there.
programs()
{
	find "$build/selftests" -maxdepth 1 -type f -perm -u=x
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
	local boot=$1 variant=$2 options rc=0

	read -ra options <<<"$3"
	shift 3
	echo "# boot: $boot, kernel $name"
	"$repo/selftests/vm/boot.sh" --kernel "$name" --timeout $limit --log "$log/$boot" \
		--append "$line" "${options[@]}" -- \
		env VARIANT="$variant" selftests/vm/runner.sh "$modules" "$@" 2>&1 || rc=$?
	case $rc in
	0 | 1) ;;
	124) echo "not ok - boot $boot # not done in $limit seconds" ;;
	*) echo "not ok - boot $boot # ended with status $rc" ;;
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

names=() lists=() variants=() options=() taken=$host
while IFS='|' read -r boot kernels list variant opts; do
	read -r boot <<<"$boot"
	taken+=" $list"
	[[ -n $boot && " $kernels " == *" $name "* ]] || continue
	[[ -z ${QUICK:-} || " $slow " != *" $boot "* ]] || continue
	names+=("$boot")
	lists+=("$list")
	variants+=("$variant")
	options+=("$opts")
done <<<"$boots"

# Prints the names that a list of the table stands for.
expand()
{
	local word part

	for word; do
		case $word in
		rest) others $taken ;;
		rest:*)
			part=${word#rest:}
			others $taken | awk -v "part=${part%/*}" -v "of=${part#*/}" 'NR % of == part % of'
			;;
		*) echo "$word" ;;
		esac
	done
}

: >"$log/host.ktap"
[ "$build" != "$repo/build" ] || on_host $(named $host) | tee "$log/host.ktap"

# Start as many boots as may run, show them in their order, and start the next.
trap 'kill $(jobs -p) 2>/dev/null' EXIT
pids=()
start()
{
	local variant

	[ "$1" -lt ${#names[@]} ] || return 0
	read -r variant <<<"${variants[$1]}"
	: >"$log/${names[$1]}.ktap"
	in_guest "${names[$1]}" "$variant" "${options[$1]}" $(named $(expand ${lists[$1]})) \
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
