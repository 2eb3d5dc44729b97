/* SPDX-License-Identifier: BSD-2-Clause */
/* The operators: what is called by name, what the dispatcher calls, and the registration of both. */
#include <cstdio>
#include <cstdlib>
#include <map>

#include "tensor.h"

namespace at {

CPUCapability capability()
{
	static const char *name = std::getenv("ATEN_CPU_CAPABILITY");

	return name && name[0] == '5' ? CPUCapability::AVX512
	       : name && name[0] == '2' ? CPUCapability::AVX2
					: CPUCapability::DEFAULT;
}

void assert_fail(const char *what, const char *file, int line)
{
	std::fprintf(stderr, "INTERNAL ASSERT FAILED: %s at %s:%d\n", what, file, line);
	std::abort();
}

namespace native {

#define DEFINE(name) name##_stub_type name##_stub;
UNARY_OPERATORS(DEFINE)
BINARY_OPERATORS(DEFINE)

#define UNARY(name)                                     \
	__attribute__((noinline)) Tensor name(const Tensor &self) \
	{                                               \
		Tensor result{std::vector<float>(self.numel())}; \
		name##_stub(result, self);              \
		return result;                          \
	}
UNARY_OPERATORS(UNARY)
#define BINARY(name)                                                            \
	__attribute__((noinline)) Tensor name(const Tensor &self, const Tensor &other, float alpha) \
	{                                                                       \
		Tensor result{std::vector<float>(self.numel())};                \
		name##_stub(result, self, other, alpha);                        \
		return result;                                                  \
	}
BINARY_OPERATORS(BINARY)

__attribute__((noinline)) float sum(const Tensor &self)
{
	float total = 0;

	for (float value : self.data)
		total += value;
	return total;
}

__attribute__((noinline)) float mean(const Tensor &self)
{
	INTERNAL_ASSERT(self.numel() > 0);
	return sum(self) / static_cast<float>(self.numel());
}

/* A table of constants that code reads. */
extern const float coefficients[64];
const float coefficients[64] = {1.5f, 2.25f, 3.125f, 4.5f, 5.75f, 6.5f, 7.25f, 8.125f};

__attribute__((noinline)) float polynomial(const Tensor &self, unsigned degree)
{
	float total = 0;

	for (unsigned i = 0; i < degree && i < self.numel(); i++)
		total += coefficients[i % 64] * self.data[i];
	return total;
}

} // namespace native

namespace {

#define UNARY(name) \
	Tensor wrapper_CPU__##name(const Tensor &self) { return native::name(self); }
UNARY_OPERATORS(UNARY)
#undef UNARY
#define BINARY(name)                                                         \
	Tensor wrapper_CPU_##name##_Tensor(const Tensor &self, const Tensor &other) \
	{                                                                    \
		return native::name(self, other, 1);                         \
	}
BINARY_OPERATORS(BINARY)
#undef BINARY

std::map<std::string, void *> &operators()
{
	static std::map<std::string, void *> known;

	return known;
}

void register_all()
{
#undef UNARY
#undef BINARY
#define UNARY(name) operators()[#name "(Tensor self) -> Tensor"] = (void *)wrapper_CPU__##name;
	UNARY_OPERATORS(UNARY)
#define BINARY(name) \
	operators()[#name ".Tensor(Tensor self, Tensor other) -> Tensor"] = \
	    (void *)wrapper_CPU_##name##_Tensor;
	BINARY_OPERATORS(BINARY)
}

struct Registrar {
	Registrar() { register_all(); }
} registrar;

} // namespace

void *find_operator(const std::string &schema)
{
	auto found = operators().find(schema);

	return found == operators().end() ? nullptr : found->second;
}

} // namespace at
