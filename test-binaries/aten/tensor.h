/* SPDX-License-Identifier: BSD-2-Clause */
/* A miniature of PyTorch's ATen, for the tests of elfleft verify: tensors, and stubs that call the
 * kernel built for the processor at hand. Only the shapes of names and code are alike. */
#pragma once
#include <cstddef>
#include <string>
#include <vector>

namespace at {

struct Tensor {
	std::vector<float> data;
	std::size_t numel() const { return data.size(); }
};

enum class CPUCapability { DEFAULT, AVX2, AVX512 };
CPUCapability capability();

[[noreturn]] void assert_fail(const char *what, const char *file, int line);
#define INTERNAL_ASSERT(condition)                                      \
	do {                                                            \
		if (!(condition))                                       \
			at::assert_fail(#condition, __FILE__, __LINE__); \
	} while (0)

namespace native {

template <typename Function, typename Name>
struct DispatchStub {
	template <typename... Arguments>
	void operator()(Arguments &&...arguments)
	{
		Function *function = capability() == CPUCapability::AVX512 ? AVX512
				     : capability() == CPUCapability::AVX2 ? AVX2
									   : DEFAULT;
		(*function)(arguments...);
	}
	static Function *DEFAULT, *AVX2, *AVX512;
};

} // namespace native
} // namespace at

#define UNARY_OPERATORS(X) \
	X(relu) X(sigmoid) X(exp) X(log) X(neg) X(abs) X(sqrt) X(floor) X(gelu) X(tanh)
#define BINARY_OPERATORS(X) X(add) X(sub) X(mul) X(div) X(maximum) X(minimum) X(atan2) X(hypot)

#define DECLARE(name, ...)                                          \
	struct name##_stub_name {};                                 \
	using name##_function = void(__VA_ARGS__);                  \
	using name##_stub_type = DispatchStub<name##_function, name##_stub_name>; \
	extern name##_stub_type name##_stub;
namespace at::native {
#define UNARY(name) DECLARE(name, Tensor &, const Tensor &)
#define BINARY(name) DECLARE(name, Tensor &, const Tensor &, const Tensor &, float)
UNARY_OPERATORS(UNARY)
BINARY_OPERATORS(BINARY)
#undef UNARY
#undef BINARY
}
