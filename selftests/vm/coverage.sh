#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# coverage.sh OBJECTS DATA...: which lines of the driver have run. OBJECTS is the
# folder that VARIANT=gcov was built in; each DATA is a folder of .gcda files that
# one boot left (runner.sh), and a line counts if it ran in any of them. Prints a
# table with a row for each file and one for all, and leaves in build/coverage/
#   table         the same
#   unhit         the lines that never ran, as FILE:LINE: TEXT, and why (unhit.txt)
# Fails when less than $least percent of all lines ran.

set -eu
. "$(dirname "$0")/common.sh"
least=90
out=$repo/build/coverage

[ $# -ge 2 ] || die "usage: coverage.sh OBJECTS DATA..."
objects=$(cd "$1" && pwd -P)
shift

# The reader must be of the compiler's own version.
gcov=gcov-$(gcc -dumpversion)
command -v "$gcov" >/dev/null || gcov=gcov

tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
rm -rf "$out"
mkdir -p "$out"

# Every line of every file that was compiled, once for each boot, with its count.
cp "$objects"/*.gcno "$tmp"
for data; do
	ls "$data"/*.gcda >/dev/null 2>&1 || die "$data has no coverage data"
	cp "$data"/*.gcda "$tmp"
	(cd "$tmp" && "$gcov" --stdout ./*.gcda) 2>>"$tmp/errors" || true
	rm "$tmp"/*.gcda
done >"$tmp/lines"
# The kernel's own headers aren't there to be read, nor needed.
if grep -v 'Cannot open source file' "$tmp/errors" >&2; then
	die "the data can't be read, or are not of this build"
fi

awk -v "objects=$objects/" -v "least=$least" -v "unhit=$out/unhit" '
FNR == NR {
	if (split($0, field, " \\| ") == 3)
		reason[field[1], field[2]] = field[3]
	next
}
{
	text = $0
	count = cut()
	number = cut() + 0
	gsub(/[ *]/, "", count)
}
number == 0 {
	if (sub(/^Source:/, "", text)) {
		file = index(text, objects) == 1 ? substr(text, length(objects) + 1) : ""
		if (file != "" && !(file in known)) {
			known[file] = 1
			files[nfiles++] = file
		}
	}
	next
}
file == "" || count == "-" { next }
{
	key = file SUBSEP number
	if (!(key in line)) {
		line[key] = text
		lines[file]++
		total++
		if (number > last[file])
			last[file] = number
	}
	if (count ~ /^[0-9]/ && !(key in ran)) {
		ran[key] = 1
		hits[file]++
		hit++
	}
}
# Takes what is before the first colon off text.
function cut(    colon, field)
{
	colon = index(text, ":")
	field = substr(text, 1, colon - 1)
	text = substr(text, colon + 1)
	return field
}
function row(name, lines, hit)
{
	printf "%-20s %6d %6d %6.1f %%\n", name, lines, hit, 100 * hit / lines
}
function explain(file, number, text)
{
	sub(/^[ \t]+/, "", text)
	printf "driver/%s:%d: %s\n\t%s\n", file, number, text,
		(file, text) in reason ? reason[file, text] : "not explained" >unhit
}
END {
	if (!total) {
		print "no line was counted"
		exit 1
	}
	printf "%-20s %6s %6s %8s\n", "file", "lines", "hit", ""
	for (i = 0; i < nfiles; i++) {
		file = files[i]
		if (!lines[file])
			continue
		row(file, lines[file], hits[file])
		for (number = 1; number <= last[file]; number++) {
			key = file SUBSEP number
			if ((key in line) && !(key in ran))
				explain(file, number, line[key])
		}
	}
	row("all", total, hit)
	exit 100 * hit < least * total
}' "$(dirname "$0")/unhit.txt" "$tmp/lines" >"$tmp/table" || rc=$?
tee "$out/table" <"$tmp/table"
cat "$out/unhit" 2>/dev/null || true
[ "${rc:-0}" -eq 0 ] || die "less than $least % of the driver's lines ran"
