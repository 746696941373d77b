# make -f tests/fuzz/picture.mk: the picture decoders and the rest of imgprep's way under libFuzzer (needs clang); not
# part of make check.   build-fuzz/picture_fuzz -max_len=65536 CORPUS-FOLDER (of small JPEGs, PNGs, PNMs)
FLAGS = -std=c11 -D_POSIX_C_SOURCE=200809L -Ilib -I. -pthread -g -O1 -fsanitize=fuzzer,address,undefined
build-fuzz/picture_fuzz: tests/fuzz/picture_fuzz.c $(wildcard lib/image/*.[ch] lib/base/*.[ch])
	mkdir -p build-fuzz
	clang $(FLAGS) -o $@ tests/fuzz/picture_fuzz.c lib/image/*.c lib/base/*.c -larchive -ljpeg -lpng -larchive -lz -lm
