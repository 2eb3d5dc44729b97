/* SPDX-License-Identifier: BSD-2-Clause */
#include "evidence/operators.h"

#include <stdbool.h>
#include <string.h>

/* Namespaces and suffixes of kernels built once for each kind of processor (DispatchStub.h). */
static const char *const variants[] = {"DEFAULT", "AVX2", "AVX512", "VSX",
				       "ZVECTOR", "SVE",  "SVE256", "NEON"};

/* Keys of the dispatcher as wrapper functions have them in their names (RegisterDispatchKey.cpp).
 */
static const char *const keys[] = {"CompositeExplicitAutogradNonFunctional",
				   "CompositeExplicitAutograd",
				   "CompositeImplicitAutogradNestedTensor",
				   "CompositeImplicitAutograd",
				   "NestedTensorCPU",
				   "NestedTensorCUDA",
				   "QuantizedCPU",
				   "QuantizedCUDA",
				   "QuantizedMeta",
				   "SparseCsrCPU",
				   "SparseCsrCUDA",
				   "SparseCPU",
				   "SparseCUDA",
				   "SparseMeta",
				   "MkldnnCPU",
				   "CPU",
				   "CUDA",
				   "Meta",
				   "ZeroTensor",
				   "Functionalize",
				   "MPS",
				   "XPU"};

/* Tails of kernel names that are no part of the operator's name. */
static const char *const tails[] = {
    "_stub_impl", "_kernel_impl", "_kernel_cpu", "_kernel_cuda", "_kernel", "_stub", "_impl",
    "_out_cpu",	  "_out_cuda",	  "_cpu_",	 "_cuda_",	 "_cpu",    "_cuda"};

static bool is_word(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '_';
}

static struct slice word_at(const char *text)
{
	size_t length = 0;

	while (is_word(text[length]))
		length++;
	return slice_of(text, length);
}

static bool is_one_of(struct slice word, const char *const *list, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (slice_equal_text(word, list[i]))
			return true;
	return false;
}

#define IS_ONE_OF(word, list) is_one_of(word, list, sizeof(list) / sizeof((list)[0]))

/*
 * "add_Tensor" is add.Tensor: overload names begin with a capital letter or are "out" and the like.
 * An operator in place ends in "_": "add__Tensor" is add_.Tensor.
 */
static const char *with_overload(struct slice word, struct arena *arena)
{
	static const char *const small[] = {"out",     "dim",	    "int",     "names_dim",
					    "dimname", "values",    "default", "dim_max",
					    "self",    "grad_input"};

	for (size_t i = 1; i + 1 < word.len; i++) {
		struct slice rest = slice_of(word.ptr + i + 1, word.len - i - 1);

		if (word.ptr[i] == '_' &&
		    ((rest.ptr[0] >= 'A' && rest.ptr[0] <= 'Z') || IS_ONE_OF(rest, small)))
			return arena_printf(arena, "aten::%.*s.%.*s", (int)i,
					    (const char *)word.ptr, (int)rest.len,
					    (const char *)rest.ptr);
	}
	return arena_printf(arena, "aten::%.*s", (int)word.len, (const char *)word.ptr);
}

static const char *of_wrapper(const char *at, struct arena *arena)
{
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		size_t length = strlen(keys[i]);

		if (strncmp(at, keys[i], length) == 0 && at[length] == '_') {
			const char *rest = at + length + 1;

			rest += *rest == '_'; /* of operators without an overload */
			return arena_printf(arena, "%s (%s)", with_overload(word_at(rest), arena),
					    keys[i]);
		}
	}
	return NULL;
}

static struct slice without_tail(struct slice word)
{
	for (size_t i = 0; i < sizeof(tails) / sizeof(tails[0]); i++) {
		size_t length = strlen(tails[i]);

		if (word.len > length &&
		    memcmp(word.ptr + word.len - length, tails[i], length) == 0) {
			word.len -= length;
			break;
		}
	}
	if (slice_starts_with(word, "structured_") && word.len > 11)
		word = slice_of(word.ptr + 11, word.len - 11);
	if (slice_starts_with(word, "ufunc_") && word.len > 6)
		word = slice_of(word.ptr + 6, word.len - 6);
	if (word.len > 4 && memcmp(word.ptr + word.len - 4, "_out", 4) == 0)
		word.len -= 4;
	return word;
}

/* Behind "at::native::": namespaces, then the name of the kernel. */
static const char *of_native(const char *at, struct arena *arena)
{
	static const char anonymous[] = "(anonymous namespace)::";
	const char *variant = "";
	struct slice word;

	for (;;) {
		if (strncmp(at, anonymous, sizeof(anonymous) - 1) == 0) {
			at += sizeof(anonymous) - 1;
			continue;
		}
		word = word_at(at);
		if (!word.len)
			return NULL;
		if (strncmp(at + word.len, "::", 2) != 0 || !IS_ONE_OF(word, variants))
			break;
		variant = arena_slice(arena, word);
		at += word.len + 2;
	}
	/* Only functions: a class with methods is a part of PyTorch, not an operator, unless it is
	 * the structured form of one. */
	if (at[word.len] != '(' && at[word.len] != '<' && at[word.len] != '\0' &&
	    at[word.len] != '[' && !slice_starts_with(word, "structured_"))
		return NULL;
	if (word.ptr[0] >= 'A' && word.ptr[0] <= 'Z')
		return NULL;
	word = without_tail(word);
	return arena_printf(arena, *variant ? "aten::%.*s, %s variant" : "aten::%.*s%s",
			    (int)word.len, (const char *)word.ptr, variant);
}

/* Where a qualified name stands in it: not in the middle of a word or of another namespace. */
static const char *find_scope(const char *text, const char *scope)
{
	const char *at = text;

	while ((at = strstr(at, scope))) {
		if (at == text || (!is_word(at[-1]) && at[-1] != ':'))
			return at + strlen(scope);
		at++;
	}
	return NULL;
}

const char *operator_of_name(const char *demangled, struct arena *arena)
{
	const char *at, *found;

	at = find_scope(demangled, "at::_ops::");
	if (at && word_at(at).len)
		return with_overload(word_at(at), arena);
	at = strstr(demangled, "::wrapper_");
	if (at && (found = of_wrapper(at + 10, arena)))
		return found;
	at = find_scope(demangled, "at::native::");
	return at ? of_native(at, arena) : NULL;
}
