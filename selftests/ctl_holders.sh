#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# dmabuf-ctl on who holds buffers, its own module's and others', by transcripts.
# ctl/transcript.sh tells what is needed.
# shellcheck disable=SC2016	# commands for inner shells
# shellcheck disable=SC2034	# used by transcript.sh
# shellcheck disable=SC2154	# set by transcript.sh
# shellcheck disable=SC2317	# the tests are called by their names

set -u
# Not the length: some kernels' drivers map what they import, others only attach.
look='dmabuf-ctl holders $DMABUF_ID -o PID,COMMAND,USER,HOW,FD,ACCESS,DEVICE
	dmabuf-ctl show $DMABUF_ID | grep -A 1 "^  Held"'

# Who maps it, now and ever, while a picture is on the screen.
test_maps()
{
	local keys i buffer name=maps

	drm_maps || name=maps_attached
	mkfifo "$tmp/keys"
	exec {keys}<>"$tmp/keys"
	dmabuf-play --device "$contiguous" --card "$display" --buffers 2 --frames 4 \
		--hold <"$tmp/keys" >"$tmp/played" 2>&1 &
	pid=$!
	holders+=("$pid")
	for ((i = 0; i < 200; i++)); do
		! grep -q Enter "$tmp/played" || break
		sleep 0.1
	done
	ctl list -o STATE,RUNS,DEVICES,MAPS,MAPS-READ,MAPS-WRITE,MAPS-BOTH,CREATOR,FIRST-MAP-BY
	ctl list -o NAME --idle
	ctl list -o NAME --json --device "$contiguous"
	buffer=$(dmabuf-ctl list -nro ID | head -n 1)
	{
		dmabuf-ctl show "$buffer" | grep -E 'Maps now|First map'
		dmabuf-ctl show "$buffer" --bytes --noheadings \
			-o KIND,DECLARED-ID,NODE,DEVICE,ACCESS,MAPS,EVER | sed 1,/Attachments/d
		dmabuf-ctl holders "$buffer" --noheadings -o COMMAND,HOW,NODE,DEVICE
		dmabuf-ctl attach "$pid:$(dmabuf-ctl holders "$buffer" -nro FD | head -n 1)" \
			"$render:r:below=16M" 2>/dev/null
		dmabuf-ctl graph "$buffer" | sed -n 's/, tooltip=.*//; /->/ p'
	} >>"$tmp/got"
	echo >&"$keys"
	wait "$pid"
	holders=()
	exec {keys}>&-
	check normalize
}

# By fd, by mapping, after fork, by a thread; and what the kernel alone holds.
test_holders()
{
	local how

	hold --size 4K --name held
	ctl holders "$id"
	ctl holders "$pid:$fd" --json
	ctl holders "$id" --raw -o COMMAND,UID,OFFSET
	release
	for how in twice map import fork thread table; do
		keep "$how" sh -c "$look"
	done
	keep map sh -c 'dmabuf-ctl holders $DMABUF_ID
		dmabuf-ctl list -o NAME,CPU-MAPS,HOLDERS
		dmabuf-ctl holders $DMABUF_ID --bytes -o LENGTH,OFFSET
		dmabuf-ctl show $DMABUF_ID --json | sed -n "/\"holders\": .$/,\$ p"'
	check normalize
}

# Buffers that no process holds; who holds what is looked up only when asked for.
# Not the totals: not every kernel's vgem maps what it imports.
test_orphans()
{
	keep import sh -c 'dmabuf-ctl list --orphan --raw -o NAME,HOLDERS
		dmabuf-ctl list --json -o NAME,HOLDERS | sed "/totals/,\$ d"'
	keep fork sh -c 'dmabuf-ctl list --orphan -o NAME,HOLDERS; echo $?
		dmabuf-ctl list -o NAME,HOLDERS; dmabuf-ctl list --json | grep holders'
	ctl list --orphan
	check normalize
}

# other COMMAND...: ctl/other.c has a dma-buf of another exporter.
other()
{
	alias_add "$other" other
	alias_add "$keep" keep
	run "$other" "$@"
}

# With the dma-bufs of others, in between and alone.
test_all()
{
	alias_add "[0-9]+ +16 KiB" "ID 16 KiB"
	hold --size 8K --name ours --device "$render:r"
	other "$keep" fd sh -c 'dmabuf-ctl list --all
		dmabuf-ctl list --all -o +UID --noheadings
		dmabuf-ctl list -o NAME,EXPORTER'
	other "$keep" twice sh -c 'dmabuf-ctl list --all --json -o EXPORTER,NAME,SIZE,STATE,HOLDERS
		for filter in "--min-size 16K" "--min-size 20K" "--name of" --idle "--user root" \
			--orphan "--device vgem"; do
			dmabuf-ctl list --all $filter -o NAME,SIZE; echo $?
		done
		dmabuf-ctl list --all --raw -x -SIZE -o SIZE,HELD-BY'
	# A mapping alone doesn't tell the exporter.
	other "$keep" map sh -c 'dmabuf-ctl list --all --raw -o NAME,SIZE,EXPORTER,HOLDERS --name of'
	release
	ctl list --all -o NAME
	check normalize
}

# What isn't the user's is told as far as /proc does; and without the module all is.
test_all_users()
{
	local columns=NAME,SIZE,STATE,EXPORTER,HELD-BY how

	chmod 666 "$node" "$render"
	alias_add "$keep" keep
	hold --size 4K
	for how in fd map; do
		run dmabuf-ctl alloc --size 8K --name root "${nobody[@]}" "$keep" "$how" \
			dmabuf-ctl list --all -o "$columns"
	done
	release
	chmod 600 "$node"
	other "${nobody[@]}" "$keep" fd dmabuf-ctl list --all -o "$columns"
	chmod 600 "$render"
	other "$keep" fd unshare -m sh -c "mount -t tmpfs dev /dev
		dmabuf-ctl list --all -o $columns; echo \$?
		dmabuf-ctl list --all --json -o NAME,SIZE,STATE,EXPORTER,HOLDERS"
	check normalize
}

# Processes come and go during the walk, and some of them hold the buffer.
test_holders_churn()
{
	ctl alloc --size 4K sh -c 'while :; do /bin/true; done &
		for i in 1 2 3 4; do dmabuf-ctl holders $DMABUF_ID -nro COMMAND,HOW || echo $?
		done 2>&1 | sort -u | grep -v true; kill $!'
	check normalize
}

# What a user sees is said to be a part, and a mapping without an fd is in it.
test_holders_users()
{
	local how

	chmod 666 "$node" "$render"
	alias_add "$keep" keep
	hold --size 4K
	run "${nobody[@]}" dmabuf-ctl holders "$id"
	run "${nobody[@]}" dmabuf-ctl holders "$pid:$fd"
	release
	for how in map import; do
		run "${nobody[@]}" env "RENDER=$render" dmabuf-ctl alloc --size 8K "$keep" \
			"$how" sh -c "$look; dmabuf-ctl list --orphan --raw -o HOLDERS,SIZE"
	done
	chmod 600 "$node" "$render"
	check normalize
}

tests=(maps holders orphans all all_users holders_churn holders_users)
. "$(dirname "$0")/ctl/transcript.sh"
