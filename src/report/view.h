/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The finished view: everything a report may show, as plain data, sorted, with nothing left to
 * decide. Reporters see this and the sink, and nothing of the stages before. All texts may come
 * from hostile files: a reporter prints them only through the sink's escaping functions.
 *
 * Owned by the arena it was built in (view.c for scans, view_tree.c for trees, view_why.c).
 */
#ifndef REPORT_VIEW_H
#define REPORT_VIEW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define VIEW_SCHEMA_VERSION "0.2"
#define VIEW_NONE UINT32_MAX

struct view_tool {
	const char *name, *version;
};

struct view_artifact {
	const char *path;   /* as the user wrote it; several are joined by ", " */
	const char *type;   /* "file", "directory", "root"; "wheel", "zip", "deb", "tar" */
	const char *sha256; /* of a single file; NULL when not computed, or when it is none */
	const char *root;   /* host path of the root; of an archive: the archive */
};

/* Under which stance and with which tables the judgement was made. */
struct view_policy {
	const char *distribution, *system_libs, *unused_needed, *gpl_dynamic;
	const char *data_date, *data_digest; /* of the tables of knowledge */
	const char *file, *file_digest;	     /* the policy file; NULL: there is none */
	/* What says so: "command line", "policy.yaml:3", "default". */
	const char *distribution_from, *system_libs_from, *unused_needed_from, *gpl_dynamic_from;
};

struct view_waiver {
	const char *place; /* "policy.yaml:20" */
	const char *scope; /* what it covers, in words */
	const char *reason, *owner, *expires;
	bool expired;
	size_t finding_count; /* it speaks of */
};

/* The release gate. Without one (present false) nothing fails, but findings are marked. */
struct view_gate {
	bool present;
	const char *fail_on, *fail_on_from;
	unsigned fail_on_weight;
	const char *baseline; /* the earlier report; NULL: there is none */
	const char *today;
	const struct view_waiver *waivers;
	size_t waiver_count;
	/* Findings that reach fail_on: those that fail, and why others do not; expired waivers. */
	size_t failing, waived, known, expired;
	bool failed;
};

struct view_licence {
	const char *text;	/* SPDX expression; "NOASSERTION" when not known */
	const char *original;	/* as the source writes it; "" */
	const char *source;	/* "package (DEP-5, union)", ... */
	const char *confidence; /* "high", "medium", "low", "none" */
	const char *path;	/* file of the statement in the root; "" */
	const char *detail;	/* "" */
	const char *label;	/* what the package says when it disagrees; NULL */
};

/* A string of a file that names a project, which proves no code. */
struct view_mention {
	const char *project, *version, *text;
	uint64_t offset;
};

/* What a reference says of a file. */
struct view_verification {
	const char *path, *reference, *reference_path;
	const char *verdict, *detail; /* detail "": the verdict says it all */
	bool unmodified, binary;
};

struct view_device_count {
	const char *kind;
	uint64_t count, registered; /* registered by the host's code */
};

struct view_device_architecture {
	const char *kind, *name;
	uint64_t images, kernels, functions;
};

struct view_device_tool {
	const char *name, *version, *build;
	uint64_t images;
};

/* Code for graphics processors inside a file. */
struct view_device {
	const struct view_device_count *containers;
	size_t container_count;
	const struct view_device_architecture *architectures; /* by kind, name */
	size_t architecture_count;
	const struct view_device_tool *tools;
	size_t tool_count;
	uint64_t images, kernels;
	uint64_t opaque;   /* images nobody but the vendor's tools can read */
	uint64_t not_read; /* by a limit, or by damage */
};

/* A project whose headers a file was compiled with, without holding code of them. */
struct view_against {
	const char *name, *version, *reason;
};

/* A build of an index that has the build-id of a file: where it came from, not that it is equal. */
struct view_known_build {
	const char *path; /* of the file in the build */
	/* "" when not known. version: of the project; source_version: of the source package. */
	const char *component, *version, *licence;
	const char *package, *source, *source_version, *distribution;
};

