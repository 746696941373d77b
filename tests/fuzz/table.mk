# make -f tests/fuzz/table.mk: the tables' fuzz target under libFuzzer (needs clang); not part of make check.
#   build-fuzz/table_fuzz -max_len=1024 CORPUS-FOLDER
FLAGS = -std=c11 -D_POSIX_C_SOURCE=200809L -Ilib -I. -pthread -g -O1 -fsanitize=fuzzer,address,undefined
build-fuzz/table_fuzz: tests/fuzz/table_fuzz.c $(wildcard lib/table/*.[ch] lib/base/*.[ch])
	mkdir -p build-fuzz
	clang $(FLAGS) -o $@ tests/fuzz/table_fuzz.c lib/table/*.c lib/base/*.c -larchive -lz -lm
