/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Upper bounds on what one input may cost. Each bound that is reached becomes a diagnostic
 * (LIMIT_REACHED); none is silent. The values are far above what real files need: the largest
 * library of the CUDA toolkit has 542 MB and 75,000 symbols.
 */
#ifndef UTIL_BUDGET_H
#define UTIL_BUDGET_H

#include <stdint.h>

#define BUDGET_SEGMENTS UINT32_C(0xffff)
#define BUDGET_SECTIONS UINT32_C(1000000)
#define BUDGET_DYNAMIC_ENTRIES UINT32_C(100000)
#define BUDGET_SYMBOLS UINT32_C(8000000)
#define BUDGET_RELOCATIONS UINT32_C(16000000)
#define BUDGET_VERSIONS UINT32_C(100000)
#define BUDGET_NAMESPACES UINT32_C(65536) /* of the functions of one file */
#define BUDGET_DEBUG_UNITS UINT32_C(200000)
#define BUDGET_DEBUG_FILES UINT32_C(500000)
#define BUDGET_DEBUG_ROWS UINT64_C(50000000)	 /* of the line tables of one file */
#define BUDGET_DEBUG_SECTION (UINT64_C(1) << 29) /* bytes of one, decompressed */
#define BUDGET_NOTES UINT32_C(10000)
#define BUDGET_NOTE_SIZE (UINT32_C(1) << 20)
#define BUDGET_STRING_LENGTH (UINT32_C(1) << 20)
#define BUDGET_RECORD_SIZE (UINT64_C(1) << 30)	     /* bytes of one facts record */
#define BUDGET_WORKER_MEMORY (UINT64_C(1) << 30)     /* bytes one worker may allocate */
#define BUDGET_WORKER_SECONDS 20		     /* of CPU for one file */
#define BUDGET_WORKER_WALL_SECONDS 60		     /* of wall-clock time for one file */
#define BUDGET_WORKER_WALL_BYTES (UINT64_C(4) << 20) /* of a file, for a second more of it */
#define BUDGET_CONTAINER_ENTRIES UINT32_C(2000000)   /* of one archive */
#define BUDGET_CONTAINER_BYTES (UINT64_C(1) << 36)   /* unpacked */
#define BUDGET_CONTAINER_RATIO 200		  /* unpacked bytes for each byte of the archive */
#define BUDGET_PACKAGE_FILE (UINT64_C(1) << 30)	  /* bytes of one file of a package, in memory */
#define BUDGET_CONTAINER_FREE (UINT64_C(1) << 28) /* unpacked bytes the ratio is not asked for */
#define BUDGET_CONTAINER_MEMORY (UINT64_C(1) << 29) /* its reader may allocate */
#define BUDGET_CONTAINER_SECONDS 900		    /* of CPU its reader may take */
#define BUDGET_DEMANGLE_SECONDS 20		    /* of CPU for all names of one file */
#define BUDGET_DEMANGLE_MEMORY (UINT64_C(1) << 28)
#define BUDGET_DEMANGLE_NAME 16384		    /* bytes of one name */
#define BUDGET_TARGETS UINT32_C(100000000)	    /* references in the code of one file */
#define BUDGET_REFERENCE (UINT64_C(1) << 31)	    /* bytes of a manifest, unpacked */
#define BUDGET_REFERENCE_PARTS UINT32_C(131072)	    /* parts of one file in it */
#define BUDGET_REFERENCE_MEMORY (UINT64_C(1) << 27) /* to unpack it */
#define BUDGET_TEXT_FILE (UINT64_C(1) << 28)	/* bytes of a package database or copyright file */
#define BUDGET_SOURCE_FILE (UINT64_C(1) << 26)	/* bytes of a Python module or of a RECORD */
#define BUDGET_UNIT_DROPINS 1024u		/* drop-ins of one unit */
#define BUDGET_UNIT_PREFIXES 16u		/* of the name of one unit, for drop-ins */
#define BUDGET_UNIT_FILE (UINT64_C(1) << 20)	/* bytes of a unit or desktop entry */
#define BUDGET_PYTHON_MODULES UINT32_C(4000000) /* of all distributions */
#define BUDGET_PYTHON_LOADS UINT32_C(10000)	/* calls in one module */
#define BUDGET_COMMAND_LINES 64			/* shell lines inside one command line */
#define BUDGET_PATTERN_MATCHES 512		/* files that one pattern of a name may fit */
#define BUDGET_PATTERN_TRIES UINT64_C(20000000) /* names held against patterns of one file */
#define BUDGET_CALL_FOLDERS 64			/* folders a file names that are looked into */
#define BUDGET_COMMAND_SPLITS 8			/* texts of env -S inside of each other */
#define BUDGET_ARCHIVE_MEMBERS UINT32_C(1000000)
#define BUDGET_ARCHIVE_NAMES (UINT32_C(1) << 26) /* bytes of the names of one archive */
#define BUDGET_ARCHIVE_NAME UINT32_C(4096)
#define BUDGET_PACKAGES UINT32_C(1000000) /* of one package database */
#define BUDGET_SBOM_COMPONENTS 20000	  /* of one Python distribution */
#define BUDGET_PACKAGE_FILES UINT32_C(8000000)
#define BUDGET_DIRECTORY_ENTRIES UINT32_C(20000000)
#define BUDGET_DIRECTORY_DEPTH 256
#define BUDGET_SAME_SYMBOL UINT32_C(256) /* definitions of one name in one file */
#define BUDGET_LOAD_SET UINT32_C(20000)	 /* objects in one process */
#define BUDGET_SEARCH_DIRECTORIES UINT32_C(10000)
#define BUDGET_WHY_PATHS 24			    /* paths one "elfleft why" lists */
#define BUDGET_WHY_STEPS UINT32_C(2000000)	    /* edges it tries */
#define BUDGET_DEP5_PATTERNS UINT32_C(200000)	    /* of one copyright file */
#define BUDGET_SOURCE_PATTERNS UINT32_C(50000000)   /* asked for the sources of one file */
#define BUDGET_DEP5_STANZAS 20000		    /* of one copyright file */
#define BUDGET_COPYRIGHT_FILE (UINT64_C(1) << 24)   /* bytes */
#define BUDGET_PROSE_WORDS UINT32_C(1000000)	    /* of one prose copyright file */
#define BUDGET_PROSE_GRANTS 4096		    /* of one prose copyright file */
#define BUDGET_LICENCE_TOKENS 1024		    /* of one licence expression */
#define BUDGET_LICENCE_TERMS 64			    /* of one licence that a sentence lists */
#define BUDGET_LICENCE_CHOICE_TERMS UINT32_C(16384) /* terms in all of its alternatives */
#define BUDGET_LICENCE_CHOICES UINT32_C(256)	    /* alternatives of one licence expression */
#define BUDGET_POLICY_FILE (UINT64_C(1) << 20)	    /* bytes */
#define BUDGET_POLICY_DEPTH 8			    /* lists and maps inside of each other */
#define BUDGET_POLICY_VALUES UINT32_C(20000)	    /* of one policy file */
#define BUDGET_BASELINE_FILE (UINT64_C(1) << 30)    /* bytes of an earlier report */
#define BUDGET_NOTICE_TEXT (UINT64_C(1) << 22)	    /* bytes of one text that is passed on */