struct view_file {
	const char *path;   /* canonical, in the root */
	const char *sha256; /* NULL when not computed */
	uint64_t size;	    /* bytes */
	const char *type;   /* "executable", "shared", "static", "relocatable", "debug", "other" */
	const char *machine;
	const char *soname;   /* NULL when absent, here and below */
	const char *build_id; /* hexadecimal */
	const char *interpreter;
	const char *const *needed;
	size_t needed_count;
	bool shipped;	     /* part of the artifact, not only a provider found in the root */
	uint32_t component;  /* index, VIEW_NONE when no source knows it */
	const char *carrier; /* package URL of what brought it along; NULL */
	const char *origin;  /* which source named the component: "dpkg", "known"; NULL when none */
	struct view_licence licence;
	const struct view_mention *mentions; /* by offset; looked for with the code inside */
	size_t mention_count;
	const struct view_known_build *builds;
	size_t build_count;
	const struct view_device *device; /* NULL: none was found, or nobody looked */
	const char *verdict;		  /* of a reference, "modified"; NULL: none speaks of it */
	const struct view_against *against; /* by name; looked for with code of headers */
	size_t against_count;
	const char *status; /* "ok", or why there are no facts: "unreadable", "fault" */
};

struct view_component {
	const char *id, *name, *version, *source_name, *source_version, *purl;
	const char *const
	    *licences; /* of the package as its copyright file writes them: the union */
	size_t licence_count;
	const char *licence; /* what its files in this view stand under, all of it; SPDX */
	const char *licence_path, *note;
	const char *class; /* highest licence class of its files in this view */
	size_t file_count; /* files of this view that belong to it */
	size_t inside;	   /* files that hold its code without belonging to it */
};

struct view_evidence {
	const char *type;   /* "DT_NEEDED", "found at" */
	const char *detail; /* the entry's text, the path it was found at */
	uint64_t offset;    /* address in an ELF file, line of a text; UINT64_MAX: none */
};

/* Signs of one tier of evidence that only one component has. */
struct view_tier {
	const char *name; /* "T3" */
	uint64_t count;
};

/* What the code of a component inside a file shows. Shares are in thousandths. */
struct view_inside {
	const char *basis;		/* "code", "module list", ... */
	const char *confidence, *class; /* "certain", "very likely", "likely"; "library", ... */
	/* How often what is said with that word was so; said 0: it was not measured. */
	uint64_t calibration_so, calibration_said;
	unsigned calibration_low, calibration_high; /* a 95 % interval */
	const char *const *versions;		    /* that fit equally well */
	size_t version_count;
	const char *stated_version; /* what the file says in its place; NULL */
	bool version_fits;	    /* else it is another version or build than those */
	uint64_t functions, unique, strict, bytes, members, contradictions, texts, tables;
	const struct view_tier *tiers; /* all of them, in order; not to be added up */
	size_t tier_count;
	unsigned coverage, locality;
	const char *const *others; /* components that have the same functions */
	size_t other_count;
};

/* What is known of header code inside a file. */
struct view_inlined {
	const char *version;		     /* by an inline namespace; "" */
	bool distinct;			     /* else a short namespace alone names the project */
	uint64_t weak, local, global, bytes; /* functions; bytes of the weak ones */
	uint64_t source_files, lines;	     /* with rows of line tables, and the rows */
	const char *function, *source;	     /* examples; NULL */
};

struct view_edge {
	const char *id;
	uint32_t from;	       /* file */
	uint32_t to;	       /* node: a file or a component; VIEW_NONE when nothing was found */
	const char *name;      /* what the consumer asks for */
	const char *kind;      /* "link-dynamic", "link-interp" */
	const char *linked_as; /* the same, but for "link-modified" how it links; NULL: no link */
	const char *class;     /* "linking", "IPC", "aggregation" */
	const char *reason;    /* why it is in that class */
	bool possible;	       /* known by a naming rule or a directory only */
	const char *grade;     /* "linker-record" */
	const char *rule;      /* how it was found: "RUNPATH", "ld.so.cache", "not found" */
	int64_t symbols_bound; /* with the consumer as root; -1: not computed */
	const struct view_evidence *evidence;
	size_t evidence_count;
	/* Of code found inside, by fingerprints or of headers; NULL for all other edges. */
	const struct view_inside *inside;
	const struct view_inlined *inlined;
};

