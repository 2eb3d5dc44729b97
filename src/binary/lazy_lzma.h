/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef BINARY_LAZY_LZMA_H
#define BINARY_LAZY_LZMA_H

#include "util/lazy.h"

extern struct lazy_library lazy_lzma;

#endif