/* Recovery of call arguments (src/binary/code_*.c). */
#define BUDGET_CODE_FUNCTIONS UINT32_C(8000000)	 /* of one file */
#define BUDGET_CODE_FUNCTION (UINT64_C(1) << 20) /* bytes of one that is decoded */
#define BUDGET_CODE_DECODED (UINT64_C(1) << 25)	 /* bytes decoded in one file, all rounds */
#define BUDGET_CODE_STEPS UINT64_C(100000000)	 /* operations followed in one file */
#define BUDGET_CODE_REFERENCES UINT32_C(4000000) /* references one scan may find */
#define BUDGET_CODE_SITES UINT32_C(100000)
#define BUDGET_CODE_VALUES UINT32_C(4096)	/* names of one call site */
#define BUDGET_CODE_FLOWS UINT32_C(100000)	/* parameters that reach a call site */
#define BUDGET_CODE_ROUNDS 4			/* levels of callers that are followed */
#define BUDGET_CODE_STARTERS UINT32_C(4096)	/* functions above calls that start programs */
#define BUDGET_CODE_KEEPER UINT32_C(8192)	/* bytes of a function that may keep a name */
#define BUDGET_CODE_WORDS UINT32_C(32768)	/* names that may stand behind a folder */
#define BUDGET_CODE_SCANNED (UINT64_C(1) << 26) /* bytes scanned for names, all rounds */
#define BUDGET_CODE_WRAPPER UINT32_C(1024)	/* bytes of a function around vasprintf() */
#define BUDGET_CODE_SLOTS UINT32_C(512)		/* words of memory known at one point */
#define BUDGET_CODE_ESCAPES UINT32_C(128)	/* objects whose address is out */
#define BUDGET_CODE_STACK_PARAMETERS 16		/* parameters on the stack */
#define BUDGET_CODE_TEXT UINT32_C(4096)		/* bytes of one name or command */
#define BUDGET_CODE_TEXTS 16			/* variants of one formatted text */
#define BUDGET_CODE_TABLE UINT32_C(256)		/* entries of a table of names or of jumps */
#define BUDGET_CODE_CONSTANTS UINT32_C(65536)	/* constant texts given to other functions */

