#!/bin/sh
# If this fails, imgclassify or imgfeat keeps something of each record, and a long stream fills the memory.
: "${SRCDIR:=$(cd "$(dirname "$0")/../.." && pwd)}"
. "$SRCDIR/tests/tap.sh"

case $B in *asan*)
    echo '1..0 # SKIP the address sanitizer keeps freed memory'
    exit 0
    ;;
esac

imgtrain -n "$SRCDIR/models/logreg.net" --epochs 0 --input 3x8x8 --classes 6 -o small.onnx 2>/dev/null
drawshapes -n 100 -s 1 | imgextract | imgprep --size 8 -o pics.its

# copies N: the stream N times; streams concatenate.
copies() {
    i=0
    while [ "$i" -lt "$1" ]; do
        cat pics.its
        i=$((i + 1))
    done
}

# The peak resident set in KB of a program that reads N copies.
peak() {
    count=$1
    shift
    copies "$count" | python3 -c '
import resource, subprocess, sys
status = subprocess.call(sys.argv[1:])
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss if status == 0 else "exit %d" % status)' "$@"
}

for program in imgclassify imgfeat; do
    few=$(peak 10 $program -j 2 --force -m small.onnx -o /dev/null)
    many=$(peak 1000 $program -j 2 --force -m small.onnx -o /dev/null)
    echo "# $program: $few KB for 1,000 pictures, $many KB for 100,000"
    ok "$program takes the same memory within 5 %" test "$((many * 100))" -le "$((few * 105))"
done
tap_done
