/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef BINARY_LAZY_DWARF_H
#define BINARY_LAZY_DWARF_H

#include "util/lazy.h"

extern struct lazy_library lazy_dwarf;

#endif
