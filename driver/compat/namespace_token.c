// SPDX-License-Identifier: GPL-2.0
/* Whether a symbol namespace is named without quotes. */
#include <linux/module.h>

MODULE_IMPORT_NS(DMA_BUF);
