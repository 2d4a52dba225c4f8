#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Does CREATE cost the same for every length? For a boot that counts instructions.
exec "$BUILD/selftests/bench/bench" create
