#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# dmabuf-ctl watch and top, by transcripts. Needs what ctl/transcript.sh tells, and tmux.
# shellcheck disable=SC2016	# commands for inner shells
# shellcheck disable=SC2034	# used by transcript.sh
# shellcheck disable=SC2154	# set by transcript.sh
# shellcheck disable=SC2317	# the tests are called by their names

set -u
screens=0
at_end=screen_end

# watch_begin FILE COMMAND...: in the background, with its output in a file; it
# watches when this returns.
watch_begin()
{
	local to=$1 i
	shift

	echo "\$ $* &" >>"$tmp/got"
	"$@" >"$to" 2>&1 &
	watcher=$!
	holders+=("$watcher")
	for ((i = 0; i < 200; i++)); do
		# shellcheck disable=SC2010	# links by what they lead to
		! ls -l "/proc/$watcher/fd" | grep -q signalfd || break
		sleep 0.1
	done
}

# watch_end [SIGNAL]: what it has seen. It has to end well.
watch_end()
{
	local rc=0

	[ -z "${1:-}" ] || kill "-$1" "$watcher"
	wait "$watcher" || rc=$?
	{
		echo "watch:"
		cat "$tmp/watched"
		echo "watched => $rc"
	} >>"$tmp/got"
	holders=()
}

# The story of a buffer, of a late-comer, and of a move.
test_watch()
{
	watch_begin "$tmp/watched" dmabuf-ctl watch
	ctl alloc --size 1200K --name picture --device "$contiguous:w:label=capture" \
		--device "$display:r" --require contiguous,label=scanout --fill 0x80 --seal true
	ctl alloc --size 4K --fill 0x80 --device "$contiguous" true
	ctl alloc --size 1200K --movable --fill 0x80 --device "$contiguous:w" true
	watch_end INT
	check normalize
}

test_watch_json()
{
	watch_begin "$tmp/watched" dmabuf-ctl watch --json \
		--events create,attach,refused,cpu-map,first-map
	ctl alloc --size 4K --name 'a "name"' --device "$contiguous:w:label=capture" --fill 0 true
	ctl alloc --size 4K --fill 0x80 --device "$contiguous" true
	watch_end TERM
	check normalize || return
	perl -MJSON::PP -ne 'decode_json($_)' "$tmp/watched" || complain "a line is no JSON"
}

# It ends after so many lines, with its buffer, and when nobody reads it.
test_watch_ends()
{
	local reader rc=0

	watch_begin "$tmp/watched" dmabuf-ctl watch --events create,release --count 3
	ctl alloc --size 4K --commit true
	ctl alloc --size 8K --commit true
	watch_end
	hold --size 4K
	alias_add "id $id" "id ID"
	watch_begin "$tmp/watched" dmabuf-ctl watch --id "$id" --events first-map
	ctl alloc --size 8K --commit true
	release
	watch_end
	ctl watch --id 18446744073709551615
	mkfifo "$tmp/read"
	cat "$tmp/read" >/dev/null &
	reader=$!
	watch_begin "$tmp/read" dmabuf-ctl watch
	kill -0 "$watcher" && kill "$reader"
	wait "$watcher" || rc=$?
	echo "nobody reads => $rc" >>"$tmp/got"
	holders=()
	check normalize
}

# It is told how much it missed, also when the buffer's end is among that.
test_watch_misses()
{
	hold --size 4K
	alias_add "id $id" "id ID"
	watch_begin "$tmp/watched" dmabuf-ctl watch --id "$id" --events cpu-map
	kill -STOP "$watcher"
	DMABUF_FD=$pid:$fd "$keep" maps true
	holders=("$pid")
	release
	kill -CONT "$watcher"
	watch_end
	sed -i -E '/buffer [0-9]+ +cpu-map/d; s/[0-9]+ events/MANY events/' "$tmp/got"
	check normalize
}

# One's own, and no others.
test_watch_users()
{
	chmod 666 "$node"
	watch_begin "$tmp/watched" "${nobody[@]}" dmabuf-ctl watch --count 2
	ctl alloc --size 4K --name roots true
	run "${nobody[@]}" dmabuf-ctl alloc --size 4K --name nobodys true
	watch_end
	chmod 600 "$node"
	check normalize
}

# Looks for a log: what is there, who holds it, one's own, and an end by a signal.
test_top()
{
	hold_several
	ctl top --batch -n 1
	ctl top --batch -d 0.2 -n 2 -o NAME,NEW-MAPS,HOLDERS -x NAME
	ctl top --batch -n 1 --by process -o BUFFERS,SIZE,BACKED,FDS,MAPPINGS,UID -x BUFFERS
	chmod 666 "$node"
	run "${nobody[@]}" dmabuf-ctl top --batch -n 1 -o NAME,HOLDERS
	chmod 600 "$node"
	release
	run timeout --preserve-status -s INT 2 dmabuf-ctl top --batch -d 100 -o NAME
	keep map dmabuf-ctl top --batch -n 1 --by process \
		-o COMMAND,BUFFERS,SIZE,BACKED,FDS,BY-FD,MAPPINGS,BY-MAPPING
	keep import sh -c 'dmabuf-ctl top --batch -n 1 -o NAME,HOLDERS |
		sed -n "s/.*, //; /orphaned/p; /kept/p"'
	check normalize
}

