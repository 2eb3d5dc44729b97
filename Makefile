# SPDX-License-Identifier: BSD-2-Clause
# elfleft: make help lists the targets.
include config.mk

# A sanitized build and another compiler live in folders of their own.
SAN         ?=
BUILD       ?= build$(if $(SAN),-san)$(if $(filter clang%,$(notdir $(CC))),-clang)

# The pipeline, in its order: a stage includes only those before it, and util (make lint).
STAGES      := artifact binary depend evidence licence reach report scan
SOURCES     := $(foreach s,$(STAGES) util,$(sort $(wildcard src/$(s)/*.c)))
TOOL_SOURCES := $(sort $(wildcard src/tool/*.c))
TABLES      := $(sort $(wildcard data/*.tsv))
OBJECTS     := $(SOURCES:src/%.c=$(BUILD)/obj/%.o) $(BUILD)/obj/tables.o
TOOL_OBJECTS := $(TOOL_SOURCES:src/%.c=$(BUILD)/obj/%.o)
UNIT_TESTS  := $(patsubst tests/unit/%.c,$(BUILD)/unit/%,$(sort $(wildcard tests/unit/test_*.c)))
# Small programs that tests run, beside the tests.
UNIT_TOOLS  := $(BUILD)/unit/bind_driver $(BUILD)/unit/texts_driver
SHELL_TESTS := $(sort $(wildcard tests/*.t))
FUZZERS     := $(patsubst tests/fuzz/fuzz_%.c,%,$(sort $(wildcard tests/fuzz/fuzz_*.c)))

WARNINGS    := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion \
	-Wstrict-prototypes -Wmissing-prototypes -Wcast-qual -Wvla -Wundef -Wformat=2 \
	-Wswitch-enum -Wnull-dereference
OUR_CPPFLAGS := -Iinclude -Isrc -I$(BUILD)/gen -D_GNU_SOURCE -DELFLEFT_VERSION='"$(VERSION)"' \
	-DELFLEFT_DATADIR='"$(DATADIR)"' \
	$(shell $(PKG_CONFIG) --cflags $(LIBRARIES) $(LAZY_LIBRARIES) 2>/dev/null)
OUR_CFLAGS  := -std=gnu11 -fPIC -fvisibility=hidden -ffile-prefix-map=$(CURDIR)=. $(WARNINGS) \
	$(if $(WERROR),-Werror)
ifneq ($(SAN),)
OUR_CFLAGS  += -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all \
	-fno-omit-frame-pointer
OUR_LDFLAGS := -fsanitize=address,undefined
else
OUR_CFLAGS  += -O2 -g -fstack-protector-strong
OUR_CPPFLAGS += -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2
OUR_LDFLAGS :=
endif
OUR_LDFLAGS += -Wl,-z,relro,-z,now,-z,noexecstack -Wl,--as-needed
LDLIBS      := $(shell $(PKG_CONFIG) --libs $(LIBRARIES) 2>/dev/null) -lpthread

COMPILE = $(CC) $(OUR_CPPFLAGS) $(CPPFLAGS) $(OUR_CFLAGS) $(CFLAGS) -MMD -MP
LINK    = $(CC) $(OUR_CFLAGS) $(CFLAGS) $(OUR_LDFLAGS) $(LDFLAGS)

.PHONY: all
all: $(BUILD)/elfleft $(BUILD)/libelfleft.so $(BUILD)/libelfleft.a $(BUILD)/elfleft.pc

# A clear word instead of a page of missing headers.
$(BUILD)/libraries-found:
	@$(PKG_CONFIG) --exists $(LIBRARIES) $(LAZY_LIBRARIES) || { \
		echo 'libraries are missing ($(LIBRARIES) $(LAZY_LIBRARIES)): run make deps first' >&2; \
		exit 1; }
	@mkdir -p $(@D) && touch $@

# What -lcapstone means here: the file that the dynamic linker would be asked for.
$(BUILD)/gen/sonames.h: config.mk | $(BUILD)/libraries-found
	@mkdir -p $(@D)
	@set -e; for name in $(LAZY_NAMES) $(patsubst -l%,%,$(shell $(PKG_CONFIG) --libs-only-l $(LAZY_LIBRARIES))); do \
		soname=$$($(READELF) -dW "$$($(CC) -print-file-name=lib$$name.so)" | \
			sed -n 's/.*(SONAME).*\[\(.*\)\].*/\1/p'); \
		[ -n "$$soname" ] || { echo "no SONAME of lib$$name.so" >&2; exit 1; }; \
		echo "#define SONAME_$$(echo $$name | tr a-z+- A-ZX_) \"$$soname\""; \
	done > $@.tmp && mv $@.tmp $@

$(BUILD)/obj/%.o: src/%.c | $(BUILD)/libraries-found $(BUILD)/gen/sonames.h
	@mkdir -p $(@D)
	$(COMPILE) -c -o $@ $<

# Tables become C at build time; data/ stays the one place to edit.
$(BUILD)/gen/tables.c: $(TABLES) data data/tsv2c.awk
	@mkdir -p $(@D)
	LC_ALL=C awk -f data/tsv2c.awk $(TABLES) > $@.tmp && mv $@.tmp $@

$(BUILD)/obj/tables.o: $(BUILD)/gen/tables.c
	@mkdir -p $(@D)
	$(COMPILE) -c -o $@ $<

# Unit tests and fuzzers see the inside.
$(BUILD)/internal.a: $(OBJECTS)
	@rm -f $@
	$(AR) rcs $@ $^

# The static library is one object in which only the public names are left global.
$(BUILD)/libelfleft.a: $(OBJECTS) src/scan/libelfleft.map
	@rm -f $@
	$(CC) -r -nostdlib -o $(BUILD)/libelfleft.o $(OBJECTS)
	$(OBJCOPY) --wildcard --keep-global-symbol='elfleft_*' $(BUILD)/libelfleft.o
	$(AR) rcs $@ $(BUILD)/libelfleft.o

$(BUILD)/libelfleft.so.$(SOVERSION): $(OBJECTS) src/scan/libelfleft.map
	$(LINK) -shared -Wl,-soname,libelfleft.so.$(SOVERSION) \
		-Wl,--version-script=src/scan/libelfleft.map -o $@ $(OBJECTS) $(LDLIBS)

$(BUILD)/libelfleft.so: $(BUILD)/libelfleft.so.$(SOVERSION)
	ln -sf $(<F) $@

$(BUILD)/elfleft: $(TOOL_OBJECTS) $(BUILD)/libelfleft.a
	$(LINK) -pie -o $@ $^ $(LDLIBS)

$(BUILD)/elfleft.pc: config.mk
	@mkdir -p $(@D)
	printf '%s\n' 'prefix=$(PREFIX)' 'libdir=$(LIBDIR)' 'includedir=$(INCLUDEDIR)' '' \
		'Name: elfleft' 'Description: ELF linkage inspector for copyleft reach' \
		'Version: $(VERSION)' 'Libs: -L$${libdir} -lelfleft' 'Cflags: -I$${includedir}' \
		'Requires.private: $(LIBRARIES)' 'Libs.private: -lpthread' > $@

$(BUILD)/unit/%: tests/unit/%.c $(BUILD)/internal.a
	@mkdir -p $(@D)
	$(COMPILE) -Wno-missing-prototypes -DBUILD_DIR='"$(BUILD)"' -o $@ $< $(OUR_LDFLAGS) $(LDFLAGS) \
		$(BUILD)/internal.a $(LDLIBS) -lcmocka

# Small programs that show the inside to the tests.
TEST_TOOLS := $(patsubst tests/tools/%.c,$(BUILD)/tools/%,$(sort $(wildcard tests/tools/*.c)))
$(BUILD)/tools/%: tests/tools/%.c $(BUILD)/internal.a
	@mkdir -p $(@D)
	$(COMPILE) -o $@ $< $(OUR_LDFLAGS) $(LDFLAGS) $(TOOL_LIBS) $(BUILD)/internal.a $(LDLIBS)

# What calls are measured against calls capstone itself.
$(BUILD)/tools/sweep: TOOL_LIBS := $(shell $(PKG_CONFIG) --libs capstone 2>/dev/null)

.PHONY: test-tools
test-tools: $(TEST_TOOLS)

.PHONY: unit
unit: $(UNIT_TESTS) $(UNIT_TOOLS)

-include $(OBJECTS:.o=.d) $(TOOL_OBJECTS:.o=.d) $(UNIT_TESTS:=.d) $(UNIT_TOOLS:=.d) \
	$(TEST_TOOLS:=.d)

include tests/check.mk
include tests/tests.mk

.PHONY: install
install: all
	install -d $(DESTDIR)$(BINDIR) $(DESTDIR)$(LIBDIR)/pkgconfig $(DESTDIR)$(INCLUDEDIR) \
		$(DESTDIR)$(MANDIR)/man1 $(DESTDIR)$(MANDIR)/man3 \
		$(DESTDIR)$(MANDIR)/man5 $(DESTDIR)$(MANDIR)/man7 \
		$(DESTDIR)$(DATADIR)/schema $(DESTDIR)$(DATADIR)/index
	install -m 755 $(BUILD)/elfleft $(DESTDIR)$(BINDIR)/
	install -m 755 $(BUILD)/libelfleft.so.$(SOVERSION) $(DESTDIR)$(LIBDIR)/
	ln -sf libelfleft.so.$(SOVERSION) $(DESTDIR)$(LIBDIR)/libelfleft.so
	install -m 644 $(BUILD)/libelfleft.a $(DESTDIR)$(LIBDIR)/
	install -m 644 $(BUILD)/elfleft.pc $(DESTDIR)$(LIBDIR)/pkgconfig/
	install -m 644 include/elfleft.h $(DESTDIR)$(INCLUDEDIR)/
	install -m 644 man/*.1 $(DESTDIR)$(MANDIR)/man1/
	install -m 644 man/*.3 $(DESTDIR)$(MANDIR)/man3/
	install -m 644 man/*.5 $(DESTDIR)$(MANDIR)/man5/
	install -m 644 man/*.7 $(DESTDIR)$(MANDIR)/man7/
	install -m 644 $(TABLES) data/README $(DESTDIR)$(DATADIR)/
	install -m 644 data/schema/*.json $(DESTDIR)$(DATADIR)/schema/
	$(if $(wildcard data/index/*.elfidx),install -m 644 data/index/*.elfidx $(DESTDIR)$(DATADIR)/index/)

.PHONY: clean
clean:
	rm -rf build build-*
