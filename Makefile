# imgutils: GNU make. Every .c under lib/ goes into one archive; every .c in tools/ but what several
# programs share is a program, and the .c of a folder tools/PROGRAM/ belong to it; nothing else is listed by
# hand, so a new file only has to be put in its room.
#
#   make               the programs, in build/bin
#   make check         every test (prove); make check T=tests/stream runs one folder
#   make conformance   compare with ONNX Runtime, Pillow ... (installs them into build/reference)
#   make static        the programs in build-static/bin, which need no library: for hosts with nothing on them
#   make lint          clang-format, clang-tidy, shellcheck, mandoc
#   make asan          make check under AddressSanitizer and UndefinedBehaviorSanitizer
#   make aarch64       cross-compile for AArch64 and run the C tests under qemu-user
#   make install       PREFIX=/usr/local DESTDIR=; without debug symbols
#   make clean

PREFIX  = /usr/local
DESTDIR =
CC      = gcc
B       = build
J       = 2

VERSION = 0.1.0
OPTIMISE = -O2 -g
WARN    = -Wall -Wextra -Werror -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wpointer-arith -Wvla
# -ffp-contract=off: the same arithmetic on every machine. Kernels that may fuse say so themselves.
CFLAGS  = $(OPTIMISE) $(WARN)
ALL_CFLAGS = -std=c11 -D_POSIX_C_SOURCE=200809L -ffp-contract=off -fno-math-errno -pthread \
             -DIMGUTILS_VERSION='"$(VERSION)"' -Ilib -I. $(CFLAGS) -MMD -MP
LDLIBS  = -larchive -ljpeg -lpng -lz -lm -pthread
# where all libraries are to be inside
STATIC_LDLIBS = -larchive -ljpeg -lpng -lz -lnettle -llzma -lzstd -llz4 -lbz2 -lm -pthread

# Kernels: one source, compiled once per instruction set (lib/base/isa.h).
MACHINE := $(shell $(CC) -dumpmachine)
ifneq (,$(filter x86_64-%,$(MACHINE)))
ISAS = x86_64 avx2 avx512
else ifneq (,$(filter aarch64-%,$(MACHINE)))
ISAS = neon
else
ISAS = generic
endif
KERNEL_CFLAGS = -O3 -ffp-contract=fast -fno-math-errno -fno-trapping-math
ISA_x86_64  =
ISA_avx2    = -mavx2 -mfma -mpclmul
ISA_avx512  = -mavx2 -mfma -mpclmul -mavx512f -mavx512vl -mavx512dq -mavx512bw -mprefer-vector-width=512
# gcc's scheduler before register allocation moves loads so far up that registers run out
ISA_neon    = $(if $(findstring clang,$(CC)),,-fno-schedule-insns)
ISA_generic =

LIB_C    := $(sort $(wildcard lib/*/*.c lib/image/formats/*.c lib/image/filters/*.c lib/image/augment/*.c \
                     lib/nn/kernels/*.c lib/nn/ops/*.c lib/nn/netfile/*.c \
                     lib/nn/train/*.c lib/nn/train/layers/*.c lib/nn/train/data/*.c lib/stats/plot/*.c lib/stats/report/*.c))
ISA_C    := $(sort $(wildcard lib/*/isa/*.c lib/*/*/isa/*.c))
LIB_O    := $(LIB_C:%.c=$(B)/%.o) $(foreach i,$(ISAS),$(ISA_C:%.c=$(B)/%.$(i).o))
# what several programs share is linked into each
TOOL_SHARED = tools/tool.c tools/network.c tools/published.c
TOOL_C   := $(sort $(filter-out $(TOOL_SHARED),$(wildcard tools/*.c)))
TOOLS    := $(TOOL_C:tools/%.c=$(B)/bin/%)
HELPER_C := $(sort $(wildcard scripts/*.c))
HELPERS  := $(HELPER_C:scripts/%.c=$(B)/bin/%)
TEST_C   := $(sort $(wildcard tests/*/*_test.c tests/nn/*/*_test.c))
TESTS    := $(TEST_C:%.c=$(B)/%)
MAN      := $(sort $(wildcard man/*.[1-8]))

all: $(TOOLS) $(HELPERS)

$(B)/libimgutils.a: $(LIB_O)
	@rm -f $@
	$(AR) rcs $@ $(LIB_O)

# An archive, so that a program carries the network only when it runs one.
$(B)/libtools.a: $(TOOL_SHARED:%.c=$(B)/%.o)
	@rm -f $@
	$(AR) rcs $@ $^

$(TOOLS): $(B)/bin/%: $(B)/tools/%.o $(B)/libtools.a $(B)/libimgutils.a
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) $(LDFLAGS) -o $@ $(filter %.o,$^) $(filter %.a,$^) $(LDLIBS)
$(foreach c,$(wildcard tools/*/*.c),$(eval $(B)/bin/$(patsubst tools/%/,%,$(dir $(c))): $(c:%.c=$(B)/%.o)))

