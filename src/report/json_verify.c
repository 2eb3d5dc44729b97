/* SPDX-License-Identifier: BSD-2-Clause */
/* elfleft verify as JSON. */
#include "report/json_report.h"
#include "report/view_verify.h"

static void write_address(struct json *json, const char *key, bool known, uint64_t address)
{
	json_key(json, key);
	if (known)
		json_unsigned(json, address);
	else
		json_null(json);
}

static void write_functions(struct json *json, const struct view_verify_file *file)
{
	json_key(json, "functions");
	if (!file->has_functions) {
		json_null(json);
		return;
	}
	json_object_begin(json);
	json_key_unsigned(json, "total", file->function_total);
	for (size_t i = 0; i < VIEW_VERIFY_STATUSES; i++)
		json_key_unsigned(json, file->counts[i].name, file->counts[i].value);
	json_key_unsigned(json, "bytes", file->bytes);
	json_key_unsigned(json, "bytes_same", file->bytes_same);
	json_key_unsigned(json, "not_listed", file->functions_left_out);
	json_object_end(json);
}

static void write_changed(struct json *json, const struct view_verify_file *file)
{
	json_key(json, "changed");
	json_array_begin(json);
	for (size_t i = 0; i < file->function_count; i++) {
		const struct view_verify_function *function = &file->functions[i];

		json_object_begin(json);
		json_key_string(json, "name", function->name);
		json_key_string(json, "demangled", function->demangled);
		json_key_string(json, "status", function->status);
		json_key_string(json, "operator", function->operator);
		write_address(json, "reference_address", function->has_reference,
			      function->reference_address);
		write_address(json, "address", function->has_suspect, function->address);
		json_key_known(json, "instructions_changed", function->instructions_changed);
		json_object_end(json);
	}
	json_array_end(json);
}

static void write_kernels(struct json *json, const struct view_verify_file *file)
{
	json_key(json, "kernels");
	if (file->has_kernels) {
		json_object_begin(json);
		for (size_t i = 0; i < sizeof(file->kernel_counts) / sizeof(file->kernel_counts[0]);
		     i++)
			json_key_unsigned(json, file->kernel_counts[i].name,
					  file->kernel_counts[i].value);
		json_key_string(json, "verdict", file->kernel_verdict);
		json_object_end(json);
	} else {
		json_null(json);
	}
	json_key(json, "changed_kernels");
	json_array_begin(json);
	for (size_t i = 0; i < file->kernel_count; i++) {
		const struct view_verify_kernel *kernel = &file->kernels[i];

		json_object_begin(json);
		json_key_string(json, "name", kernel->name);
		json_key_string(json, "demangled", kernel->demangled);
		json_key_string(json, "arch", kernel->arch);
		json_key_string(json, "status", kernel->status);
		json_key_bool(json, "consistent", kernel->consistent);
		json_object_end(json);
	}
	json_array_end(json);
}

static void write_file(struct json *json, const struct view_verify_file *file)
{
	json_object_begin(json);
	json_key_string(json, "path", file->path);
	json_key_string(json, "reference_path", file->reference_path);
	json_key_string(json, "verdict", file->verdict);
	json_key_string(json, "reason", file->reason);
	json_strings(json, "repackaging", file->changes, file->change_count);
	json_key(json, "sections");
	json_array_begin(json);
	for (size_t i = 0; i < file->part_count; i++) {
		json_object_begin(json);
		json_key_string(json, "name", file->parts[i].name);
		json_key_string(json, "role", file->parts[i].role);
		json_key_bool(json, "equal", file->parts[i].equal);
		json_key_string(json, "detail", file->parts[i].detail);
		json_object_end(json);
	}
	json_array_end(json);
	write_functions(json, file);
	write_changed(json, file);
	write_kernels(json, file);
	json_strings(json, "toolchains", file->toolchains, file->toolchain_count);
	json_object_end(json);
}

void json_verify(const struct view_verify *view, const struct report_options *options,
		 struct sink *sink)
{
	struct json json;

	(void)options;
	json_report_begin(&json, &view->tool, sink);
	json_key_string(&json, "reference", view->reference);
	json_key_string(&json, "suspect", view->suspect);
	json_key_string(&json, "verdict", view->verdict);
	json_key(&json, "summary");
	json_object_begin(&json);
	for (size_t i = 0; i < view->summary_count; i++)
		json_key_unsigned(&json, view->summary[i].name, view->summary[i].value);
	json_object_end(&json);
	json_key(&json, "files");
	json_array_begin(&json);
	for (size_t i = 0; i < view->file_count; i++)
		write_file(&json, &view->files[i]);
	json_array_end(&json);
	json_diagnostics(&json, view->diagnostics, view->diagnostic_count);
	json_key_bool(&json, "complete", view->complete);
	json_report_end(&json);
}
