# SPDX-License-Identifier: BSD-2-Clause
# The loader cases, accuracy over the whole system, and benchmarks; included by the Makefile.

# Cases are made anew when a recipe changes: they are small, and no case depends on another.
RECIPES := $(wildcard test-binaries/*.py) tests/lib/elffile.py
.PHONY: test-binaries
test-binaries: $(BUILD)/test-binaries/cases.json

$(BUILD)/test-binaries/cases.json: $(RECIPES)
	@mkdir -p $(@D)
	PYTHONDONTWRITEBYTECODE=1 CC='$(CC)' $(PYTHON) test-binaries/build.py $(@D)

# ld.so is the oracle: every ELF file of the system, its load list equal or the difference known.
.PHONY: accuracy
accuracy: all $(UNIT_TOOLS)
	$(PYTHON) tests/accuracy/loader.py --elfleft $(BUILD)/elfleft
	$(PYTHON) tests/accuracy/binding.py --driver $(BUILD)/unit/bind_driver --all
	$(PYTHON) tests/accuracy/findings.py --elfleft $(BUILD)/elfleft
	$(PYTHON) tests/accuracy/tags.py

# Needs libtree, and libtorch1.13 to look at.
.PHONY: bench
bench: all
	$(PYTHON) tests/bench/bench.py --elfleft $(BUILD)/elfleft
