#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The guest's process 1 after init.sh: runs the command that boot.sh wrote down,
# sends its output and then its exit status to the host, each over a port of its
# own, and switches the machine off.
# shellcheck disable=SC2154	# repo and job come from the kernel command line

export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export HOME=/root TERM=dumb LC_ALL=C.UTF-8
ports=/dev/virtio-ports

# By way of a pipe, because a port can be opened only once, and a command may
# want to open /dev/stdout again.
mkfifo /run/output
cat /run/output >$ports/output &
cat=$!
hostname guest
: >"$job/begun"

cd "$repo" && bash "$job/command" </dev/null >/run/output 2>&1
status=$?

# A daemon left behind may hold the pipe open: don't wait for ever.
for ((i = 0; i < 20; i++)); do
	kill -0 $cat 2>/dev/null || break
	sleep 0.1
done
echo $status >$ports/status
exec busybox poweroff -f
