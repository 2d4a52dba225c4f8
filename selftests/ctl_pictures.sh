#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# dmabuf-ctl frame and graph, by transcripts and pictures. Needs what ctl/transcript.sh
# tells, and Graphviz.
# shellcheck disable=SC2016	# commands for inner shells
# shellcheck disable=SC2034	# used by transcript.sh
# shellcheck disable=SC2154	# set by transcript.sh
# shellcheck disable=SC2317	# the tests are called by their names

set -u

# frame ARGUMENT...: of the buffer that is held; XR24, if nothing else is said.
frame()
{
	ctl frame "$pid:$fd" --format XR24 "$@"
}

# What isn't a picture in the end is a sentence, and no file. Strides are larger than
# any process's number, which is replaced.
test_frame()
{
	alias_add "$tmp" TMP
	ctl frame --list-formats
	hold --size 352K
	frame --size 10000x9 -o "$tmp/unbacked.png"
	release
	hold --size 356K --fill 0x80
	frame --size 10000x9 -o "$tmp/guessed.png"
	frame --size 10000x5 -o "$tmp/least.png"
	frame --size 10000x10 -o "$tmp/large.png"
	frame --size 10000x2 --stride 39999 -o "$tmp/stride.png"
	frame --size 10000x2 --stride 18446744073709551615 -o "$tmp/product.png"
	frame --size 10000x2 --offset 18446744073709551615 -o "$tmp/sum.png"
	ctl frame "$pid:$fd" --format NV12 --size 40001x3 --stride 40064,40001 -o "$tmp/pairs.png"
	frame --size 2x2 -o "$tmp/no/folder.png"
	frame --size 2x2 -o "$tmp"
	run sh -c "dmabuf-ctl frame $pid:$fd --format XR24 --size 2x2 --output=- | tail -c 8 | head -c 4; echo"
	ctl frame 1:0 --format XR24 --size 2x2 -o "$tmp/null.png"
	ctl frame "$pid:100000" --format XR24 --size 2x2 -o "$tmp/none.png"
	ctl frame 4000000:3 --format XR24 --size 2x2 -o "$tmp/none.png"
	run "${nobody[@]}" dmabuf-ctl frame "$pid:$fd" --format XR24 --size 2x2 -o "$tmp/nobody.png"
	release
	run sh -c "cd $tmp && ls *.png*"
	check "sed -f $tmp/aliases"
}

# A file is complete, or the one that was there before; a device is written to.
test_frame_output()
{
	alias_add "$tmp" TMP
	mkdir -p "$tmp/small"
	mount -t tmpfs -o size=8K small "$tmp/small"
	echo before >"$tmp/small/picture.png"
	ln -s small/picture.png "$tmp/link.png"
	hold --size 1M --fill 0x80
	frame --size 100x2 -o /dev/full
	run_to /dev/full dmabuf-ctl frame "$pid:$fd" --format XR24 --size 100x2 -o -
	mkfifo "$tmp/pipe"
	exec 3<>"$tmp/pipe"
	exec 4>"$tmp/pipe"
	exec 3<&-
	run_to "&4" dmabuf-ctl frame "$pid:$fd" --format XR24 --size 100x2 -o -
	exec 4>&-
	rm "$tmp/pipe"
	run [ -c /dev/full ]
	head -c 4096 /dev/zero >"$tmp/small/rest"
	frame --size 100x2 -o "$tmp/small/picture.png"
	run cat "$tmp/small/picture.png"
	rm "$tmp/small/rest"
	frame --size 100x2 -o "$tmp/link.png"
	run sh -c "head -c 4 $tmp/small/picture.png | tail -c 3; stat -c =%a $tmp/small/picture.png"
	run ls "$tmp/small"
	run script -qec "dmabuf-ctl frame $pid:$fd --format XR24 --size 100x2 -o -" /dev/null
	release
	umount "$tmp/small"
	tr -d '\r' <"$tmp/got" >"$tmp/plain"
	mv "$tmp/plain" "$tmp/got"
	check "sed -f $tmp/aliases"
}

# Processes, buffers and devices, and a conflict: as text, and as dot sees it.
test_graph()
{
	alias_add "$tmp" TMP
	ctl graph
	run sh -c 'dmabuf-ctl graph | dot -Tsvg | grep -c "<svg"'
	hold --size 4K --name picture --device "$render:r:label=scanout" \
		--require below=64G,label=window --fill 0x80
	ctl attach "$pid:$fd" "$contiguous:w"
	ctl graph
	ctl graph "$id" "$pid:$fd" --output "$tmp/graph.dot"
	run sh -c "dmabuf-ctl graph $id -o - | sed s/tooltip=.*// >$tmp/graph.again
		sed s/tooltip=.*// $tmp/graph.dot | diff $tmp/graph.again - && rm $tmp/graph.again"
	ctl graph "$id" -o "$tmp/graph.png"
	run sh -c "head -c 4 $tmp/graph.png | tail -c 3; echo"
	ctl graph "$id" -o "$tmp/graph.svg"
	run sh -c "grep -o '>[^<>]*</text>' $tmp/graph.svg | grep -v dashed:"
	run ls "$tmp" --ignore=[^g]* --ignore=got
	ctl graph 18446744073709551615
	ctl graph "$id" 4000000:3 -o "$tmp/none.svg"
	release
	check normalize
}

