# make -f tests/fuzz/onnx.mk: the ONNX fuzz target under libFuzzer (needs clang); not part of make check.
#   build-fuzz/onnx_fuzz -max_len=4096 CORPUS-FOLDER
FLAGS = -std=c11 -D_POSIX_C_SOURCE=200809L -Ilib -I. -pthread -g -O1 -fsanitize=fuzzer,address,undefined
SOURCES = tests/fuzz/onnx_fuzz.c $(filter-out lib/nn/net%,$(wildcard lib/nn/*.c)) $(wildcard lib/nn/ops/*.c lib/base/*.c)
build-fuzz/onnx_fuzz: $(SOURCES) $(wildcard lib/nn/*.h lib/nn/ops/*.h lib/base/*.h)
	mkdir -p build-fuzz
	clang $(FLAGS) -o $@ $(SOURCES) -larchive -lm
