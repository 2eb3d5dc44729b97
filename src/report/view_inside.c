/* SPDX-License-Identifier: BSD-2-Clause */
/* The view of components whose code is inside files. */
#include "report/view_build.h"

#include <stdlib.h>
#include <string.h>

static const char *const *copy_texts(const char *const *texts, size_t count, struct arena *arena)
{
	const char **copy = arena_alloc_array(arena, count + 1, sizeof(*copy));

	for (size_t i = 0; i < count; i++)
		copy[i] = arena_strdup(arena, texts[i]);
	return copy;
}

static const struct view_tier *tiers_of(const struct embedded_component *from, struct arena *arena)
{
	struct view_tier *tiers = arena_alloc_array(arena, EMBEDDED_TIER_COUNT, sizeof(*tiers));

	for (unsigned i = 0; i < EMBEDDED_TIER_COUNT; i++)
		tiers[i] =
		    (struct view_tier){embedded_tier_text((enum embedded_tier)i), from->tiers[i]};
	return tiers;
}

const struct view_inside *view_inside_build(const struct embedded_component *from,
					    struct arena *arena)
{
	struct view_inside *inside = arena_alloc(arena, sizeof(*inside));
	const struct embedded_calibration *calibration = from->calibration;

	*inside = (struct view_inside){
	    .basis = embedded_basis_text(from->basis),
	    .confidence = embedded_confidence_text(from->confidence),
	    .class = index_class_text(from->class),
	    .versions = copy_texts(from->versions, from->version_count, arena),
	    .version_count = from->version_count,
	    .stated_version =
		from->stated_version ? arena_strdup(arena, from->stated_version) : NULL,
	    .version_fits = from->version_fits,
	    .functions = from->functions,
	    .unique = from->unique,
	    .strict = from->strict,
	    .bytes = from->bytes,
	    .members = from->members,
	    .texts = from->texts,
	    .tables = from->tables,
	    .contradictions = from->contradictions,
	    .coverage = from->coverage,
	    .locality = from->locality,
	    .others = copy_texts(from->others, from->other_count, arena),
	    .other_count = from->other_count,
	};
	inside->tiers = tiers_of(from, arena);
	inside->tier_count = EMBEDDED_TIER_COUNT;
	if (calibration) {
		inside->calibration_so = calibration->so;
		inside->calibration_said = calibration->said;
		inside->calibration_low = calibration->low;
		inside->calibration_high = calibration->high;
	}
	return inside;
}

/* What versions the code is of, as far as it tells. */
static const char *versions_text(const struct embedded_component *from, struct arena *arena)
{
	const char *text = from->version_count ? from->versions[0] : "";

	for (size_t i = 1; i < from->version_count; i++)
		text = arena_printf(arena, "%s or %s", text, from->versions[i]);
	if (!*text)
		return "version not known";
	text = arena_printf(arena, "%s %s", from->version_fits ? "version" : "nearest to version",
			    text);
	return from->stated_version
		   ? arena_printf(arena, "%s, while the file says %s", text, from->stated_version)
		   : text;
}

static const char *summary(const struct embedded_component *from, struct arena *arena)
{
	const char *text = arena_printf(
	    arena, "%s: %u functions of %llu bytes, %u of them in no other component; %s",
	    embedded_confidence_text(from->confidence), from->functions,
	    (unsigned long long)from->bytes, from->unique, versions_text(from, arena));

	if (from->members)
		text = arena_printf(arena,
				    "%s; %u object files, of which as a median %u %% of the "
				    "functions are here",
				    text, from->members, from->coverage / 10);
	for (size_t i = 0; i < from->other_count; i++)
		text = arena_printf(arena, "%s%s%s", text,
				    i ? ", " : "; the same functions are in ", from->others[i]);
	return from->licence_doubt ? arena_printf(arena, "%s; %s", text, from->licence_doubt)
				   : text;
}

const struct view_evidence *view_inside_evidence(const struct embedded_component *from,
						 struct arena *arena, size_t *ret_count)
{
	struct view_evidence *evidence =
	    arena_alloc_array(arena, from->example_count + from->sign_count + 1, sizeof(*evidence));