/* What an index says of the functions of a binary (src/evidence/embedded_*.c). */
#define BUDGET_EMBEDDED_SHARED 8	       /* owners of a body that still tells something */
#define BUDGET_LITERALS UINT32_C(4000000)      /* long texts and tables of one file */
#define BUDGET_MENTIONS 256		       /* strings of one file that name a project */
#define BUDGET_MENTION_TEXT 512		       /* bytes of one */
#define BUDGET_MODULES UINT32_C(20000)	       /* of one file */
#define BUDGET_MODULE_LIST (UINT64_C(1) << 23) /* bytes of one list, uncompressed */
#define BUDGET_MAP_FILE (UINT64_C(1) << 26)    /* bytes of a linker's map */
#define BUDGET_FLAGS_FILE (UINT64_C(1) << 20)  /* bytes of a .pc or .la file */
#define BUDGET_MAP_MEMBERS UINT32_C(200000)    /* members of archives in it */
#define BUDGET_MODULE_TEXT 1024		       /* bytes of a name, version or path */
#define BUDGET_EMBEDDED_POSTINGS UINT32_C(512) /* of one body; with more it tells nothing */

/* Functions and their fingerprints (src/binary/function_list.c). */
#define BUDGET_FUNCTIONS UINT32_C(2000000)	 /* of one file; a large browser has half of it */
#define BUDGET_FUNCTION_SIZE (UINT64_C(1) << 26) /* bytes of one that is fingerprinted */
#define BUDGET_MINIDEBUG (UINT64_C(1) << 27)	 /* bytes of .gnu_debugdata, unpacked */
#define BUDGET_MINIDEBUG_MEMORY (UINT64_C(1) << 27) /* to unpack it: xz -9 takes 65 MiB */
/* Device code inside of a file (src/binary/device_*.c). Real images go up to 134 MB, ratios to 134.
 */
#define BUDGET_DEVICE_IMAGE (UINT64_C(1) << 29)	       /* bytes of one image, uncompressed */
#define BUDGET_DEVICE_TOTAL (UINT64_C(1) << 34)	       /* of all images of one file */
#define BUDGET_DEVICE_RATIO 1000		       /* uncompressed to compressed */
#define BUDGET_DEVICE_RATIO_FLOOR (UINT64_C(16) << 20) /* bytes below which any ratio is fine */
#define BUDGET_DEVICE_CONTAINERS UINT32_C(1000000)
#define BUDGET_DEVICE_ENTRIES UINT32_C(1000000)
#define BUDGET_DEVICE_KERNELS UINT32_C(4000000)
#define BUDGET_DEVICE_SECTIONS 64     /* of one file: their bytes outside of containers */
#define BUDGET_DEVICE_DIAGNOSTICS 100 /* of one file */
#define BUDGET_DEVICE_SOURCES UINT32_C(100000)
#define BUDGET_DEVICE_PATHS UINT32_C(20000)    /* texts tried as the path of a source */
#define BUDGET_DEVICE_TRIES UINT64_C(20000000) /* checksums computed for that */
#define BUDGET_DEVICE_NAME UINT32_C(65536)     /* bytes of one name */

#endif
