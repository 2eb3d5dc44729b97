/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which ATen operator a function of PyTorch belongs to, as far as its name tells:
 * at::_ops::add_Tensor is the entry of aten::add.Tensor, wrapper_CPU_add_Tensor its registration
 * with the dispatcher, at::native::add_kernel in the namespace AVX2 what its dispatch stub calls on
 * such a processor.
 */
#ifndef EVIDENCE_OPERATORS_H
#define EVIDENCE_OPERATORS_H

#include "util/arena.h"

/* "aten::add.Tensor (CPU)", "aten::add, AVX2 variant"; NULL for a name that tells none. */
const char *operator_of_name(const char *demangled, struct arena *arena);

#endif
