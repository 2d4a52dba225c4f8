#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Run the whole suite on every kernel, or on those in $KERNELS, one after the other,
# and end with a table and one line that adds everything up. A kernel that can't be
# had is one skipped test, and one failed test besides unless README.md's table calls
# it optional.

set -u
. "$(dirname "$0")/common.sh"

log=$repo/build/test
mkdir -p "$log"
table=() passed=0 failed=0 skipped=0

# Counts one kernel.
add()
{
	table+=("$(printf '%-8s %7d %7d %7d %8d  %s' "$@")")
	passed=$((passed + $2)) failed=$((failed + $3)) skipped=$((skipped + $4))
}

is_optional()
{
	grep -qE "^\| *\`?$1\`? *\|.*\| *optional *\|" "$repo/README.md"
}

for kernel in ${KERNELS:-$kernel_names}; do
	start=$SECONDS
	echo "# kernel: $kernel"
	if ! "$repo/selftests/vm/kernel.sh" "$kernel" >/dev/null 2>"$log/$kernel.err"; then
		reason=$(tail -n 1 "$log/$kernel.err")
		echo "ok - kernel $kernel # SKIP $reason"
		must=1
		is_optional "$kernel" && must=0
		add "$kernel" 0 $must 1 $((SECONDS - start)) "$reason"
		continue
	fi
	rc=0
	make -s -C "$repo" KERNEL="$kernel" test 2>&1 | tee "$log/$kernel.out"
	rc=${PIPESTATUS[0]}
	numbers=$(grep -E '^[0-9]+ passed, [0-9]+ failed, [0-9]+ skipped$' "$log/$kernel.out" | tail -n 1)
	read -r p _ f _ s _ <<<"${numbers:-0 - 0 - 0 -}"
	[ "$rc" -eq 0 ] || [ "$f" -gt 0 ] || f=1
	add "$kernel" "$p" "$f" "$s" $((SECONDS - start)) ''
done

printf '%-8s %7s %7s %7s %8s\n' kernel passed failed skipped seconds
printf '%s\n' "${table[@]}"
echo "$passed passed, $failed failed, $skipped skipped"
[ $failed -eq 0 ] && [ $passed -gt 0 ]
