#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Style and static checks of the whole tree: KTAP, one test per check, then one
# line that adds them up. Any finding fails its check. What needs building is
# built in build/check/, for 6.1.
# shellcheck disable=SC2317	# the checks are called by their names

set -u
cd "$(dirname "$0")/.." || exit
. selftests/vm/common.sh

kernel=$(selftests/vm/kernel.sh) || exit
scripts=$kernel/source/scripts
out=$repo/build/check
jobs=-j$(nproc)
mkdir -p "$out/include"

# Not asked of the driver:
# MACRO_ARG_REUSE                 macros here take names of types and members,
#                                 which have no side effects
driver_ignore=MACRO_ARG_REUSE
# Nor of driver/trace.h:
# OPEN_ENDED_LINE, PARENTHESIS_ALIGNMENT  TRACE_EVENT() has a layout of its own
trace_ignore=$driver_ignore,OPEN_ENDED_LINE,PARENTHESIS_ALIGNMENT
# Not asked of userspace and of the uAPI header, because only the kernel has
# what checkpatch would prefer:
# ARRAY_SIZE, BIT_MACRO           ARRAY_SIZE(), BIT()
# PREFER_KERNEL_TYPES             u64
# PREFER_DEFINED_ATTRIBUTE_MACRO  __printf()
# CAMELCASE                       the names of libdrm, libpng and inttypes.h
user_ignore=$driver_ignore,ARRAY_SIZE,BIT_MACRO,PREFER_KERNEL_TYPES
user_ignore+=,PREFER_DEFINED_ATTRIBUTE_MACRO,CAMELCASE

# Run where checkpatch finds no .git and may leave a file.
checkpatch()
{
	local ignore=$1
	shift

	(cd "$out" && perl "$scripts/checkpatch.pl" --no-tree --root . --strict --terse --show-types \
		--no-summary --ignore "$ignore" -f "${@/#/../../}") |
		sed "s,^\.\./\.\./,,"
}

check_checkpatch()
{
	local -a driver user

	mapfile -t driver < <(find driver -name '*.[ch]' ! -name trace.h)
	mapfile -t user < <(find uapi lib tools selftests -name '*.[ch]')
	! {
		checkpatch $driver_ignore "${driver[@]}"
		checkpatch $trace_ignore driver/trace.h
		checkpatch $user_ignore "${user[@]}"
	} | grep .
}

check_kernel_doc()
{
	perl "$scripts/kernel-doc" -none -Werror uapi/linux/*.h driver/*.h driver/include/linux/*.h \
		lib/dmabuf-heap.h
}

# Build the module and those of the tests in a place of their own, anew.
build_module()
{
	local name=$1
	shift

	rm -rf "${out:?}/$name"
	make "$jobs" -s BUILD="$out/$name" KERNEL=6.1 kmods "$@" 2>&1
}

# BTF needs a vmlinux that the headers package doesn't have; nothing misses it.
findings()
{
	grep -E '(warning|error|WARNING|ERROR)|\*\*\*'
}

check_module_w1()
{
	local log

	log=$(build_module w1 W=1 KCFLAGS=-Werror) || { echo "$log" && return 1; }
	! findings <<<"$log"
}

check_module_sparse()
{
	local log

	log=$(build_module sparse C=2 CF=-D__CHECK_ENDIAN__) || { echo "$log" && return 1; }
	! findings <<<"$log"
}

# Library, tools and tests with one compiler.
userspace()
{
	rm -rf "${out:?}/$1"
	make "$jobs" -s BUILD="$out/$1" CC="$1" CFLAGS="-O2 -g -W -Wall -Wextra -Werror" tools 2>&1 &&
		make "$jobs" -s -C selftests BUILD="$out/$1" CC="$1" \
			CFLAGS="-O2 -g -W -Wall -Wextra -Werror" \
			HARNESS="$kernel/source/tools/testing/selftests" 2>&1
}

check_userspace_gcc()
{
	userspace gcc
}

check_userspace_clang()
{
	userspace clang
}

check_shellcheck()
{
	local file
	local -a scripts

	mapfile -t scripts < <(find selftests tools .ci driver lib -name '*.sh')
	for file in .ci/*; do
		[ ! -x "$file" ] || scripts+=("$file")
	done
	shellcheck -x -P SCRIPTDIR "${scripts[@]}"
}

# The kernel-doc directive is Sphinx's, and unknown to plain docutils.
check_rst()
{
	local file rc=0

	while read -r file; do
		sed '/^\.\. kernel-doc::/,/^$/d' "$file" |
			rst2html --halt=warning --report=warning - /dev/null || rc=1
	done < <(find uapi lib tools -name '*.rst')
	return $rc
}

check_spdx()
{
	local file rc=0

	while read -r file; do
		head -n 2 "$file" | grep -q SPDX-License-Identifier: && continue
		echo "$file: no SPDX line"
		rc=1
	done < <(find Makefile .gitignore .ci driver uapi lib tools selftests -type f \
		! -name '*.md' ! -path '*/expected/*' ! -name '.checkpatch*')
	return $rc
}

passed=0 failed=0
mapfile -t checks < <(compgen -A function check_)
echo "KTAP version 1"
echo "1..${#checks[@]}"
for check in "${checks[@]}"; do
	if text=$($check 2>&1); then
		passed=$((passed + 1)) word=ok
	else
		failed=$((failed + 1)) word="not ok"
		[ -z "$text" ] || echo "  # ${text//$'\n'/$'\n  # '}"
	fi
	echo "$word $((passed + failed)) ${check#check_}"
done
echo "$passed passed, $failed failed, 0 skipped"
[ $failed -eq 0 ]
