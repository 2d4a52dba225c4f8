#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# dma-heap, CVE-2022-48730: the number of a call was an index into a table, checked
# by a branch that the CPU may guess wrong. Whether ours is masked besides can't be
# seen by calling it, so this looks at the module's code, in the function that all
# calls go through, for the mask that the kernel's array_index_nospec() makes: a
# register that is all borrow of a comparison, and soon after an AND with it.

set -u
module=$BUILD/$(uname -r)/driver/dmabuf-heap.ko
entry=dmabuf_heap_ioctl
near=8	# instructions from the mask to its use

skip()
{
	echo "ok 1 spectre_index # SKIP $1"
	exit 4
}

# Does the code on stdin make a mask and use it? A register's number or letters
# are the same in its 64-bit and its 32-bit name, but for what is stripped here.
is_masked()
{
	awk -v near=$near -v borrow="$1" '
	function bare(name) { sub(/^%?[erxw]/, "", name); sub(/d$/, "", name); return name }
	{ sub(/^[^:]*:[ \t]*/, ""); all = $0; sub(/^[a-z]+/, "", all); gsub(/[ \t]/, "", all) }
	{ n = split(all, op, ",") }
	$1 == borrow { mask = bare(op[1]); at = NR }
	$1 == borrow && borrow == "sbb" && op[1] != op[2] { mask = "" }
	$1 == "and" && mask != "" && NR <= at + near {
		for (i = 1; i <= n; i++)
			if (bare(op[i]) == mask)
				found = 1
	}
	END { exit !found }'
}

echo "TAP version 13"
echo "1..1"
case $(uname -m) in
x86_64) borrow=sbb ;;
aarch64) borrow=ngc ;;
*) skip "nobody has said yet how $(uname -m) masks" ;;
esac
command -v objdump >/dev/null || skip "no objdump"
code=$(objdump -d --no-show-raw-insn --disassemble=$entry "$module" 2>/dev/null)
[[ $code == *"<$entry>:"* ]] || skip "objdump can't read this module"
if is_masked "$borrow" <<<"$code"; then
	echo "ok 1 spectre_index"
else
	echo "not ok 1 spectre_index"
	exit 1
fi
