#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# dmabuf-ctl's reports, completion and JSON, by transcripts, and documents against the
# schemas in tools/schema. Needs what ctl/transcript.sh tells, and python3-jsonschema.
# shellcheck disable=SC2016	# commands for inner shells
# shellcheck disable=SC2034	# used by transcript.sh
# shellcheck disable=SC2154	# set by transcript.sh
# shellcheck disable=SC2317	# the tests are called by their names

set -u
schemas=$(realpath "$(dirname "$0")/../tools/schema")
completion=${BUILD:-build}/tools/completion/dmabuf-ctl
parameters=/sys/module/dmabuf_heap/parameters

# Something for each section of a report: a refusal, and who is attached.
hold_report()
{
	hold --size 1200K --name secret --device "$contiguous:w" --device "$display:r:label=scanout"
	hold --size 4K --name secret --fill 0x80
	ctl attach "$pid:$fd" "$contiguous:w"
}

# What varies in reports; one line per paragraph.
normalize_report()
{
	awk '/^   / { sub(/^ +/, " "); line = line $0; next }
		NR > 1 { print line }
		{ line = $0 }
		END { print line }' | normalize | sed -E '
		/^  (CMA|CMA-FREE|fail_nth|fail_pid|scatter) /d
		s/; CMA [0-9.]+ .*//
		s/^(  (TOOL|LIBRARY|KERNEL|KERNEL-BUILD|TAINT|TOTAL|FREE|AVAILABLE|MAX-LENGTH|allocations|user_scarce)) .*/\1 VALUE/
		s/(PRESENT|MANAGED|FREE) [0-9.]+ (.iB|bytes)/\1 BYTES/g
		s/(PLACEMENT [^;]*below )[0-9]+ .iB/\1BYTES/
		s/\<(FIRST-MAP-AGE|LAST-MAP|AGE) [0-9.]+ (ms|s|min)/\1 TIME/g
		s/\<PID [0-9]+/PID PID/g'
}

test_report()
{
	hold_report
	ctl report
	# 80 columns; the first lines are those of hold.
	sed '1,/^. dmabuf-ctl report/d' "$tmp/got" | awk 'length > 80 { exit 1 }' ||
		complain "too wide" || return
	release
	check normalize_report
}

# What must not be in a report, wherever it stands: addresses, the host's name, those
# of users; and without names those of buffers and processes.
test_report_names()
{
	local option

	hold_report
	for option in "" --json; do
		# shellcheck disable=SC2086	# no word, or one
		unshare -u sh -c "echo secret-host >/proc/sys/kernel/hostname
			dmabuf-ctl report $option --anonymous" >"$tmp/anonymous"
		# shellcheck disable=SC2086
		dmabuf-ctl report $option >"$tmp/report"
		! grep -iE '0x[0-9a-f]|ffff[0-9a-f]{4}|secret-host|nobody' "$tmp/report" "$tmp/anonymous" ||
			complain "found in a report" || return
		grep -q secret "$tmp/report" && grep -q dmabuf-ctl "$tmp/report" ||
			complain "no names at all" || return
		! grep -E 'secret|dmabuf-ctl' "$tmp/anonymous" || complain "names are left" || return
	done
	sed -n '/^What is missing/,/^$/p' <(dmabuf-ctl report --anonymous) >>"$tmp/got"
	dmabuf-ctl report --anonymous | sed -n '/^Last conflicts/,$p' >"$tmp/conflicts"
	normalize_report <"$tmp/conflicts" >>"$tmp/got"
	release
	check normalize
}

# A report is for when things are broken, and says what it doesn't know.
test_report_missing()
{
	hold --size 4K --name secret
	run unshare -m sh -c "mount -t tmpfs dev /dev
		dmabuf-ctl report | sed -n '/^What is missing/,/^$/p; /^Counters/,/^$/p; /^Buffers/,\$p'"
	run "${nobody[@]}" dmabuf-ctl report
	chmod 666 "$node"
	run "${nobody[@]}" dmabuf-ctl report --json
	chmod 600 "$node"
	release
	echo 0 >"$parameters/user_buffers"
	ctl report
	echo max >"$parameters/user_buffers"
	sed -i -n '/^\$/p; /^=>/p; /^What is missing/,/^$/p; /"missing"/,/\]/p; /^Buffers/,/^$/p' "$tmp/got"
	check normalize
}

