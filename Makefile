# SPDX-License-Identifier: MIT
# One non-recursive Makefile; objects of each configuration live in build/<config>/, `build/chaland` links to the last one built.
# `make help` lists what there is.

CONFIG  ?= release
CC      ?= gcc
BUILD   := build/$(CONFIG)
PREFIX  ?= /usr/local
DESTDIR ?=

# pkg-config is asked only when something is compiled: a fresh machine has neither it nor the libraries before bootstrap.
PKGS       := hdf5-serial gsl yaml-0.1 zlib
PKG_CFLAGS  = $(eval PKG_CFLAGS := $(shell pkg-config --cflags $(PKGS) 2>/dev/null))$(PKG_CFLAGS)
PKG_LIBS    = $(eval PKG_LIBS := $(shell pkg-config --libs $(PKGS) 2>/dev/null))$(PKG_LIBS)
CHECK_LIBS  = $(eval CHECK_LIBS := $(shell pkg-config --libs check 2>/dev/null))$(CHECK_LIBS)

WARNINGS := -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wmissing-prototypes -Wstrict-prototypes -Wundef -Wvla \
            -Wwrite-strings -Wformat=2
ifdef CI
WARNINGS += -Werror
endif
STD      := -std=c11 -ffp-contract=off -fno-fast-math -fno-math-errno -ffile-prefix-map=$(CURDIR)=.
OPT_release := -O2 -g
OPT_debug   := -O1 -g -DCH_DEBUG
OPT_asan    := -O1 -g -DCH_DEBUG -fsanitize=address -fno-omit-frame-pointer
OPT_ubsan   := -O1 -g -DCH_DEBUG -fsanitize=undefined -fno-sanitize-recover=all
OPT_tsan    := -O1 -g -DCH_DEBUG -fsanitize=thread
OPT_clang   := -O2 -g
OPT_gcc0    := -O0 -g
ifneq ($(filter tsan clang,$(CONFIG)),)
CC := clang
endif
ifeq ($(OPT_$(CONFIG)),)
$(error unknown CONFIG '$(CONFIG)': release debug asan ubsan tsan clang gcc0)
endif
OPT := $(OPT_$(CONFIG))

GIT_COMMIT := $(shell git rev-parse --short=12 HEAD 2>/dev/null)
GIT_DIRTY  := $(shell git status --porcelain --untracked-files=no 2>/dev/null | head -1)

