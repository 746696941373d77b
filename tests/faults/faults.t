#!/bin/sh
# Would break: what is on disk after a full disk, short memory or a bad cable. The n-th call of malloc, read,
# write ... fails, for n = 1, 2 ... until the program no longer gets so far. Each time the program must end with a
# message and a status other than 0, leave nothing under the name of -o, and no stream with a valid end mark on
# standard output; or the fault did no harm and the result is complete.
#
# FAULTS=all tries each n; otherwise from the 24th call on only one of eight is tried.
: "${SRCDIR:=$(cd "$(dirname "$0")/../.." && pwd)}"
. "$SRCDIR/tests/tap.sh"

if grep -q __asan_init "$B/bin/imgcat"; then
    echo "1..0 # SKIP the library of faults replaces malloc, as AddressSanitizer does"
    exit 0
fi
if ! "${CC:-cc}" -shared -fPIC -O1 -o fault.so "$SRCDIR/tests/faults/fault.c" 2>build.log; then
    echo "1..0 # SKIP the library of faults does not build here: $(head -n 1 build.log)"
    exit 0
fi

# One run with a fault: CALL N WHERE COMMAND...; the result goes to the file got (WHERE: pipe, through standard
# output; file, by -o), the messages to err.
faulty() {
    export FAULT_CALL="$1" FAULT_NTH="$2" FAULT_MARK=mark
    where=$3
    shift 3
    rm -f got got.* mark
    if [ "$where" = file ]; then
        LD_PRELOAD=$tap_dir/fault.so "$@" -o got >/dev/null 2>err </dev/null
    else
        LD_PRELOAD=$tap_dir/fault.so "$@" >got 2>err </dev/null
    fi
}

# Says what is wrong with the run of PROGRAM that ended with STATUS; nothing when all is well.
judge() { # STATUS PROGRAM WHERE CALL
    if [ "$1" -gt 128 ]; then
        echo "ended by signal $(($1 - 128))"
    elif [ "$1" = 0 ]; then
        cmp -s got good || echo "exit 0, and the result differs"
    elif [ "$3" = file ] && [ -e got ]; then
        echo "exit $1, and there is a file under the name of -o"
    elif [ "$1" = 1 ] && [ "$(imgcat --count got 2>&1)" = "$(imgcat --count good 2>&1)" ]; then
        : # short memory while one picture was decoded: the picture failed and was named, the others are there
    elif [ "$3:$4" = pipe:close ]; then
        : # all was written when close() told of the fault: the status says it
    elif [ "$3" = pipe ] && imgcat --check got >/dev/null 2>&1; then
        echo "exit $1, and standard output holds a valid end mark"
    elif [ "$1" = 2 ]; then
        echo "exit 2, wrong usage: $(head -n 1 err)"
    elif ! grep -q "^$2: " err; then
        echo "exit $1 without a message: $(head -n 1 err)"
    fi
    for left in got.*; do
        case $left in
        'got.*' | got.part) ;;
        *) echo "exit $1, and $left is left behind" ;;
        esac
    done
}

# Every fault of one kind of call.
inject_call() { # NAME CALL WHERE COMMAND...
    name=$1 call=$2 place=$3 n=1 wrong=''
    shift 3
    while :; do
        faulty "$call" $n "$place" "$@"
        code=$?
        [ -e mark ] || break
        found=$(judge $code "$1" "$place" "$call")
        [ -z "$found" ] || wrong="$wrong#   call $n: $found
"
        if [ $n -lt 24 ] || [ "${FAULTS:-}" = all ]; then n=$((n + 1)); else n=$((n + n / 8)); fi
    done
    [ -z "$wrong" ]
    tap_line $? "$name to a $place: $call fails (up to call $n)" || printf %s "$wrong" | head -n 5
}

inject() { # NAME COMMAND...: it writes to standard output and takes -o
    name=$1
    shift
    if ! "$@" >good 2>err </dev/null; then
        tap_line 1 "$name: works without a fault"
        sed 's/^/#   err: /' err | head -n 3
        return
    fi
    for call in malloc calloc realloc posix_memalign mmap read write close; do
        inject_call "$name" $call pipe "$@"
    done
    for call in posix_memalign write close rename; do
        inject_call "$name" $call file "$@"
    done
    for call in short eintr; do
        faulty $call 0 pipe "$@"
        same "$name: reads and writes are $call, and nobody notices" got good
    done
}

drawshapes -s 3 -n 8 -S 32-48 >shapes.tar
imgextract -o pics.its shapes.tar
imgprep --size 32 -o small.its pics.its
printf '1\ta\ta\t0.9\n2\tb\t!error\tbroken\n' >p.tsv

inject "imgextract" imgextract shapes.tar
inject "imgprep" imgprep -j 1 --size 32 pics.its
inject "imgprep -j 3" imgprep -j 3 --size 32 pics.its
inject "imgcat" imgcat pics.its
inject "imgcat --its" imgcat --its pics.its
inject "imgcat --tar" imgcat --tar pics.its
inject "imgcat --npy" imgcat --npy small.its
inject "imgcat --text" imgcat --text small.its
printf 'k,v\n00001,x\n00003,"y ""z"""\n00001,w\n' >k.csv
gzip -c k.csv >k.csv.gz
inject "imgjoin" imgjoin -q --distinct k,v -t k.csv.gz --on v -w 'v!=x' k.csv
inject "imgjoin of a stream" imgjoin -q -t k.csv --each --label v pics.its
inject "imgstats eval" imgstats eval p.tsv
inject "imgstats summary" imgstats summary small.its
inject "imgstats labels" imgstats labels pics.its
inject "imgtrain" imgtrain -q -j 1 -n "$SRCDIR/models/mlp.net" --epochs 1 --batch 4 small.its
model=$SRCDIR/models/shapes.onnx
if [ -f "$model" ]; then
    imgprep -m "$model" -o test.its pics.its
    inject "imgclassify" imgclassify -j 1 -m "$model" test.its
    inject "imgclassify -j 2" imgclassify -j 2 -m "$model" test.its
    inject "imgfeat" imgfeat -j 1 -m "$model" test.its
fi
tap_done
