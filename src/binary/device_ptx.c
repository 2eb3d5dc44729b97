/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * PTX, as text. Each .entry and .func with a body gets a fingerprint of its lines, without blanks,
 * comments and lines about source positions. The masked one is blind to the numbers of registers
 * and labels, and to the constants that mov gives to a register.
 */
#include "binary/device.h"
#include "binary/device_hash.h"
#include "binary/device_names.h"
#include "util/budget.h"

struct ptx {
	struct device *device;
	XXH3_state_t raw, masked;
	uint64_t module;	   /* sum of the hashes of lines between functions */
	struct slice name;	   /* of the function being read; length 0: between functions */
	bool is_entry, in_section; /* of debug information */
	uint64_t size;		   /* of its lines */
	int depth;
	VEC(uint8_t) key;
};

static bool is_name_byte(uint8_t byte)
{
	return (byte >= '0' && byte <= '9') || (byte >= 'A' && byte <= 'Z') ||
	       (byte >= 'a' && byte <= 'z') || byte == '_' || byte == '$' || byte == '%';
}

static struct slice without_comment(struct slice line)
{
	const uint8_t *comment = line.len ? memmem(line.ptr, line.len, "//", 2) : NULL;

	return slice_trim(comment ? slice_of(line.ptr, (size_t)(comment - line.ptr)) : line);
}

/* Lines that tell of versions and of places in the source. */
static bool is_noise(struct slice line)
{
	static const char *const noise[] = {".version", ".target", ".loc", ".file"};

	for (size_t i = 0; i < sizeof(noise) / sizeof(noise[0]); i++) {
		size_t length = strlen(noise[i]);

		if (slice_starts_with(line, noise[i]) &&
		    (line.len == length || line.ptr[length] == ' ' || line.ptr[length] == '\t'))
			return true;
	}
	return !line.len;
}

/* The name behind ".entry" or ".func", of which the latter may have results in front. */
static struct slice function_name(struct slice line, bool *ret_entry)
{
	const uint8_t *word = memmem(line.ptr, line.len, ".entry", 6), *end = line.ptr + line.len;
	const uint8_t *start;

	*ret_entry = word != NULL;
	if (!word)
		word = memmem(line.ptr, line.len, ".func", 5);
	if (!word || slice_starts_with(line, ".extern"))
		return (struct slice){0};
	word += *ret_entry ? 6 : 5;
	while (word < end && (*word == ' ' || *word == '\t'))
		word++;
	if (!*ret_entry && word < end && *word == '(') {
		word = memchr(word, ')', (size_t)(end - word));
		if (!word)
			return (struct slice){0};
		word++;
	}
	while (word < end && (*word == ' ' || *word == '\t'))
		word++;
	for (start = word; word < end && is_name_byte(*word);)
		word++;
	return slice_of(start, (size_t)(word - start));
}

/* Whether a numbered name begins there: a register, a label, a literal, the local memory. */
static bool is_numbered(const uint8_t *text, size_t length)
{
	struct slice rest = slice_of(text, length);

	return text[0] == '%' || slice_starts_with(rest, "$L") || slice_starts_with(rest, "$str") ||
	       slice_starts_with(rest, "__local_depot") || slice_starts_with(rest, "__unnamed_");
}

/*
 * Drops digits in place: those of numbered names, or all where a constant is put somewhere: in a
 * register, in an argument of a call.
 */
static size_t mask_line(uint8_t *text, size_t length)
{
	bool all = slice_starts_with(slice_of(text, length), "mov.") ||
		   slice_starts_with(slice_of(text, length), "st.param.");
	bool inside = false;
	size_t written = 0;

	for (size_t i = 0; i < length; i++) {
		bool digit = text[i] >= '0' && text[i] <= '9';

		if (!is_name_byte(text[i]))
			inside = false;
		else if ((text[i] == '%' || text[i] == '$' || text[i] == '_') &&
			 is_numbered(text + i, length - i))
			inside = true;
		if (!digit || !(inside || all))
			text[written++] = text[i];
	}
	return written;
}

/* ".global .align 1 .b8 $str$1[9] = {47, 97, ...}": the bytes, of a path without its directory. */
static uint64_t hash_literal(struct ptx *ptx, const uint8_t *values, const uint8_t *end)
{
	size_t count = 0;
	struct slice literal;

	while (values < end && *values != '}') {
		unsigned value = 0;
		bool digits = false;

		for (; values < end && *values >= '0' && *values <= '9'; values++, digits = true)
			value = value * 10 + (unsigned)(*values - '0');
		if (digits)
			ptx->key.ptr[count++] = (uint8_t)value; /* shorter than the line */
		else
			values++;
	}
	literal = device_literal(slice_of(ptx->key.ptr, count));
	return XXH3_64bits_withSeed(literal.ptr, literal.len, 1);
}

