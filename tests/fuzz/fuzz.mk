# make -f tests/fuzz/fuzz.mk build-fuzz/picture_fuzz (or another): a fuzz target under libFuzzer (needs clang); not part of
# make check.
#   build-fuzz/picture_fuzz -max_len=65536 FOLDER    small JPEGs, PNGs and PNMs, 6 bytes before each
#   build-fuzz/stream_fuzz -max_len=8192 FOLDER
#   build-fuzz/onnx_fuzz -max_len=4096 FOLDER
#   build-fuzz/table_fuzz -max_len=1024 FOLDER
SANITIZERS = address,undefined
ROOMS = base image image/formats image/filters image/augment stream table nn nn/ops
build-fuzz/%_fuzz: tests/fuzz/%_fuzz.c library
	clang -std=c11 -D_POSIX_C_SOURCE=200809L -Ilib -I. -g -O1 -fsanitize=fuzzer,$(SANITIZERS) -o $@ $< \
	    build-fuzz/libimgutils.a -larchive -ljpeg -lpng -lz -lm -pthread

# The rooms that the targets reach, as the Makefile builds them.
library:
	$(MAKE) B=build-fuzz CC=clang CFLAGS='-O1 -g -fsanitize=fuzzer-no-link,$(SANITIZERS)' build-fuzz/libimgutils.a \
	    LIB_C='$(filter-out lib/nn/net%,$(wildcard $(ROOMS:%=lib/%/*.c)))' ISA_C='$(wildcard $(ROOMS:%=lib/%/isa/*.c))'

.PHONY: library
