/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Words for edges between files and components, shared by the stages that find edges and those that
 * judge them. One X-macro row per kind: text, and the class the reporter places it in.
 */
#ifndef DEPEND_EDGE_H
#define DEPEND_EDGE_H

enum edge_class { EDGE_CLASS_LINKING, EDGE_CLASS_IPC, EDGE_CLASS_AGGREGATION };

/* EDGE_KIND(id, text, class) */
#define EDGE_KINDS(X)                                                           \
	X(LINK_DYNAMIC, "link-dynamic", LINKING)   /* DT_NEEDED and its like */ \
	X(LINK_PLUGIN, "link-plugin", LINKING)	   /* dlopen */                 \
	X(LINK_STATIC, "link-static", LINKING)	   /* embedded code */          \
	X(LINK_MODIFIED, "link-modified", LINKING) /* differs from upstream */  \
	X(LINK_INTERP, "link-interp", LINKING)	   /* PT_INTERP */              \
	X(IPC_EXEC, "ipc-exec", IPC)                                            \
	X(IPC_SOCKET, "ipc-socket", IPC)                                        \
	X(IPC_SHM, "ipc-shm", IPC)                                              \
	X(IPC_DBUS, "ipc-dbus", IPC)                                            \
	X(AGGREGATE, "aggregate", AGGREGATION)

enum edge_kind {
#define EDGE_KIND(id, text, class) EDGE_KIND_##id,
	EDGE_KINDS(EDGE_KIND)
#undef EDGE_KIND
};

/* How sure an edge is, strongest first. */
enum edge_grade {
	EDGE_GRADE_LINKER_RECORD,
	EDGE_GRADE_SYMBOL_BINDING,
	EDGE_GRADE_FINGERPRINT,
	EDGE_GRADE_DECLARED,
	EDGE_GRADE_STRING,
};

const char *edge_kind_text(enum edge_kind kind);
enum edge_class edge_kind_class(enum edge_kind kind);
const char *edge_class_text(enum edge_class class);
const char *edge_grade_text(enum edge_grade grade);

#endif