# completes WORD...: what the last word can become; the words are cut as readline does.
completes()
{
	echo "> ${*@Q}" >>"$tmp/got"
	bash -c '. "$0"
		COMP_WORDS=("$@")
		COMP_CWORD=$(($# - 1))
		_dmabuf_ctl "$1"
		printf "%s\n" "${COMPREPLY[@]}"' "$completion" "$@" >>"$tmp/got" 2>&1
}

test_completion()
{
	cmp "$completion" <(dmabuf-ctl completion bash) || complain "not what is built" || return
	completes dmabuf-ctl ''
	completes dmabuf-ctl li
	completes dmabuf-ctl paint ''
	completes dmabuf-ctl list --n
	completes dmabuf-ctl list --raw --so
	completes dmabuf-ctl list -o add
	completes dmabuf-ctl list -o ID,maps-
	completes dmabuf-ctl list -nro +NUMA
	completes dmabuf-ctl list --output = ID,FIRST
	completes dmabuf-ctl list --sort = -si
	completes dmabuf-ctl list -x -BACK
	completes dmabuf-ctl list -x SIZE --by
	completes dmabuf-ctl list --user = roo
	completes dmabuf-ctl list --min-size ''
	completes dmabuf-ctl list --device "${contiguous%?}"
	completes dmabuf-ctl plan --device = /dev/dri/c
	completes dmabuf-ctl completion ''
	completes dmabuf-ctl report --
	completes dmabuf-ctl alloc --size 4K --c
	completes dmabuf-ctl alloc --size 4K dmabuf-p
	completes dmabuf-ctl alloc --size 4K dmabuf-play --c
	completes dmabuf-ctl alloc --size 4K -- cat COPYIN
	hold --size 4K
	alias_add "^$id\$" ID
	alias_add "^$pid\$" PID
	alias_add "'$pid'" PID
	alias_add "'$id'" ID
	completes dmabuf-ctl list --pid ''
	completes dmabuf-ctl show ''
	completes dmabuf-ctl show "$pid" :
	completes dmabuf-ctl show "$pid" : "$fd"
	completes dmabuf-ctl show "$id" ''
	completes dmabuf-ctl attach --test ''
	completes dmabuf-ctl attach "$pid" : "$fd" "${contiguous%?}"
	release
	check normalize
}

# The same by readline, which cuts lines itself.
test_completion_readline()
{
	local -a shell=(dmabuf-ctl alloc --size 4K --device "$contiguous" bash --norc --noprofile -i)

	cat >"$tmp/keys" <<-END
		PS1=; . $completion
		dmabuf-ctl com	 bash | head -n 1
		dmabuf-ctl list --no	 --raw -o DEC	,MOVA	
		dmabuf-ctl list --no	 --raw --output=DEC	,MOVA	
		exit
	END
	TERM=dumb script -qec "${shell[*]}" /dev/null <"$tmp/keys" |
		tr -d '\r' | grep -A 1 '^dmabuf-ctl .*MOVABLE\|^dmabuf-ctl completion' >>"$tmp/got"
	check cat
}

# validate NAME FILE...: JSON against a schema.
validate()
{
	local schema=$1 file
	local -a documents=()
	shift

	for file; do
		documents+=(-i "$file")
	done
	/usr/bin/jsonschema --base-uri "file://$schemas/" "${documents[@]}" "$schemas/$schema.json" \
		>"$tmp/findings" 2>&1 && return
	head -n 5 "$tmp/findings"
	return 1
}

# A line of watch is a document.
write_events()
{
	local watcher line number=0

	dmabuf-ctl watch --json --count 12 >"$tmp/events.lines" &
	watcher=$!
	holders+=("$watcher")
	while kill -0 "$watcher" 2>/dev/null; do
		dmabuf-ctl alloc --size 1200K --fill 0x80 --device "$contiguous" true 2>/dev/null
		dmabuf-ctl alloc --size 4K --device "$contiguous:w:label=capture" --commit --seal true
	done
	wait "$watcher"
	holders=()
	while read -r line; do
		number=$((number + 1))
		echo "$line" >"$tmp/watch$number.json"
	done <"$tmp/events.lines"
}

# Documents for each schema; together they have a row in each array.
write_documents()
{
	local command

	hold_several
	dmabuf-ctl devices --json >"$tmp/devices.json"
	dmabuf-ctl list --json >"$tmp/list.json"
	"$other" "$keep" fd dmabuf-ctl list --all --json >"$tmp/list_all.json"
	dmabuf-ctl plan --size 4K --device "$contiguous" --json >"$tmp/plan.json"
	dmabuf-ctl plan --size 8K --require segments=1,segment=4K --require below=4K \
		--require contiguous --json >"$tmp/plan_refused.json" 2>/dev/null
	release
	hold_report
	dmabuf-ctl show "$pid:$fd" --json >"$tmp/show_refused.json"
	dmabuf-ctl holders "$id" --json >"$tmp/holders.json"
	dmabuf-ctl report --json >"$tmp/report.json"
	dmabuf-ctl report --json --anonymous >"$tmp/report_anonymous.json"
	unshare -m sh -c "mount -t tmpfs dev /dev
		dmabuf-ctl report --json" >"$tmp/report_missing.json"
	release
	# What vgem imports without having been declared, and a driver that is refused.
	cat >"$tmp/import" <<-'END'
		open my $card, "+<", $ARGV[0] or die;
		ioctl $card, 0xc00c642e, pack "LLl", 0, 0, $ENV{DMABUF_FD};
		syscall(9, 0, 4096, 1, 1, $ENV{DMABUF_FD} + 0, 0) > 0 or die "mmap: $!";
		system "dmabuf-ctl holders --json $ENV{DMABUF_ID} >$ARGV[1]" if $ARGV[1];
		system "dmabuf-ctl show --json $ENV{DMABUF_ID}";
	END
	dmabuf-ctl alloc --size 4K --device "$contiguous" perl "$tmp/import" "$render" \
		"$tmp/holders_import.json" >"$tmp/show.json"
	dmabuf-ctl alloc --size 4K --device "$display" --seal perl "$tmp/import" "$render" \
		>"$tmp/show_sealed.json"
	write_events
	dmabuf-ctl alloc --size 4K --commit sh -c "dmabuf-ctl why \$DMABUF_ID $render --json" \
		>"$tmp/why.json"
	dmabuf-ctl alloc --size 1200K --fill 0x80 \
		sh -c "dmabuf-ctl why \$DMABUF_ID $contiguous --json || :" \
		>"$tmp/why_refused.json" 2>/dev/null
	for command in devices list show holders plan why; do
		dmabuf-ctl "$command" --list-columns --json >"$tmp/columns_$command.json"
	done
}

test_schema()
{
	local command file row
	local -a commands

	mapfile -t commands < <(sed -nE 's/^\t([a-z]+)\.options\) .* --json .*/\1/p' "$completion")
	[ ${#commands[@]} -gt 0 ] || complain "no command has --json" || return
	write_documents
	for command in "${commands[@]}" columns; do
		[ -e "$schemas/$command.json" ] || complain "no schema for $command" || return
		ls "$tmp/$command"*.json >/dev/null || complain "no document of $command" || return
		validate "$command" "$tmp/$command"*.json || complain "$command is refused" || return
	done
	# Rows of each kind were there to be looked at.
	for file in devices list show holders columns_list report_anonymous; do
		! grep -A 1 '": \[$' "$tmp/$file.json" | grep -qE '^( +\],?)?$' ||
			complain "$file has an empty array" || return
	done
	while read -r file row; do
		grep -q "\"$row\"" "$tmp/$file".* || complain "$file has no $row" || return
	done <<-END
		list_all of another
		list_all drm
		show imported
		show_sealed refused
		plan meaning
		plan placement
		plan dma
		plan_refused least
		plan_refused way
		holders_import mapping
		holders_import import
		why_refused EBUSY
		events refused
		events seal
	END
}

# A schema refuses what isn't as it says.
test_schema_wrong()
{
	local change

	hold --size 4K
	dmabuf-ctl list --json >"$tmp/list.json"
	release
	validate list "$tmp/list.json" || return
	for change in 's/"size": /"bytes": /' 's/"size": ([0-9]+)/"size": "\1"/' \
		's/"unbacked",/"halfway",/' 's/"id": /"id": -/' 's/"sealed": false,/&"color": 1,/' \
		's/"totals": \[/&{},/'; do
		sed -E "$change" "$tmp/list.json" >"$tmp/wrong.json"
		! cmp -s "$tmp/list.json" "$tmp/wrong.json" || complain "$change changes nothing" || return
		! validate list "$tmp/wrong.json" >/dev/null || complain "accepted: $change" || return
	done
}

# Schemas of rows and --list-columns: the same names, types and meanings. Columns that
# sum up others are for people only.
test_schema_columns()
{
	local command row

	while read -r command row; do
		dmabuf-ctl "$command" --list-columns --raw --noheadings |
			awk '{ print $1, $2, $4 }' | sed 's/\\x20/ /g' | sort >"$tmp/columns"
		awk -F '"' '
			/^\t\t"/ { key = toupper($2); gsub(/_/, "-", key) }
			/^\t\t\t"description"/ { text = $4 }
			/^\t\t\t"type": / { type = $4 == "integer" ? "number" : $4; print key, type, text }' \
			"$schemas/rows/$row.json" | sort >"$tmp/keys"
		[ -s "$tmp/keys" ] || complain "nothing is read of $row" || return
		echo "$command" >>"$tmp/got"
		run comm -23 "$tmp/columns" "$tmp/keys"
		run comm -13 "$tmp/columns" "$tmp/keys"
	done <<-END
		devices device
		list buffer
		show attachment
		plan attachment
		holders holder
		why why
	END
	alias_add "$tmp/" ''
	check normalize
}

tests=(schema schema_wrong schema_columns completion completion_readline report report_names
	report_missing)
. "$(dirname "$0")/ctl/transcript.sh"
