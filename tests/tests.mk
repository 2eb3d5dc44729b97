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

# make accuracy/NAME for one part, make accuracy for all: each has an oracle of its own, which its script
# names. One that fails does not keep the others from being run.
ACCURACY :=
define accuracy_part
ACCURACY += $(1)
.PHONY: accuracy/$(1)
accuracy/$(1): accuracy-tools
	$(2)
endef
$(eval $(call accuracy_part,properties,ELFLEFT_TEST_GRAPHS=100000 $(BUILD)/unit/test_reach_properties))
$(eval $(call accuracy_part,expressions,ELFLEFT_TEST_GRAPHS=100000 $(BUILD)/unit/test_expression))
$(eval $(call accuracy_part,loader,$(PYTHON) tests/accuracy/loader.py --elfleft $(BUILD)/elfleft))
$(eval $(call accuracy_part,binding,$(PYTHON) tests/accuracy/binding.py --elfleft $(BUILD)/elfleft))
$(eval $(call accuracy_part,bindings,\
	$(PYTHON) tests/accuracy/binding.py --driver $(BUILD)/unit/bind_driver --all))
$(eval $(call accuracy_part,python-source,BUILD=$(BUILD) $(PYTHON) tests/python_source.t -a))
$(eval $(call accuracy_part,finders,BUILD=$(BUILD) $(PYTHON) tests/finders.t -a))
$(eval $(call accuracy_part,findings,$(PYTHON) tests/accuracy/findings.py --elfleft $(BUILD)/elfleft))
$(eval $(call accuracy_part,tags,$(PYTHON) tests/accuracy/tags.py))
$(eval $(call accuracy_part,fatbin,$(PYTHON) tests/accuracy/fatbin.py --build $(BUILD)))
$(eval $(call accuracy_part,containers,DEVICE_MUTATIONS=100000 $(BUILD)/unit/test_device_mutations))
$(eval $(call accuracy_part,functions,BUILD=$(BUILD) $(PYTHON) tests/functions.t -a))
$(eval $(call accuracy_part,length,$(PYTHON) tests/accuracy/length.py --build $(BUILD)))
$(eval $(call accuracy_part,wheels,$(PYTHON) tests/accuracy/wheels.py --elfleft $(BUILD)/elfleft))
$(eval $(call accuracy_part,licences,$(PYTHON) tests/accuracy/licences.py --elfleft $(BUILD)/elfleft --all))
$(eval $(call accuracy_part,debug-packages,\
	$(PYTHON) tests/accuracy/debug_packages.py --elfleft $(BUILD)/elfleft))
$(eval $(call accuracy_part,edges,$(PYTHON) tests/accuracy/edges.py --elfleft $(BUILD)/elfleft))
$(eval $(call accuracy_part,edges-root,\
	sh tests/accuracy/edges_root.sh $(EDGES_ROOT) && \
	$(PYTHON) tests/accuracy/edges.py --elfleft $(BUILD)/elfleft --root $(EDGES_ROOT)))
$(eval $(call accuracy_part,embedded,$(PYTHON) tests/accuracy/embedded.py --links 250 --build $(BUILD)))
$(eval $(call accuracy_part,confidence,\
	$(PYTHON) tests/accuracy/confidence.py --elfleft $(BUILD)/elfleft))
$(eval $(call accuracy_part,static-programs,\
	$(PYTHON) tests/accuracy/static_programs.py --elfleft $(BUILD)/elfleft))
$(eval $(call accuracy_part,static-programs-held,\
	$(PYTHON) tests/accuracy/static_programs.py --elfleft $(BUILD)/elfleft --held))
$(eval $(call accuracy_part,wheel-contents,\
	$(PYTHON) tests/accuracy/wheel_contents.py --elfleft $(BUILD)/elfleft))
$(eval $(call accuracy_part,inside,$(PYTHON) tests/accuracy/inside.py --elfleft $(BUILD)/elfleft))
$(eval $(call accuracy_part,compilers,$(PYTHON) tests/accuracy/compilers.py --build $(BUILD)))
$(eval $(call accuracy_part,cudart,$(PYTHON) tests/accuracy/cudart.py --elfleft $(BUILD)/elfleft))
$(eval $(call accuracy_part,variants,BUILD=$(BUILD) $(PYTHON) tests/verify.t variants))
$(eval $(call accuracy_part,verify,ELFLEFT=$(BUILD)/elfleft $(PYTHON) tests/accuracy/verify.py))

.PHONY: accuracy accuracy-tools
accuracy-tools: all $(UNIT_TOOLS) test-tools $(BUILD)/unit/test_device_mutations \
		$(BUILD)/unit/test_reach_properties $(BUILD)/unit/test_expression

accuracy: accuracy-tools
	@failed=; for part in $(ACCURACY); do \
		echo "== accuracy/$$part, $$(date +%T)"; \
		$(MAKE) --no-print-directory accuracy/$$part || failed="$$failed $$part"; \
	done; echo "== $$(date +%T)"; \
	[ -z "$$failed" ] || { echo "accuracy: not as it should be:$$failed"; exit 1; }

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