# Two buffers are mapped by the camera and, where it maps, the display between looks.
test_top_maps()
{
	local keys top name=top_maps

	drm_maps || name=top_maps_attached
	dmabuf-ctl top --batch -n 2 -d 10 -o NAME,MAPS,NEW-MAPS,HOLDERS,DEVICES -x NAME \
		>"$tmp/looks" 2>&1 &
	top=$!
	wait_for '^NAME' cat "$tmp/looks"
	mkfifo "$tmp/play"
	exec {keys}<>"$tmp/play"
	dmabuf-play --device "$contiguous" --card "$display" --buffers 2 --frames 4 \
		--hold <"$tmp/play" >"$tmp/played" 2>&1 &
	pid=$!
	holders+=("$pid")
	wait_for Enter cat "$tmp/played"
	wait "$top"
	cat "$tmp/looks" >>"$tmp/got"
	ctl top --batch -n 1 --by process -o COMMAND,BUFFERS,SIZE,BACKED,BY-FD
	echo >&"$keys"
	wait "$pid"
	holders=()
	exec {keys}>&-
	check normalize
}

# What comes and goes during a look is no error.
test_top_churn()
{
	local churn

	while :; do
		dmabuf-ctl alloc --size 4K --device "$contiguous" --commit true
	done >/dev/null 2>&1 &
	churn=$!
	holders+=("$churn")
	dmabuf-ctl top --batch -n 20 -d 0.02 >"$tmp/looks" 2>>"$tmp/got"
	echo "$? $(grep -cE '^ *ID ' "$tmp/looks") looks" >>"$tmp/got"
	kill "$churn"
	wait "$churn" 2>/dev/null
	holders=()
	check cat
}

# The screen of a terminal, each with a server of its own.
screen()
{
	tmux -L "top$screens" "$@"
}

screen_text()
{
	screen capture-pane -p -t top
}

# screen_begin COLUMNS LINES [SETTING [PATTERN]]: top runs when the pattern is seen.
screen_begin()
{
	screens=$((screens + 1))
	screen -f /dev/null new-session -d -s top -x "$1" -y "$2" \
		"env ${3:-NO_COLOR=} dmabuf-ctl top -d 0.5; echo ended \$?; sleep 1000"
	wait_for "${4:-per second}" screen_text
}

screen_end()
{
	screen kill-server
}

# screen_press PATTERN KEY...: the pattern says that the keys have been obeyed.
screen_press()
{
	local pattern=$1
	shift

	screen send-keys -t top "$@"
	wait_for "$pattern" screen_text
	echo "Keys: $*" >>"$tmp/got"
}

screen_take()
{
	screen_text | sed '/^$/d' >>"$tmp/got"
}

test_top_screen()
{
	local holder

	hold_several
	for holder in "${holders[@]}"; do
		alias_add "^ *$holder " "PID "
	done
	screen_begin 80 24
	screen_take
	screen_press 'by AGE, falling' T
	screen_press 'by AGE, rising' I
	screen_press 'by MAPS/S' R
	screen_press 'by BACKED' M '>'
	screen_press 'by ID' '<' '<' '<'
	screen_press 'rising' I
	screen_take
	screen_press 'Filter: PICT_' / P I C T x BSpace
	screen_press '"PICT": 2 of 4' Enter
	screen_take
	screen_press 'by ID, rising' / Escape
	screen_press COMMAND p
	screen_take
	screen_press NAME p
	screen_press 'Keys of' F1
	screen_take
	screen_press NAME q
	screen_press 'Sort by' F6
	screen_take
	screen_press 'by ID, falling' Home Enter
	screen_press 'Last conflict' End Up Enter
	screen_take
	screen_press NAME Escape
	screen_press 'ended 0' q
	screen_end
	release
	check normalize
}

# A size that changes, colours, and terminals that are none.
test_top_terminal()
{
	local setting

	hold --size 4K --name "a picture"
	screen_begin 80 24
	screen resize-window -t top -x 39 -y 24
	wait_for 'Too small' screen_text
	screen_take
	screen resize-window -t top -x 80 -y 9
	sleep 1
	screen_take
	screen resize-window -t top -x 140 -y 10
	wait_for 'CPU-MAPS.*CREATOR' screen_text
	screen_take
	screen_press 'ended 0' F10
	screen_end
	for setting in NO_COLOR= NO_COLOR=1; do
		screen_begin 80 24 "$setting"
		echo "$setting: $(screen capture-pane -pe -t top | grep -cE $'\033\\[[0-9;]*[34][0-7]m')" \
			"lines have colours" >>"$tmp/got"
		screen_end
	done
	screen_begin 80 24 TERM=dumb ended
	screen_take
	screen_end
	ctl top
	release
	check normalize
}

tests=(watch watch_json watch_ends watch_misses watch_users top top_maps top_churn
	top_screen top_terminal)
. "$(dirname "$0")/ctl/transcript.sh"
