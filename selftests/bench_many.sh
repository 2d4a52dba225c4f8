#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Do 10,000 large buffers fit into little memory? For a boot with 512 MiB.
exec "$BUILD/selftests/bench/bench" many
