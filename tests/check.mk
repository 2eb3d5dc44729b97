# SPDX-License-Identifier: BSD-2-Clause
# Checks, lints, the demo; included by the Makefile. tests.mk holds accuracy and benchmarks.

.PHONY: help
help:
	@echo 'make            build $(BUILD)/elfleft, libelfleft.so, libelfleft.a'
	@echo 'make demo       install what is missing, build, inspect real binaries'
	@echo 'make check      install what is missing, build, test (gcc, then ASan+UBSan), lint'
	@echo 'make check-all  check, and the same with clang; clang-format, clang-tidy, shellcheck'
	@echo 'make accuracy   all figures: ld.so, strace, link maps, wheels (gigabytes, an hour)'
	@echo 'make index      build the default index of fingerprints from Debian packages'
	@echo 'make bench      measure against peers, print ratios'
	@echo 'make fuzz       fuzz each parser for T seconds (default 60)'
	@echo 'make install    PREFIX= DESTDIR='
	@echo 'make man        put the option lists into man/elfleft.1'

.PHONY: deps deps-check deps-demo deps-all
deps:
	@.ci/need $(PACKAGES_BUILD)
deps-check:
	@.ci/need $(PACKAGES_BUILD) $(PACKAGES_CHECK)
	@.ci/need --try $(PACKAGES_TRY)
deps-demo:
	@.ci/need $(PACKAGES_BUILD) $(PACKAGES_DEMO)
deps-all:
	@.ci/need $(PACKAGES_BUILD) $(PACKAGES_CHECK) $(PACKAGES_TRY) $(PACKAGES_DEMO) \
		$(PACKAGES_ALL)

# make reads pkg-config's answers when it starts: what needs new packages starts a new make.
.PHONY: check
check: deps-check
	$(MAKE) test WERROR=1
	$(MAKE) test WERROR=1 SAN=1
	$(MAKE) lint

.PHONY: check-all
check-all: deps-all
	$(MAKE) check
	$(MAKE) test WERROR=1 CC=clang
	$(MAKE) test WERROR=1 CC=clang SAN=1
	$(MAKE) lint-all

.PHONY: test
test: all unit test-binaries test-tools
	ELFLEFT=$(BUILD)/elfleft BUILD=$(BUILD) CC='$(CC)' PYTHON=$(PYTHON) \
		CMOCKA_MESSAGE_OUTPUT=TAP prove -j2 -e '' $(UNIT_TESTS) $(SHELL_TESTS)

LINTS := $(sort $(wildcard tests/lint/*.sh))
.PHONY: lint
lint: all
	@failed=0; for lint in $(LINTS); do \
		BUILD=$(BUILD) CC='$(CC)' ELFLEFT=$(BUILD)/elfleft sh $$lint || failed=1; \
	done; [ $$failed -eq 0 ] && echo "lint: $(words $(LINTS)) clean"

SHELL_SCRIPTS = $(shell git ls-files | xargs grep -lE -m1 '^#!/bin/(ba)?sh' | xargs awk 'FNR == 1 && /^.!.*sh$$/ { print FILENAME }')

.PHONY: lint-all
lint-all: lint
	clang-format --dry-run -Werror $(shell git ls-files '*.c' '*.h' ':!test-binaries/aten')
	printf '%s\n' $(SOURCES) $(TOOL_SOURCES) | xargs -P 2 -n 8 \
		sh -c 'clang-tidy --quiet "$$@" -- -std=gnu11 $(subst ','\'',$(OUR_CPPFLAGS))' tidy
	shellcheck -x -e SC2013 $(SHELL_SCRIPTS)

.PHONY: man
man: $(BUILD)/elfleft
	$(BUILD)/elfleft completion mdoc > $(BUILD)/options.mdoc
	awk -v options=$(BUILD)/options.mdoc '/BEGIN GENERATED/ { print; while ((getline line < options) > 0) print line; skip = 1 } \
		/END GENERATED/ { skip = 0 } !skip && !/BEGIN GENERATED/' man/elfleft.1 > $(BUILD)/elfleft.1
	cp $(BUILD)/elfleft.1 man/elfleft.1

CUDA_LIB := $(dir $(shell readlink -f "$$(command -v nvcc)" 2>/dev/null))../lib64
DEMO_TORCH := /usr/lib/x86_64-linux-gnu/libtorch_cpu.so.1.13
.PHONY: demo
demo: deps-demo
	$(MAKE) all
	$(MAKE) demo-run

.PHONY: demo-run
demo-run:
	$(BUILD)/elfleft scan $(DEMO_TORCH)
	$(BUILD)/elfleft why $(DEMO_TORCH) libx264.so.164 | sed '/^  2\./,$$d'
	$(if $(wildcard $(CUDA_LIB)/*.so*),$(BUILD)/elfleft scan $(realpath $(CUDA_LIB)))

T ?= 60
.PHONY: fuzz
fuzz: deps-all
	@for f in $(FUZZERS); do $(MAKE) fuzz-$$f CC=clang BUILD=build-fuzz T=$(T) || exit 1; done
	$(MAKE) fuzz-report

.PHONY: fuzz-report
fuzz-report:
	@echo "fuzz: $(words $(FUZZERS)) targets, $(T) s each: $(FUZZERS)"

# libFuzzer drives the instrumented inside; corpora stay in the build folder.
fuzz-%: OUR_CFLAGS += -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all -O1
fuzz-%: $(BUILD)/internal.a
	@mkdir -p $(BUILD)/fuzz $(BUILD)/corpus/$*
	$(COMPILE) -Wno-missing-prototypes -fsanitize=fuzzer -o $(BUILD)/fuzz/$* tests/fuzz/fuzz_$*.c \
		$(BUILD)/internal.a $(LDLIBS)
	$(BUILD)/fuzz/$* -max_total_time=$(T) -max_len=65536 -print_final_stats=1 \
		$(BUILD)/corpus/$* $(wildcard tests/fuzz/corpus/$*)