static uint64_t hash_module_line(struct ptx *ptx, struct slice line, size_t length)
{
	const uint8_t *name = memmem(line.ptr, line.len, " $str", 5), *values;

	if (!name)
		name = memmem(line.ptr, line.len, " __unnamed_", 11);
	values = name ? memchr(name, '{', line.len - (size_t)(name - line.ptr)) : NULL;
	if (values)
		return hash_literal(ptx, values + 1, line.ptr + line.len);
	return XXH3_64bits(ptx->key.ptr, length);
}

static void hash_line(struct ptx *ptx, struct slice line)
{
	size_t length;

	while (ptx->key.cap <= line.len)
		ptx->key.ptr = vec_grow(ptx->key.ptr, 1, ptx->key.cap, &ptx->key.cap);
	length = device_name_key(line, ptx->key.ptr);
	ptx->key.ptr[length] = '\n';
	if (!ptx->name.len) {
		ptx->module += hash_module_line(ptx, line, length);
		return;
	}
	ptx->size += line.len;
	XXH3_128bits_update(&ptx->raw, ptx->key.ptr, length + 1);
	length = mask_line(ptx->key.ptr, length + 1);
	XXH3_128bits_update(&ptx->masked, ptx->key.ptr, length);
}

static void begin(struct ptx *ptx, struct slice name, bool is_entry)
{
	ptx->name = name;
	ptx->is_entry = is_entry;
	ptx->size = 0;
	XXH3_128bits_reset(&ptx->raw);
	XXH3_128bits_reset(&ptx->masked);
}

static void end(struct ptx *ptx)
{
	struct facts_kernel kernel = {
	    .name = device_text(ptx->device, ptx->name),
	    .size = ptx->size,
	    .flags = FACTS_KERNEL_PTX | (ptx->is_entry ? 0 : FACTS_KERNEL_FUNCTION),
	    .raw = device_hash_end(&ptx->raw),
	    .masked = device_hash_end(&ptx->masked),
	};

	device_add_kernel(ptx->device, kernel);
	ptx->name.len = 0;
}

static void read_line(struct ptx *ptx, struct slice line)
{
	int before = ptx->depth;
	bool is_entry = false, ends = false;

	if (!ptx->name.len && !ptx->depth) {
		struct slice name = function_name(line, &is_entry);

		ptx->in_section = ptx->in_section || slice_starts_with(line, ".section");
		if (!ptx->in_section && name.len && name.len <= BUDGET_DEVICE_NAME)
			begin(ptx, name, is_entry);
	}
	for (size_t i = 0; i < line.len; i++) {
		if (line.ptr[i] == '{')
			ptx->depth++;
		else if (line.ptr[i] == '}' && ptx->depth)
			ptx->depth--;
		else if (line.ptr[i] == ';' && !ptx->depth && !before)
			ends = true; /* a declaration, without a body */
		if (line.ptr[i] == '}' && !ptx->depth)
			before = 1;
	}
	if (!ptx->in_section)
		hash_line(ptx, line);
	if (ptx->in_section && !ptx->depth && before)
		ptx->in_section = false;
	if (!ptx->name.len || ptx->depth)
		return;
	if (before)
		end(ptx);
	else if (ends)
		ptx->name.len = 0;
}

/* "// Cuda compilation tools, release 13.0, V13.0.88", and the two lines around it. */
static void read_comment(struct slice line, struct slice *ret_version, struct slice *ret_build,
			 struct slice *ret_based)
{
	static const char build[] = "// Compiler Build ID: ", based[] = "// Based on ";

	if (slice_starts_with(line, "// Cuda compilation tools"))
		*ret_version = slice_of(line.ptr + 3, line.len - 3);
	else if (slice_starts_with(line, build))
		*ret_build = slice_of(line.ptr + sizeof(build) - 1, line.len - sizeof(build) + 1);
	else if (slice_starts_with(line, based))
		*ret_based = slice_of(line.ptr + sizeof(based) - 1, line.len - sizeof(based) + 1);
}

void device_ptx(struct device *device, struct slice text)
{
	struct ptx ptx = {.device = device};
	struct slice line, version = {0}, build = {0}, based = {0};

	while (text.len && !text.ptr[text.len - 1])
		text.len--;
	device_hash_begin(&ptx.raw);
	device_hash_begin(&ptx.masked);
	while (slice_line(&text, &line) && !device->full) {
		line = slice_trim(line);
		if (slice_starts_with(line, "//"))
			read_comment(line, &version, &build, &based);
		line = without_comment(line);
		if (!is_noise(line))
			read_line(&ptx, line);
	}
	if (ptx.name.len)
		device_damage(device, device_entry(device)->offset, "PTX ends inside a function");
	if (ptx.module)
		device_entry(device)->module =
		    (struct facts_fingerprint){ptx.module, FACTS_DEVICE_KIND_PTX};
	if (version.len)
		device_add_tool(device, slice_text("nvvm"), version, build, based);
	vec_release(&ptx.key);
}
