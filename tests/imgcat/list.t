#!/bin/sh
# Would break: what people and scripts see of a stream: listing, count, checksum, check, choice of records.
: "${SRCDIR:=$(cd "$(dirname "$0")/../.." && pwd)}"
. "$SRCDIR/tests/tap.sh"
. "$SRCDIR/tests/imgcat/streams.sh"
tab=$(printf '\t')
make_pets
make_numbers

cat >want <<TEXT
cats/1.jpg${tab}image${tab}-${tab}-${tab}cat${tab}src=pets.tar
dogs/2.jpg${tab}image${tab}-${tab}-${tab}dog
dogs/3${tab}tensor${tab}f32${tab}2x2${tab}dog
cats/4${tab}tensor${tab}f32${tab}2x2${tab}cat
dogs/5${tab}error${tab}-${tab}-${tab}dog${tab}stage=imgprep${tab}error=no JPEG
TEXT
status 0 "a stream is listed" imgcat pets.its
same "key, kind, type, shape, label, attributes" out want
status 0 "from standard input too" imgcat <pets.its
same "the same" out want
status 0 "with -j 4" imgcat -j 4 pets.its
same "the same" out want
status 0 "into a file" imgcat -o listing pets.its
same "the same" listing want

printf 'its-text 1\nkind77\tk\\ty\tu8\t3x2\t0\t2\n\t0102\nend\t0/0\t0\n' | imgcat --from-text >odd.its
imgcat odd.its >got
equals "an unknown kind, and a tab in a key" "$(cat got)" "k\\ty${tab}kind77${tab}u8${tab}3x2${tab}"

choice() { # NAME WANT OPTION...
    choice_name=$1 choice_want=$2
    shift 2
    equals "$choice_name" "$(imgcat "$@" | cut -f 1 | tr '\n' ' ')" "$choice_want"
}
choice "--slice 2:4" "t2 t3 " --slice 2:4 numbers.its
choice "--slice 8:" "t8 t9 " --slice 8: numbers.its
choice "--slice :2" "t0 t1 " --slice :2 numbers.its
choice "--slice over two files" "t9 t0 " --slice 9:11 numbers.its numbers.its
choice "--slice past the end" "" --slice 20:30 numbers.its
choice "--slice of nothing" "" --slice 3:3 numbers.its
choice "--key" "t7 " --key t7 numbers.its
choice "--key with a pattern" "dogs/2.jpg dogs/3 dogs/5 " --key 'dogs/*' pets.its
choice "--key twice" "cats/1.jpg dogs/3 cats/4 " --key 'cats/*' --key dogs/3 --slice 0:5 pets.its pets.its
choice "--key and --slice" "t5 " --key 't[45]' --slice 5:10 numbers.its
printf 'its-text 1\nerror\ta[1]\nend\t0/0\t0\n' | imgcat --from-text >bracket.its
choice "a key that looks like a pattern" "a[1] " --key 'a[1]' bracket.its

equals "--count" "$(imgcat --count pets.its numbers.its)" 15
equals "--count of a slice" "$(imgcat --count --slice 3:8 numbers.its)" 5
equals "--count of keys" "$(imgcat --count --key 'cats/*' pets.its)" 2

imgcat --its --slice 5: numbers.its >second.its
imgcat --its --slice :5 numbers.its >first.its
ok "a slice as a stream is whole" imgcat --check first.its second.its
equals "--checksum knows no order" "$(imgcat --checksum second.its first.its)" "$(imgcat --checksum numbers.its)"
equals "--checksum sees one bit" \
    "$(imgcat --text numbers.its | sed 's/9 0 -9/9 0 -8/' | imgcat --from-text | imgcat --checksum | cut -f 2-)" \
    "$(imgcat --checksum numbers.its | cut -f 2-)"
ok "in the contents" test "$(imgcat --text numbers.its | sed 's/9 0 -9/9 0 -8/' | imgcat --from-text |
    imgcat --checksum | cut -f 1)" != "$(imgcat --checksum numbers.its | cut -f 1)"
equals "records, errors and bytes" "$(imgcat --checksum pets.its | cut -f 3-)" "5${tab}1${tab}39"

status 0 "--check" imgcat --check pets.its
equals "is silent" "$(cat out err)" ""
status 0 "--check -v" imgcat --check -v pets.its
contains "gives a summary" err "5 records, 1 of them errors, 39 payload bytes, 1 end marks, 0 losses"

printf 'its-text 1\nend\t2/7\t0\n' | imgcat --from-text >shard.its
imgcat --its shard.its | imgcat --text >got
contains "--its keeps the shard" got "end${tab}2/7${tab}0"
imgcat --its --slice 0:9 shard.its | imgcat --text >got
contains "a slice is no shard" got "end${tab}0/0${tab}0"

while read -r what; do
    # shellcheck disable=SC2086 # words
    status 2 "refused: $what" imgcat $what pets.its
done <<'TEXT'
--slice 3
--slice a:b
--slice -3:
--check --count
--check --slice 0:1
--checksum --key k
--text --key k
--from-text --key k
--max-payload 0
--max-payload x
-j 0
TEXT
status 4 "a file that is not there" imgcat no-such-file
contains "is named" err "no-such-file"
tap_done
