#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# screendump.sh NAME, in the guest: have the host write what the display shows
# to build/NAME.png, and wait until it has.

set -eu
exec 3<>/dev/virtio-ports/request
echo "$1" >&3
read -r reply <&3
[ "$reply" = ok ] || { echo "screendump.sh: $reply" >&2 && exit 1; }
