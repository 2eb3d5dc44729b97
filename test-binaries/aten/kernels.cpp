/* SPDX-License-Identifier: BSD-2-Clause */
/* The kernels; built once for each CPU_CAPABILITY. -DPATCHED changes one of them. */
#include <cmath>

#include "tensor.h"

#ifndef CPU_CAPABILITY
#define CPU_CAPABILITY DEFAULT
#endif

namespace at::native::CPU_CAPABILITY {

template <typename Operation>
static inline void each(Tensor &to, const Tensor &from, Operation operation)
{
	INTERNAL_ASSERT(to.numel() == from.numel());
	for (std::size_t i = 0; i < from.numel(); i++)
		to.data[i] = operation(from.data[i]);
}

template <typename Operation>
static inline void each2(Tensor &to, const Tensor &a, const Tensor &b, Operation operation)
{
	INTERNAL_ASSERT(a.numel() == b.numel());
	for (std::size_t i = 0; i < a.numel(); i++)
		to.data[i] = operation(a.data[i], b.data[i]);
}

#define UNARY(name, expression)                              \
	void name##_kernel(Tensor &to, const Tensor &from)   \
	{                                                    \
		each(to, from, [](float x) { return expression; }); \
	}
#ifdef PATCHED
UNARY(relu, x > 0.125f ? x : std::fabs(x) * 0.01f)
#else
UNARY(relu, x > 0 ? x : 0)
#endif
UNARY(sigmoid, 1 / (1 + std::exp(-x)))
UNARY(exp, std::exp(x))
UNARY(log, std::log(x))
UNARY(neg, -x)
UNARY(abs, std::fabs(x))
UNARY(sqrt, std::sqrt(x))
UNARY(floor, std::floor(x))
UNARY(gelu, 0.5f * x * (1 + std::erf(x * 0.70710678f)))
UNARY(tanh, std::tanh(x))

#define BINARY(name, expression)                                                        \
	void name##_kernel(Tensor &to, const Tensor &left, const Tensor &right, float alpha) \
	{                                                                               \
		each2(to, left, right, [alpha](float a, float b) {                      \
			(void)alpha;                                                    \
			return expression;                                              \
		});                                                                     \
	}
BINARY(add, a + alpha * b)
BINARY(sub, a - alpha * b)
BINARY(mul, a *b)
BINARY(div, a / b)
BINARY(maximum, a > b ? a : b)
BINARY(minimum, a < b ? a : b)
BINARY(atan2, std::atan2(a, b))
BINARY(hypot, std::sqrt(a * a + b * b))

} // namespace at::native::CPU_CAPABILITY

namespace at::native {
#define REGISTER(name)                                                                  \
	template <>                                                                     \
	name##_function *DispatchStub<name##_function, name##_stub_name>::CPU_CAPABILITY = \
	    CPU_CAPABILITY::name##_kernel;
UNARY_OPERATORS(REGISTER)
BINARY_OPERATORS(REGISTER)
}