# What a run's result may depend on; two programs with the same digest share records of runs.
MODEL_DIRS := include/chaland models src/base src/table src/engine src/scenario src/city src/probe src/sim
MODEL_ID   := $(shell cat $(sort $(wildcard $(MODEL_DIRS:%=%/*.[ch]) models/models.def)) | sha256sum | cut -c1-16)

SRC       := $(sort $(wildcard src/*/*.c))
MODELS    := $(sort $(wildcard models/*.c))
LIB_OBJ   := $(patsubst %.c,$(BUILD)/%.o,$(filter-out src/app/main.c,$(SRC)) $(MODELS)) $(BUILD)/src/report/parts.o
TESTS     := $(patsubst tests/%.c,$(BUILD)/tests/%,$(sort $(wildcard tests/unit/test_*.c tests/property/test_*.c tests/stat/test_*.c)))

.PHONY: all
all: build/chaland

# MPI=1, or MPI=openmpi, MPI=mpich: chaland-mpi, of the same objects but for one, see src/comm. HDF5 stays the serial one.
ifdef MPI
MPICC   ?= $(if $(filter 1,$(MPI)),mpicc,mpicc.$(MPI))
MPI_DIR := build/$(if $(filter 1,$(MPI)),mpi,$(MPI))$(if $(filter-out release,$(CONFIG)),-$(CONFIG))
all: $(MPI_DIR)/chaland-mpi
$(MPI_DIR)/chaland-mpi: $(BUILD)/src/app/main.o $(MPI_DIR)/comm.o $(BUILD)/libchaland.a
	$(MPICC) $(OPT) -fopenmp -o $@ $^ $(PKG_LIBS) -lhdf5_serial_hl -lmd -lm
$(MPI_DIR)/comm.o: src/comm/comm.c
	@mkdir -p $(@D)
	$(MPICC) $(STD) $(OPT) -Wall -Wextra -DCH_MPI -Iinclude -Isrc -MMD -MP -c -o $@ $<
-include $(MPI_DIR)/comm.d
endif

build/chaland: $(BUILD)/chaland FORCE
	@ln -sfn $(CONFIG)/chaland $@

# ---- compile --------------------------------------------------------------------------------------------------------
$(BUILD)/chaland: $(BUILD)/src/app/main.o $(BUILD)/libchaland.a
	$(CC) $(OPT) -fopenmp -o $@ $^ $(PKG_LIBS) -lhdf5_serial_hl -lmd -lm

$(BUILD)/libchaland.a: $(LIB_OBJ)
	@rm -f $@
	ar rcsD $@ $^

# Models see the public headers only, so the compiler keeps the layering.
$(BUILD)/models/%.o: models/%.c
	@mkdir -p $(@D)
	$(CC) $(STD) $(OPT) $(WARNINGS) -Iinclude -MMD -MP -c -o $@ $<

$(BUILD)/src/table/registry.o: models/models.def

# The three folders that need more than libc are named here, and nowhere else.
$(BUILD)/src/output/%.o: EXTRA = $(PKG_CFLAGS)
$(BUILD)/src/scenario/%.o: EXTRA = $(PKG_CFLAGS)
$(BUILD)/src/stats/%.o: EXTRA = $(PKG_CFLAGS)
$(BUILD)/src/engine/%.o: EXTRA = -fopenmp
$(BUILD)/src/sweep/%.o: EXTRA = -fopenmp
$(BUILD)/src/app/%.o: EXTRA = -fopenmp
$(BUILD)/src/base/together.o: EXTRA = -fopenmp
version_of = $(shell pkg-config --modversion $(1) 2>/dev/null)
$(BUILD)/src/base/build_info.o: EXTRA = -fopenmp -DCH_GIT_COMMIT='"$(GIT_COMMIT)"' -DCH_GIT_DIRTY=$(if $(GIT_DIRTY),1,0) \
    -DCH_MODEL_ID='"$(MODEL_ID)"' \
    -DCH_BUILD='"$(CONFIG)"' -DCH_FLAGS='"$(filter-out -ffile-prefix-map%,$(STD)) $(OPT)"' -DCH_PREFIX='"$(PREFIX)"' \
    -DCH_HDF5_VERSION='"$(call version_of,hdf5-serial)"' -DCH_GSL_VERSION='"$(call version_of,gsl)"' \
    -DCH_YAML_VERSION='"$(call version_of,yaml-0.1)"'
# Rebuilt when the commit, its cleanness or the prefix changes.
$(BUILD)/src/base/build_info.o: $(BUILD)/build_info.stamp
$(BUILD)/build_info.stamp: FORCE
	@mkdir -p $(@D)
	@echo '$(GIT_COMMIT) $(if $(GIT_DIRTY),1,0) $(PREFIX) $(MODEL_ID)' | cmp -s - $@ || \
	    echo '$(GIT_COMMIT) $(if $(GIT_DIRTY),1,0) $(PREFIX) $(MODEL_ID)' > $@

# The page of `chaland report` is built in.
PARTS := $(addprefix src/report/,page.html page.css uPlot.LICENSE uPlot.min.css uPlot.iife.min.js words.js charts.js maps.js page.js)
$(BUILD)/src/report/parts.c: src/report/embed $(PARTS)
	@mkdir -p $(@D)
	src/report/embed $(PARTS) > $@
$(BUILD)/src/report/parts.o: $(BUILD)/src/report/parts.c src/report/parts.h
	$(CC) $(STD) $(OPT) $(WARNINGS) -Isrc -c -o $@ $<

$(BUILD)/src/%.o: src/%.c
	@mkdir -p $(@D)
	$(CC) $(STD) $(OPT) $(WARNINGS) -Iinclude -Isrc $(EXTRA) -MMD -MP -c -o $@ $<

$(BUILD)/tests/%: tests/%.c $(BUILD)/libchaland.a
	@mkdir -p $(@D)
	$(CC) $(STD) $(OPT) $(WARNINGS) -Iinclude -Isrc $(PKG_CFLAGS) -MMD -MP -fopenmp -o $@ $< $(BUILD)/libchaland.a \
	    $(PKG_LIBS) -lhdf5_serial_hl $(CHECK_LIBS) -lmd -lm

-include $(wildcard $(BUILD)/src/*/*.d $(BUILD)/models/*.d $(BUILD)/tests/*/*.d)

.PHONY: tests clean FORCE
FORCE:
tests: $(TESTS)
clean: ## remove build/
	rm -rf build

# ---- what a newcomer types --------------------------------------------------------------------------------------------
.PHONY: demo check check-cluster science fuzz-engine fuzz-faults bench bench-peers asan ubsan tsan format lint docs picture large-log install uninstall help
demo: ## from a fresh machine to a first answer
	@scripts/bootstrap run
	@$(MAKE) --no-print-directory -s -j2 all
	build/chaland run scenarios/quickstart.yaml --force

check: ## from a fresh machine to all tests passed
	@scripts/bootstrap check
	@$(MAKE) --no-print-directory -j2 all tests
	@tests/run $(BUILD)

asan: ## the test suite under AddressSanitizer
	@scripts/bootstrap check
	@$(MAKE) --no-print-directory -j2 CONFIG=asan build/asan/chaland tests
	@tests/run build/asan sanitizer
ubsan: ## under UndefinedBehaviorSanitizer
	@scripts/bootstrap check
	@$(MAKE) --no-print-directory -j2 CONFIG=ubsan build/ubsan/chaland tests
	@tests/run build/ubsan sanitizer
tsan: ## under ThreadSanitizer: clang with libomp, whose Archer knows OpenMP
	@scripts/bootstrap check
	@$(MAKE) --no-print-directory -j2 CONFIG=tsan build/tsan/chaland tests
	@TSAN_OPTIONS=ignore_noninstrumented_modules=1 tests/run build/tsan sanitizer

check-cluster: ## sweeps on a private Slurm, GNU parallel, OpenMPI and MPICH: some ten minutes
	@scripts/bootstrap cluster || scripts/bootstrap run
	@$(MAKE) --no-print-directory -s -j2 all
	@tests/cluster/all $(BUILD) | tee build/check-cluster.log; ! grep -q '^FAIL' build/check-cluster.log

fuzz-engine: ## 500 random towns, event by event against the oracle; FIRST=1 CASES=500
	@scripts/bootstrap check
	@$(MAKE) --no-print-directory -s -j2 $(BUILD)/tests/property/test_towns
	@$(BUILD)/tests/property/test_towns $(or $(FIRST),1) $(or $(CASES),500)

fuzz-faults: ## results killed, starved and damaged at random places, for some ten minutes; SEED=...
	@scripts/bootstrap check
	@$(MAKE) --no-print-directory -s -j2 all
	@tests/faults/run $(BUILD) long $(or $(SEED),$(shell date +%s))

science: ## the findings of docs/SCIENCE.md, run again: at most two hours
	@scripts/bootstrap science
	@$(MAKE) --no-print-directory -s -j2 all
	@for script in scripts/science/s[0-9]_*.py; do echo "== $$script"; /usr/bin/python3 $$script || exit 1; done
bench: ## speed, as ratios against a 4-ary heap and the peers that the distribution ships, in the same run
	@scripts/bootstrap bench || scripts/bootstrap run
	@$(MAKE) --no-print-directory -s -j2 all
	@scripts/bench/run
	@scripts/bench/peers --turns 3
bench-peers: ## the long ones: large cities, SUMO with Bluetooth, instructions per event
	@scripts/bootstrap bench || scripts/bootstrap run
	@$(MAKE) --no-print-directory -s -j2 all
	@scripts/bench/run long
	@scripts/bench/peers --long
	@if command -v valgrind >/dev/null; then scripts/bench/instructions --functions; else echo "valgrind is not installed: no instruction counts"; fi

FORMATTED = $(shell git ls-files 'src/*.[ch]' 'include/*.h' 'models/*.[ch]' 'tests/*.c')
format: ## let clang-format have its word
	@clang-format -i $(FORMATTED)
lint: ## formatting, layers, names, cppcheck if present
	@$(MAKE) --no-print-directory -s -j2 all
	@tests/house/run
	@if command -v cppcheck >/dev/null; then cppcheck -q --enable=warning,portability --inline-suppr \
	    --suppressions-list=tests/house/cppcheck --error-exitcode=1 -Iinclude -Isrc src models; fi
docs: all ## generated reference pages
	@build/chaland explain --reference docs/reference

large-log: all ## ten million moments, opened with xarray and pandas: what that takes
	@scripts/bootstrap readers
	@tests/readers/large $(BUILD)

picture: all ## the picture in the README, from a fresh run of the quickstart
	@scripts/bootstrap science
	@scripts/picture

# The manual page and completions, printed by the program.
WORDS := man/man1/chaland.1 bash-completion/completions/chaland zsh/site-functions/_chaland fish/vendor_completions.d/chaland.fish
install: all ## PREFIX=/usr/local DESTDIR=
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/share/chaland/scenarios/policies $(DESTDIR)$(PREFIX)/share/doc/chaland
	install -m 755 $(BUILD)/chaland $(DESTDIR)$(PREFIX)/bin/chaland
	install -m 644 scenarios/*.yaml $(DESTDIR)$(PREFIX)/share/chaland/scenarios
	install -m 644 scenarios/policies/*.yaml $(DESTDIR)$(PREFIX)/share/chaland/scenarios/policies
	install -d $(DESTDIR)$(PREFIX)/share/doc/chaland/reference $(DESTDIR)$(PREFIX)/share/doc/chaland/decisions \
		$(DESTDIR)$(PREFIX)/share/doc/chaland/examples
	install -m 644 README.md LICENSE src/report/uPlot.LICENSE docs/*.md $(DESTDIR)$(PREFIX)/share/doc/chaland
	install -m 644 docs/reference/*.md $(DESTDIR)$(PREFIX)/share/doc/chaland/reference
	install -m 644 docs/examples/*.yaml $(DESTDIR)$(PREFIX)/share/doc/chaland/examples
	install -m 644 docs/decisions/*.md $(DESTDIR)$(PREFIX)/share/doc/chaland/decisions
	install -m 644 scripts/chaland.py $(DESTDIR)$(PREFIX)/share/chaland
	install -m 755 scripts/venues_to_city.py $(DESTDIR)$(PREFIX)/share/chaland
	install -d $(addprefix $(DESTDIR)$(PREFIX)/share/,$(dir $(WORDS)))
	$(DESTDIR)$(PREFIX)/bin/chaland man > $(DESTDIR)$(PREFIX)/share/man/man1/chaland.1
	$(DESTDIR)$(PREFIX)/bin/chaland completion bash > $(DESTDIR)$(PREFIX)/share/bash-completion/completions/chaland
	$(DESTDIR)$(PREFIX)/bin/chaland completion zsh > $(DESTDIR)$(PREFIX)/share/zsh/site-functions/_chaland
	$(DESTDIR)$(PREFIX)/bin/chaland completion fish > $(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d/chaland.fish

uninstall: ## what install put there
	rm -f $(DESTDIR)$(PREFIX)/bin/chaland $(addprefix $(DESTDIR)$(PREFIX)/share/,$(WORDS))
	rm -rf $(DESTDIR)$(PREFIX)/share/chaland $(DESTDIR)$(PREFIX)/share/doc/chaland

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12
	@echo "CONFIG=release|debug|asan|ubsan|tsan|clang|gcc0  PREFIX=/usr/local  MPI=1|openmpi|mpich: chaland-mpi, too (docs/SCALING.md)"