	if (from->basis != EMBEDDED_BY_CODE) {
		for (size_t i = 0; i < from->sign_count; i++)
			evidence[i] = (struct view_evidence){
			    from->signs[i].type, arena_strdup(arena, from->signs[i].detail),
			    from->signs[i].offset};
		*ret_count = from->sign_count;
		return evidence;
	}
	evidence[0] = (struct view_evidence){"code", summary(from, arena), UINT64_MAX};
	for (size_t i = 0; i < from->example_count; i++) {
		const struct embedded_example *example = &from->examples[i];

		evidence[i + 1] = (struct view_evidence){
		    "function",
		    arena_printf(arena, "%s (%s), %u bytes at %#llx",
				 *example->name ? example->name : "without a name", example->member,
				 example->size, (unsigned long long)example->address),
		    example->address};
	}
	/* Of texts beside it how many there are. */
	*ret_count = from->example_count + 1;
	if (from->sign_count)
		evidence[(*ret_count)++] = (struct view_evidence){
		    from->signs[0].type, arena_strdup(arena, from->signs[0].detail),
		    from->signs[0].offset};
	return evidence;
}

void view_inside_coverage(const struct embedded_files *files, struct view_coverage *coverage)
{
	coverage->contents = files && files->code;
	for (size_t i = 0; files && i < files->count; i++) {
		const struct embedded *embedded = files->list[i].embedded;

		coverage->functions += embedded->functions;
		coverage->functions_eligible += embedded->eligible;
		coverage->functions_matched += embedded->matched;
		coverage->function_bytes += embedded->bytes;
		coverage->function_bytes_eligible += embedded->eligible_bytes;
		coverage->function_bytes_explained += embedded->explained_bytes;
	}
}

static int compare_path(const void *path, const void *file)
{
	return strcmp(path, ((const struct embedded_file *)file)->path);
}

static void fill_mentions(const struct embedded *from, struct view_file *file, struct arena *arena)
{
	struct view_mention *mentions =
	    arena_alloc_array(arena, from->mention_count + 1, sizeof(*mentions));

	for (size_t i = 0; i < from->mention_count; i++)
		mentions[i] = (struct view_mention){arena_strdup(arena, from->mentions[i].project),
						    arena_strdup(arena, from->mentions[i].version),
						    arena_strdup(arena, from->mentions[i].text),
						    from->mentions[i].offset};
	file->mentions = mentions;
	file->mention_count = from->mention_count;
}

static void fill_builds(const struct embedded *from, const struct index *index,
			struct view_file *file, struct arena *arena)
{
	struct view_known_build *builds =
	    arena_alloc_array(arena, from->build_count + 1, sizeof(*builds));

	for (size_t i = 0; i < from->build_count; i++) {
		const struct index_origin *origin = from->builds[i];

		builds[i] = (struct view_known_build){
		    .path = arena_strdup(arena, origin->path),
		    .component =
			arena_strdup(arena, index_component(index, origin->component)->name),
		    .version = arena_strdup(arena, origin->version),
		    .licence = arena_strdup(arena, origin->licence),
		    .package = arena_strdup(arena, origin->package),
		    .source = arena_strdup(arena, origin->source),
		    .source_version = arena_strdup(arena, origin->source_version),
		    .distribution = arena_strdup(arena, origin->distribution),
		};
	}
	file->builds = builds;
	file->build_count = from->build_count;
}

void view_inside_files(const struct embedded_files *from, struct view_file *files, size_t count,
		       struct arena *arena)
{
	for (size_t i = 0; from && from->count && i < count; i++) {
		const struct embedded_file *found = bsearch(files[i].path, from->list, from->count,
							    sizeof(*from->list), compare_path);

		if (!found)
			continue;
		if (found->embedded->mention_count)
			fill_mentions(found->embedded, &files[i], arena);
		if (found->embedded->build_count)
			fill_builds(found->embedded, from->index, &files[i], arena);
	}
}
