# make -f tests/fuzz/stream.mk: the stream's fuzz target under libFuzzer (needs clang); not part of make check.
#   build-fuzz/stream_fuzz -max_len=8192 CORPUS-FOLDER
FLAGS = -std=c11 -D_POSIX_C_SOURCE=200809L -Ilib -I. -pthread -g -O1 -fsanitize=fuzzer,address,undefined
build-fuzz/stream_fuzz: tests/fuzz/stream_fuzz.c $(wildcard lib/stream/*.[ch] lib/base/*.[ch])
	mkdir -p build-fuzz
	clang $(FLAGS) -o $@ tests/fuzz/stream_fuzz.c lib/stream/*.c lib/base/*.c -larchive -lz -lm
