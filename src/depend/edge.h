/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Words for edges between files and components, shared by the stages that find edges and those that
 * judge them. One X-macro row per kind: text, and the class the reporter places it in.
 */
#ifndef DEPEND_EDGE_H
#define DEPEND_EDGE_H

enum edge_class { EDGE_CLASS_LINKING, EDGE_CLASS_IPC, EDGE_CLASS_AGGREGATION };

/*
 * EDGE_KIND(id, text, class, reason): the reason is why the kind is in its class, in the terms of
 * the FSF's FAQ, #MereAggregation: one address space and shared data structures combine; a program
 * that is run, a socket and a bus normally join two programs that stay apart. research/licences.md
 * B2.
 */
#define EDGE_KINDS(X)                                                                    \
	X(LINK_DYNAMIC, "link-dynamic", LINKING,                                         \
	  "the loader maps both into one process and binds one to the other")            \
	X(LINK_PLUGIN, "link-plugin", LINKING,                                           \
	  "loaded at run time into the process of its consumer")                         \
	X(LINK_STATIC, "link-static", LINKING, "its code is inside the consumer's file") \
	X(LINK_MODIFIED, "link-modified", LINKING,                                       \
	  "code that differs from its upstream, linked or inside the consumer's file")   \
	X(LINK_INTERP, "link-interp", LINKING,                                           \
	  "the kernel maps it into the process as its loader")                           \
	X(IPC_EXEC, "ipc-exec", IPC, "run as a program of its own, with its own memory") \
	X(IPC_SOCKET, "ipc-socket", IPC, "two processes that talk over a socket")        \
	X(IPC_SHM, "ipc-shm", IPC,                                                       \
	  "two processes that share memory; how intimately is for review")               \
	X(IPC_DBUS, "ipc-dbus", IPC, "two processes that talk over a message bus")       \
	X(AGGREGATE, "aggregate", AGGREGATION, "shipped together, no edge joins them")

enum edge_kind {
#define EDGE_KIND(id, text, class, reason) EDGE_KIND_##id,
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
const char *edge_kind_reason(enum edge_kind kind);
const char *edge_class_text(enum edge_class class);
const char *edge_grade_text(enum edge_grade grade);

#endif