struct view_work {
	uint32_t program;	 /* file */
	uint32_t plugin;	 /* file: a work of the program with one plugin; VIEW_NONE */
	const uint32_t *members; /* nodes: files by path, program included, then components */
	size_t member_count;
	uint64_t bindings,
	    unprovided;		     /* symbols bound in it; not weak ones that nothing provides */
	const char *const *licences; /* copyleft ones that reach it */
	size_t licence_count;
	const char *const *outcomes; /* lightest first */
	size_t outcome_count;
	unsigned weight;	    /* place of the highest outcome in their order */
	const char *const *missing; /* names nothing was found for */
	size_t missing_count;
	const char *fatal; /* why the loader would refuse, or NULL */
};

struct view_citation {
	const char *text;
	const char *check; /* how it was checked: "text", "quoted", "no" */
};

struct view_finding {
	const char *id, *rule, *title;
	const char *const *outcomes; /* lightest first, never empty */
	size_t outcome_count;
	unsigned weight; /* place of the highest outcome in their order */
	bool contested;
	uint32_t subject, provider; /* nodes; provider VIEW_NONE: none */
	const uint32_t *subjects;   /* all files of the subject's component it is about */
	size_t subject_count;
	const char *licence;  /* of the provider, the branch that was taken; "" */
	const uint32_t *path; /* edges from a work's program to the provider */
	size_t path_count;
	const uint32_t *works;
	size_t work_count;
	const struct view_citation *citations;
	size_t citation_count;
	const char *message, *remedy;
	uint32_t waiver; /* of the gate, expired or not; VIEW_NONE */
	bool waived;	 /* by one that holds */
	bool known;	 /* the earlier report had it, as heavy as now */
	bool fails;	 /* at the gate */
};

/* Something that goes along with a release, or has to be offered. */
struct view_obligation {
	const char *kind;   /* "notice", "licence-text", "source", ... (view_obligations.c) */
	const char *title;  /* the same in words */
	uint32_t component; /* VIEW_NONE: files without an owner */
	const uint32_t *files;
	size_t file_count;
	const char *licence;
	const char *const *texts; /* paths in the root, for notices and licence texts */
	size_t text_count;
	const char *const *carriers; /* package URLs of what brought the files along; sorted */
	size_t carrier_count;
	/* Texts the artifact lacks and this system has: for the notice file alone. */
	const char *const *system_texts;
	size_t system_text_count;
	const char *const *findings; /* ids of those that say why, sorted */
	size_t finding_count;
};

/* A text that goes along, for the notice file. */
struct view_notice_text {
	const char *path;
	const char *text; /* NULL: it could not be read */
	bool of_system;	  /* of the system that elfleft ran on, not of the artifact */
};

struct view_diagnostic {
	const char *code, *level, *file, *text, *message; /* file "" when it concerns none */
	uint64_t offset;				  /* UINT64_MAX: none */
};

struct view_coverage {
	/* Symbols asked for in each work, and those that something provides. */
	uint64_t imports_total, imports_attributed;
	uint64_t files_total, files_analysed;	  /* of the artifact */
	uint64_t files_owned, files_with_licence; /* of all files listed */
	uint64_t files_listed;
	bool calls; /* call sites were looked for */
	uint64_t code_bytes, code_bytes_selected, code_bytes_decoded;
	uint64_t code_files_not_decoded; /* of machines whose code is not read */
	uint64_t code_files_unnamed;	 /* static and stripped: no call in them can be named */
	uint64_t call_sites_total, call_sites_resolved;
	uint64_t text_sites_total, text_sites_resolved; /* in scripts, units and Python sources */
	uint64_t edges_total, edges_unused;		/* of DT_NEEDED whose provider was found */
	bool contents; /* functions were looked up in an index; else those below are 0 */
	uint64_t functions, functions_eligible, functions_matched;
	uint64_t function_bytes, function_bytes_eligible, function_bytes_explained;
	bool headers; /* code of headers was looked for; else those below are 0 */
	uint64_t header_files, header_files_named, header_files_lines;
};

