/* SPDX-License-Identifier: BSD-2-Clause */
/* The files of a scan in JSON, and what references say of them. */
#include "report/json_report.h"

static void write_origin(struct json *json, const struct view *view, const struct view_file *file)
{
	json_key(json, "origin");
	json_object_begin(json);
	json_key_string(json, "component",
			file->component == VIEW_NONE ? NULL : view->components[file->component].id);
	json_key_string(json, "provider", file->origin);
	json_key_string(json, "licence", file->licence.text);
	json_key_string(json, "licence_original", file->licence.original);
	json_key_string(json, "source", file->licence.source);
	json_key_string(json, "confidence", file->licence.confidence);
	json_key_string(json, "source_path", file->licence.path);
	json_key_string(json, "detail", file->licence.detail);
	json_key_string(json, "label", file->licence.label);
	json_object_end(json);
}

static void write_architectures(struct json *json, const struct view_device *device)
{
	json_key(json, "architectures");
	json_array_begin(json);
	for (size_t i = 0; i < device->architecture_count; i++) {
		const struct view_device_architecture *architecture = &device->architectures[i];

		json_object_begin(json);
		json_key_string(json, "name", architecture->name);
		json_key_string(json, "kind", architecture->kind);
		json_key_unsigned(json, "images", architecture->images);
		json_key_unsigned(json, "kernels", architecture->kernels);
		json_key_unsigned(json, "functions", architecture->functions);
		json_object_end(json);
	}
	json_array_end(json);
}

static void write_tools(struct json *json, const struct view_device *device)
{
	json_key(json, "toolchain");
	json_array_begin(json);
	for (size_t i = 0; i < device->tool_count; i++) {
		json_object_begin(json);
		json_key_string(json, "name", device->tools[i].name);
		json_key_string(json, "version", device->tools[i].version);
		json_key_string(json, "build", device->tools[i].build);
		json_key_unsigned(json, "images", device->tools[i].images);
		json_object_end(json);
	}
	json_array_end(json);
}

static void write_device(struct json *json, const struct view_device *device)
{
	json_key(json, "device");
	if (!device) {
		json_null(json);
		return;
	}
	json_object_begin(json);
	json_key(json, "containers");
	json_array_begin(json);
	for (size_t i = 0; i < device->container_count; i++) {
		json_object_begin(json);
		json_key_string(json, "kind", device->containers[i].kind);
		json_key_unsigned(json, "count", device->containers[i].count);
		json_key_unsigned(json, "registered", device->containers[i].registered);
		json_object_end(json);
	}
	json_array_end(json);
	json_key_unsigned(json, "images", device->images);
	json_key_unsigned(json, "kernels", device->kernels);
	json_key_unsigned(json, "opaque", device->opaque);
	json_key_unsigned(json, "not_read", device->not_read);
	write_architectures(json, device);
	write_tools(json, device);
	json_object_end(json);
}

static void write_verification(struct json *json, const struct view_verification *verification)
{
	json_object_begin(json);
	json_key_string(json, "path", verification->path);
	json_key_string(json, "reference", verification->reference);
	json_key_string(json, "reference_path", verification->reference_path);
	json_key_string(json, "verdict", verification->verdict);
	json_key_string(json, "detail", verification->detail);
	json_object_end(json);
}

void json_files(struct json *json, const struct view *view)
{
	json_key(json, "files");
	json_array_begin(json);
	for (size_t i = 0; i < view->file_count; i++) {
		const struct view_file *file = &view->files[i];

		json_object_begin(json);
		json_key_string(json, "path", file->path);
		json_key_string(json, "sha256", file->sha256);
		json_key_unsigned(json, "size", file->size);
		json_key_string(json, "type", file->type);
		json_key_string(json, "machine", file->machine);
		json_key_string(json, "soname", file->soname);
		json_key_string(json, "build_id", file->build_id);
		json_key_string(json, "interpreter", file->interpreter);
		json_strings(json, "needed", file->needed, file->needed_count);
		json_key_bool(json, "shipped", file->shipped);
		write_origin(json, view, file);
		json_contents_of_file(json, file);
		write_device(json, file->device);
		json_key_string(json, "verdict", file->verdict);
		json_key_string(json, "status", file->status);
		json_object_end(json);
	}
	json_array_end(json);
}

void json_verifications(struct json *json, const struct view *view)
{
	json_key(json, "verification");
	json_array_begin(json);
	for (size_t i = 0; i < view->verification_count; i++)
		write_verification(json, &view->verifications[i]);
	json_array_end(json);
}
