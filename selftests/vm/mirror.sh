#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# mirror.sh FROM TO: fill TO with links to the files of FROM, subfolders too, so
# that kbuild, which writes beside its sources, leaves FROM as it is.

set -eu
from=$(cd "$1" && pwd -P)
mkdir -p "$2"
find "$2" -xtype l -delete
cp -rsn "$from/." "$2"