struct view {
	struct view_tool tool;
	struct view_artifact artifact;
	struct view_policy policy;
	/* Files sorted by path, shipped ones and what they reach; behind them, counted by
	 * node_count alone, components that are inside files, with their id as path. */
	const struct view_file *files;
	size_t file_count, node_count;
	const struct view_component *components; /* sorted by id */
	size_t component_count;
	const struct view_edge *edges; /* sorted by (from path, to path, name) */
	size_t edge_count;
	const struct view_work *works; /* sorted by program path */
	size_t work_count;
	const struct view_finding *findings; /* heaviest first */
	size_t finding_count;
	const struct view_obligation *obligations; /* by component, kind, licence */
	size_t obligation_count;
	const struct view_notice_text *texts; /* by path; only when a report asked for them */
	size_t text_count;
	const struct view_verification *verifications; /* by path; binaries, and what differs */
	size_t verification_count;
	const struct view_diagnostic *diagnostics; /* sorted by file, offset, code */
	size_t diagnostic_count;
	struct view_coverage coverage;
	struct view_gate gate;
	const char *outcome; /* the highest of all findings; NULL: nothing was judged */
	bool complete;
};

/* ---- elfleft tree ---- */

struct view_candidate {
	const char *path, *rule, *result, *message;
};

struct view_tree_object {
	const char *name, *path, *soname; /* path, soname: NULL when absent */
	uint32_t needed_by;		  /* object; VIEW_NONE for the root and preloads */
	const char *request, *rule;
	bool apart; /* an audit library: in a namespace of its own */
};

struct view_tree_edge {
	uint32_t from, to; /* objects; to VIEW_NONE when not found */
	const char *name, *request, *rule;
	const struct view_candidate *trail;
	size_t trail_count;
	int64_t symbols_bound; /* in this process; -1: not computed */
};

/* Symbols bound from an object that the consumer does not name. */
struct view_tree_undeclared {
	uint32_t from, to;
	uint64_t symbols;
};

struct view_tree_symbol {
	uint32_t from, to; /* to VIEW_NONE: nothing provides it */
	const char *name, *version;
	bool weak;
};

struct view_tree {
	struct view_tool tool;
	const char *root, *file; /* the tree's root, and the file asked for */
	const char *dialect;	 /* NULL when no loader takes part or none is modelled */
	bool is_static;
	const char *fatal;			/* NULL when it would start */
	const struct view_tree_object *objects; /* load order */
	size_t object_count;
	const struct view_tree_edge *edges;
	size_t edge_count;
	bool bound; /* symbols were bound */
	const struct view_tree_undeclared *undeclared;
	size_t undeclared_count;
	const struct view_tree_symbol
	    *symbols; /* all bindings when asked for, else unprovided ones */
	size_t symbol_count;
	const struct view_diagnostic *diagnostics;
	size_t diagnostic_count;
	bool complete;
};

/* ---- elfleft index ---- */

struct view_index_member {
	const char *name;
	const char *build_id; /* of a linked file; "" when it has none */
	uint64_t functions, unique;
};

struct view_index_origin {
	const char *version, *licence, *source, *source_version, *package, *distribution, *path;
	const char *carrier, *machine;
	const struct view_index_member *members; /* NULL: not asked for */
	size_t member_count;
	uint64_t functions, unique; /* unique: in no other component */
};

struct view_index_component {
	const char *name, *class;
	const struct view_index_origin *origins;
	size_t origin_count;
	uint64_t functions, unique;
};

struct view_index {
	struct view_tool tool;
	bool built; /* it was just written; files_read and members_read are set */
	uint64_t files_read, members_read;
	const struct view_index_component *components; /* sorted by name */
	size_t component_count;
	uint64_t functions, keys, members, build_ids; /* of all components */
	const struct view_diagnostic *diagnostics;
	size_t diagnostic_count;
	bool complete;
};

/* ---- elfleft why ---- */

struct view_step {
	const char *from, *to, *kind, *class, *grade, *evidence;
	int64_t symbols_bound;
};

struct view_path {
	const struct view_step *steps;
	size_t step_count;
	const char *licence;	    /* of the last file */
	const char *const *clauses; /* of findings on this path */
	size_t clause_count;
	const char *const *breaks; /* what would break the chain */
	size_t break_count;
};

struct view_why {
	struct view_tool tool;
	const char *from, *to;
	const struct view_path *paths;
	size_t path_count;
	bool capped; /* there are more paths than are listed */
	const struct view_diagnostic *diagnostics;
	size_t diagnostic_count;
	bool complete;
};

#endif