STATIC_TOOLS := $(TOOLS:$(B)/bin/%=$(B)-static/bin/%)
$(STATIC_TOOLS): $(B)-static/bin/%: $(B)/bin/% $(B)/lib/source/static/no_xar.o
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) $(LDFLAGS) -static -s -o $@ $(B)/tools/$*.o \
	    $(patsubst %.c,$(B)/%.o,$(wildcard tools/$*/*.c)) $(B)/lib/source/static/no_xar.o \
	    $(B)/libtools.a $(B)/libimgutils.a $(STATIC_LDLIBS)

$(HELPERS): $(B)/bin/%: $(B)/scripts/%.o $(B)/libimgutils.a
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) $(LDFLAGS) -o $@ $^ $(LDLIBS)

$(TESTS): $(B)/tests/%: $(B)/tests/%.o $(B)/libimgutils.a
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) $(LDFLAGS) -o $@ $^ $(LDLIBS)

$(B)/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -c -o $@ $<

define isa_rule
$(B)/lib/$(2)/isa/%.$(1).o: lib/$(2)/isa/%.c
	@mkdir -p $$(@D)
	$$(CC) $$(ALL_CFLAGS) $$(KERNEL_CFLAGS) $$(ISA_$(1)) -DISA=$(1) -c -o $$@ $$<
endef
$(foreach i,$(ISAS),$(foreach room,base image table nn/kernels,$(eval $(call isa_rule,$(i),$(room)))))

# The report's style sheet and script, a string of C for each line.
PAGE_PARTS = $(patsubst %,$(B)/%.inc,lib/stats/report/report.css lib/stats/report/report.js)
$(PAGE_PARTS): $(B)/%.inc: %
	@mkdir -p $(@D)
	sed 's/[\\"]/\\&/g; s/.*/"&",/' $< >$@
$(B)/lib/stats/report/report_files.o: ALL_CFLAGS += -I$(B)/lib
$(B)/lib/stats/report/report_files.o: $(PAGE_PARTS)

# T=FOLDER or T=FILE.t: only those tests.
T = tests
check: all $(TESTS)
	B=$(B) J=$(J) sh tests/run $(T)

conformance: all
	B=$(B) sh tests/conformance/run

static: $(STATIC_TOOLS)

asan:
	$(MAKE) B=build-asan OPTIMISE='-O1 -g' \
	    CFLAGS='-O1 -g $(WARN) -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer' check T='$(T)'

aarch64:
	MAKE='$(MAKE)' J=$(J) sh scripts/aarch64 '$(T)'

lint: $(PAGE_PARTS)
	B=$(B) sh scripts/lint

install: all
	mkdir -p $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/share/imgutils/models
	for d in 1 5 7; do mkdir -p $(DESTDIR)$(PREFIX)/share/man/man$$d; done
	install -s -m 755 $(TOOLS) $(DESTDIR)$(PREFIX)/bin
	install -m 755 scripts/getmodel scripts/img-map scripts/img-map-worker scripts/img-train-rounds scripts/img-bench $(DESTDIR)$(PREFIX)/bin
	install -m 644 scripts/img-common.sh $(DESTDIR)$(PREFIX)/bin
	for m in $(MAN); do install -m 644 $$m $(DESTDIR)$(PREFIX)/share/man/man$${m##*.}; done
	install -m 644 $(wildcard models/*) $(DESTDIR)$(PREFIX)/share/imgutils/models

clean:
	rm -rf build build-*

.PHONY: all static check conformance asan aarch64 lint install clean
.SECONDARY:
.DELETE_ON_ERROR:

-include $(shell find $(B) -name '*.d' 2>/dev/null)