# Several processes hold it; who filled it doesn't any more. Who is asked about one
# buffer sees no other, and what a user may not see isn't there.
test_graph_processes()
{
	local more='tail -f /dev/null &
		until read -r name </proc/$!/comm && [ "$name" = tail ]; do :; done'

	ctl alloc --size 4K --movable --commit --seal sh -c "$more"'
		dmabuf-ctl alloc --size 4K --name other sh -c "dmabuf-ctl graph $DMABUF_ID"
		kill $!'
	ctl alloc --size 4K --name shared --fill 0x80 --device "$render:r" sh -c "$more
		dmabuf-ctl attach \$\$:\$DMABUF_FD $contiguous:w:label=capture
		(eval \"exec \$DMABUF_FD<&-\"; dmabuf-ctl graph)
		kill \$!"
	keep map sh -c 'dmabuf-ctl graph | grep -o ".* -> [^,]*"'
	keep import sh -c 'dmabuf-ctl graph | grep -o "held by no process in sight\|.* -> [^[]*"'
	chmod 666 "$node"
	hold --size 4K
	run "${nobody[@]}" dmabuf-ctl graph
	run "${nobody[@]}" dmabuf-ctl graph "$id"
	release
	chmod 600 "$node"
	check normalize
}

# The limit that is in the way came first: all that is known is whose it is. A driver
# that was refused is there, too.
test_graph_conflicts()
{
	alias_add "$tmp/import" import
	alias_add "$tmp" TMP
	ctl alloc --size 128K --require align=64M,label=window --device "$render:w" sh -c "
		dmabuf-ctl attach \$\$:\$DMABUF_FD $render:r:below=16M
		dmabuf-ctl graph -o $tmp/limit.dot"
	run grep -e '->' "$tmp/limit.dot"
	ctl alloc --size 4K --commit --seal sh -c "perl $tmp/import $render
		dmabuf-ctl graph -o $tmp/sealed.dot"
	run grep -e '->' "$tmp/sealed.dot"
	check normalize
}

# What Graphviz would understand in a name is just its characters.
test_graph_names()
{
	local odd=$'a\n"];\\N\xff'

	ln -s "$(command -v dmabuf-ctl)" "$tmp/$odd"
	run "$tmp/$odd" alloc --size 4K --name $'q"\\L&amp;<b>\xc3\xa9\xff\\' --commit \
		--require 'below=64G,label=\l"->&lt;' sh -c 'dmabuf-ctl attach $$:$DMABUF_FD '"$render"':r:below=1M
			dmabuf-ctl graph
			dmabuf-ctl graph -o '"$tmp/odd.svg"'
			grep -o ">[^<>]*</text>" '"$tmp/odd.svg"' | grep -v dashed:'
	# The command line isn't text, and begins the transcript.
	LC_ALL=C sed -i '1,/^dmabuf-ctl/ { /^dmabuf-ctl/ !d }' "$tmp/got"
	check normalize
}

# A picture is complete, or the file that was there before stays.
test_graph_output()
{
	alias_add "$tmp" TMP
	mkdir -p "$tmp/small" "$tmp/bin"
	mount -t tmpfs -o size=8K small "$tmp/small"
	echo before >"$tmp/small/graph.png"
	ln -s small/graph.png "$tmp/link.png"
	head -c 4096 /dev/zero >"$tmp/small/rest"
	ctl alloc --size 4K --device "$render" dmabuf-ctl graph -o "$tmp/small/graph.png"
	run cat "$tmp/small/graph.png"
	rm "$tmp/small/rest"
	ctl graph -o "$tmp/link.png"
	run sh -c "head -c 4 $tmp/small/graph.png | tail -c 3; stat -c =%a $tmp/small/graph.png"
	run ls "$tmp/small"
	umount "$tmp/small"
	run_to /dev/full dmabuf-ctl graph
	ctl graph -o "$tmp/none/graph.svg"
	ln -s /dev/full "$tmp/full.svg"
	ctl graph -o "$tmp/full.svg"
	ln -s "$(command -v dmabuf-ctl)" "$tmp/bin"
	run env PATH="$tmp/bin" dmabuf-ctl graph -o "$tmp/none.svg"
	printf '#!/bin/sh\necho Error: out of ink >&2\necho and more >&2\nexit 3\n' >"$tmp/bin/dot"
	chmod 755 "$tmp/bin/dot"
	run env PATH="$tmp/bin" dmabuf-ctl graph -o "$tmp/none.svg"
	printf '#!/bin/sh\nkill -9 $$\n' >"$tmp/bin/dot"
	run env PATH="$tmp/bin" dmabuf-ctl graph -o "$tmp/none.svg"
	run env PATH="$tmp/bin" dmabuf-ctl graph -o "$tmp/text.dot"
	run ls "$tmp" --ignore=[^nt]* --ignore=nodes --ignore=normal
	check normalize
}

tests=(frame frame_output graph graph_processes graph_conflicts graph_names graph_output)
. "$(dirname "$0")/ctl/transcript.sh"
