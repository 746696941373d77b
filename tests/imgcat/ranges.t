#!/bin/sh
# Would break: work on one stream spread over hosts, each reading its bytes of it. A record would be lost or taken twice, or
# damage between two ranges would go unseen.
: "${SRCDIR:=$(cd "$(dirname "$0")/../.." && pwd)}"
. "$SRCDIR/tests/tap.sh"

part() { # FROM TO: a stream of records of different lengths
    awk -v from="$1" -v to="$2" 'BEGIN {
        print "its-text 1"
        for (i = from; i < to; i++) {
            bytes = i * 7 % 301 + 1; printf "tensor\tt%03d\tu8\t%d\n\t", i, bytes
            for (k = bytes; k > 0; k--) printf "%d ", (i + k) % 256
            print ""
        }
        print "end\t0/0\t0"
    }' | imgcat --from-text
}
{ part 0 40 && part 40 41 && part 41 41 && part 41 70; } >whole.its
size=$(wc -c <whole.its)

# Cuts FILE into N ranges: keys of all in their order in keys, exit statuses in codes, messages in said.
ranges() { # N FILE
    : >keys && : >codes && : >said
    range=0
    while [ $range -lt "$1" ]; do
        range=$((range + 1))
        imgcat --shard $range/"$1" "$2" 2>>said | cut -f 1 >>keys
        imgcat -q --shard $range/"$1" --check "$2" 2>/dev/null
        echo $? >>codes
    done
}
imgcat whole.its | cut -f 1 >expected
for n in 1 2 3 8 150; do
    ranges $n whole.its
    same "$n ranges: each record is in one" keys expected
    equals "$n ranges: each is whole" "$(sort -u codes)" 0
done

# Damage, wherever the borders are: what is read is what the whole gives, and one range tells it.
damage() { # NAME
    imgcat -q damaged.its 2>/dev/null | cut -f 1 >expected
    for n in 1 2 7 16; do
        ranges $n damaged.its
        same "$1, $n ranges: every good record is in one" keys expected
        equals "$1, $n ranges: it is told once" "$(wc -l <said)" 1
        ok "$1, $n ranges: exit 3" grep -qx 3 codes
    done
}
poke() { # OFFSET
    cp whole.its damaged.its
    printf '\377' | dd of=damaged.its bs=1 seek="$1" conv=notrunc 2>/dev/null
}
starts() { # the offsets of all records
    grep -obUaP '\x93ITS\r\n\x1a\n' whole.its | cut -d : -f 1
}
starts >offsets
middle=$(awk -v size="$size" '$1 > size / 2 { print; exit }' offsets)
poke $((middle + 20))
damage "a header behind the middle"
before=$(awk -v size="$size" '$1 <= size / 2 { last = $1 } END { print last }' offsets)
poke $((before + 20))
damage "a header before the middle"
poke $((middle + 140))
damage "a payload"
dd if=whole.its of=damaged.its bs=1 count=$((middle + 70)) 2>/dev/null
damage "a stream that was cut off in a record"
dd if=whole.its of=damaged.its bs=1 count="$middle" 2>/dev/null
damage "a stream that was cut off between records"

for n in 1 2 3; do imgcat --shard $n/3 --its -o r$n.its whole.its; done
status 0 "--its says which shard it is" imgcat --check r1.its r2.its r3.its
status 3 "one is missing" imgcat --check r1.its r3.its
contains "it is named" err "shard 2 of 3 is missing"
imgcat --shard 2/3 --slice 1:3 --its whole.its >some.its
imgcat --shard 2/3 whole.its | sed -n 2,3p >expected
imgcat some.its >got
same "--slice counts within the shard" got expected
status 0 "and is no shard" imgcat --check some.its r1.its
: >empty.its
status 3 "a file of no bytes" imgcat --shard 2/3 empty.its
status 2 "standard input has no ranges" imgcat --shard 1/2
status 2 "nor has a pipe" sh -c 'cat whole.its | imgcat --shard 1/2 /dev/stdin'
contains "a pipe: says what is wanted" err "only of a file"
status 2 "one file at a time" imgcat --shard 1/2 whole.its whole.its
status 2 "no text of a part" imgcat --shard 1/2 --text whole.its
for bad in 0/2 3/2 1 1/ /2 a/b 1/0; do
    status 2 "--shard $bad" imgcat --shard $bad whole.its
done
tap_done
