/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef BINARY_LAZY_CAPSTONE_H
#define BINARY_LAZY_CAPSTONE_H

#include "util/lazy.h"

extern struct lazy_library lazy_capstone;

#endif
