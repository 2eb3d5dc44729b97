# SPDX-License-Identifier: BSD-2-Clause
# The loader cases, accuracy over the whole system, and benchmarks; included by the Makefile.

# Cases are made anew when a recipe changes: they are small, and no case depends on another.
RECIPES := $(wildcard test-binaries/*.py) tests/lib/elffile.py
.PHONY: test-binaries
test-binaries: $(BUILD)/test-binaries/cases.json

$(BUILD)/test-binaries/cases.json: $(RECIPES)
	@mkdir -p $(@D)
	PYTHONDONTWRITEBYTECODE=1 CC='$(CC)' $(PYTHON) test-binaries/build.py $(@D)

# Made once, by debootstrap, for programs that are run under strace; needs root.
EDGES_ROOT ?= $(HOME)/.cache/elfleft-tests/edges-root

# ld.so is the oracle: every ELF file of the system, its load list equal or the difference known.
.PHONY: accuracy
accuracy: all $(UNIT_TOOLS) test-tools $(BUILD)/unit/test_device_mutations \
		$(BUILD)/unit/test_reach_properties $(BUILD)/unit/test_expression
	ELFLEFT_TEST_GRAPHS=100000 $(BUILD)/unit/test_reach_properties
	ELFLEFT_TEST_GRAPHS=100000 $(BUILD)/unit/test_expression
	$(PYTHON) tests/accuracy/loader.py --elfleft $(BUILD)/elfleft
	$(PYTHON) tests/accuracy/binding.py --elfleft $(BUILD)/elfleft
	$(PYTHON) tests/accuracy/binding.py --driver $(BUILD)/unit/bind_driver --all
	BUILD=$(BUILD) $(PYTHON) tests/python_source.t -a
	BUILD=$(BUILD) $(PYTHON) tests/finders.t -a
	$(PYTHON) tests/accuracy/findings.py --elfleft $(BUILD)/elfleft
	$(PYTHON) tests/accuracy/tags.py
	$(PYTHON) tests/accuracy/fatbin.py --build $(BUILD)
	DEVICE_MUTATIONS=100000 $(BUILD)/unit/test_device_mutations
	BUILD=$(BUILD) $(PYTHON) tests/functions.t -a
	$(PYTHON) tests/accuracy/length.py --build $(BUILD)
	$(PYTHON) tests/accuracy/wheels.py --elfleft $(BUILD)/elfleft
	$(PYTHON) tests/accuracy/licences.py --elfleft $(BUILD)/elfleft --all
	$(PYTHON) tests/accuracy/debug_packages.py --elfleft $(BUILD)/elfleft
	$(PYTHON) tests/accuracy/edges.py --elfleft $(BUILD)/elfleft
	sh tests/accuracy/edges_root.sh $(EDGES_ROOT)
	$(PYTHON) tests/accuracy/edges.py --elfleft $(BUILD)/elfleft --root $(EDGES_ROOT)
	$(PYTHON) tests/accuracy/embedded.py --build $(BUILD)
	$(PYTHON) tests/accuracy/static_programs.py --elfleft $(BUILD)/elfleft
	$(PYTHON) tests/accuracy/static_programs.py --elfleft $(BUILD)/elfleft --held
	$(PYTHON) tests/accuracy/wheel_contents.py --elfleft $(BUILD)/elfleft
	$(PYTHON) tests/accuracy/inside.py --elfleft $(BUILD)/elfleft
	$(PYTHON) tests/accuracy/compilers.py --build $(BUILD)
	$(PYTHON) tests/accuracy/cudart.py --elfleft $(BUILD)/elfleft
	BUILD=$(BUILD) $(PYTHON) tests/verify.t variants
	ELFLEFT=$(BUILD)/elfleft $(PYTHON) tests/accuracy/verify.py

# The default index, of Debian's static archives (600 MB are fetched once into the cache).
.PHONY: index
index: all
	$(PYTHON) data/index/build.py index --elfleft $(BUILD)/elfleft $(INDEX_OPTIONS)

# Needs libtree, and libtorch1.13 to look at.
.PHONY: bench
bench: all test-tools
	$(PYTHON) tests/bench/bench.py --elfleft $(BUILD)/elfleft
	$(PYTHON) tests/bench/calls.py --build $(BUILD)
	$(BUILD)/tools/index_bench $(BUILD)/bench.elfidx 10000000; rm -f $(BUILD)/bench.elfidx
	$(PYTHON) tests/bench/functions.py --build $(BUILD)
