#!/bin/sh
# Would break: the proof that work spread over hosts came together: a shard is missing, or is there twice.
: "${SRCDIR:=$(cd "$(dirname "$0")/../.." && pwd)}"
. "$SRCDIR/tests/tap.sh"

shard() { # I N: a stream of one record
    printf 'its-text 1\ntensor\tt%s\tu8\t1\n\t7\nend\t%s/%s\t0\n' "$1" "$1" "$2" | imgcat --from-text
}
for i in 1 2 3; do
    shard $i 3 >s$i.its
done
shard 1 2 >half.its
shard 4294967295 4294967295 >huge.its
printf 'its-text 1\ntensor\trest\tu8\t1\n\t7\nend\t0/0\t0\n' | imgcat --from-text >rest.its

whole() { # NAME FILE...
    name=$1
    shift
    status 0 "$name" imgcat --check -v "$@"
    cat "$@" >joined.its
    status 0 "$name, joined" imgcat --check joined.its
}
whole "all shards" s1.its s2.its s3.its
whole "in any order" s3.its s1.its s2.its
whole "one shard is an input by itself" s2.its
whole "and with a part that is no shard" s2.its rest.its
whole "parts that are no shards" rest.its rest.its

wrong() { # MESSAGE FILE...
    message=$1
    shift
    status 3 "$message" imgcat --check "$@"
    equals "$message: says so" "$(cat err)" "imgcat: $message"
    cat "$@" | imgcat --check -q 2>err
    equals "$message: joined, with -q" "$? $(cat err)" "3 imgcat: $message"
    imgcat --count "$@" >out 2>err
    equals "$message: is no damage to other work" "$? $(cat err)" "0 "
}
wrong "shard 1 of 3 is there twice; shard 2 of 3 is missing" s1.its s1.its s3.its
wrong "shards 1 to 2 of 3 are missing; shard 3 of 3 is there 3 times" s3.its s3.its s3.its
wrong "shard 3 of 3 is missing" s2.its s1.its
wrong "shard 2 of 3 is missing" s1.its rest.its s3.its
wrong "shards of 2 and of 3 are mixed; shard 2 of 2 is missing" s1.its s2.its s3.its half.its
wrong "shards 1 to 4294967294 of 4294967295 are missing; shard 4294967295 of 4294967295 is there twice" \
    huge.its huge.its
i=0
while [ $i -lt 24 ]; do
    i=$((i + 2))
    shard $i 30
done >gaps.its
status 3 "many gaps" imgcat --check gaps.its
contains "not all are told" err "shard 15 of 30 is missing; and 5 more of this kind"
tap_done
