#!/bin/sh
# IDX pairs (MNIST, Fashion-MNIST) and CIFAR-10 batches, made small here, and the real ones where they are at hand.
: "${SRCDIR:=$(cd "$(dirname "$0")/../.." && pwd)}"
. "$SRCDIR/tests/tap.sh"
make="python3 $SRCDIR/tests/imgextract/make.py"
labels() { imgextract "$@" 2>err | imgcat | cut -f5 | sed 's/^$/./' | tr '\n' ' '; }

$make idx-pictures >train-images-idx3-ubyte
$make idx-labels >train-labels-idx1-ubyte
all="0 1 2 3 4 5 6 7 8 9 0 1 "
none=". . . . . . . . . . . . "
equals "IDX: labels found by name" "$(labels train-images-idx3-ubyte)" "$all"
equals "IDX: keys" "$(imgextract train-images-idx3-ubyte | imgcat | cut -f1 | sed -n '1p;12p' | tr '\n' ' ')" "00000 00011 "
imgextract --limit 2 train-images-idx3-ubyte | imgcat --extract idx.d
{
    printf 'P5\n3 4\n255\n'
    python3 -c 'import sys; sys.stdout.buffer.write(bytes(range(12, 24)))'
} >expected
same "IDX: a picture is a PGM" idx.d/00001 expected
gzip -k train-images-idx3-ubyte
equals "IDX: .gz pictures, plain labels" "$(labels train-images-idx3-ubyte.gz)" "$all"
gzip train-labels-idx1-ubyte
equals "IDX: plain pictures, .gz labels" "$(labels train-images-idx3-ubyte)" "$all"
equals "IDX: a glob gives the labels file too, which is skipped" "$(labels train-*)" "$all$all"
contains "IDX: and counted" err "skipped 1: 1 no pictures"
equals "IDX: from standard input, no name, no labels" "$(labels - <train-images-idx3-ubyte)" "$none"
equals "IDX: --idx-labels" "$(labels --idx-labels train-labels-idx1-ubyte.gz - <train-images-idx3-ubyte.gz)" "$all"
equals "IDX: --label none" "$(labels --label none train-images-idx3-ubyte)" "$none"
printf '%s\n' T-shirt Trouser Pullover Dress Coat Sandal Shirt Sneaker Bag Boot >names
equals "IDX: --names" "$(labels --names names --limit 2 train-images-idx3-ubyte)" "T-shirt Trouser "
mkdir cut && gzip -dc train-images-idx3-ubyte.gz | head -c 100 >cut/train-images-idx3-ubyte
status 3 "IDX: cut off" imgextract -o x.its cut/train-images-idx3-ubyte
equals "IDX: the complete pictures are there" "$(imgcat --count x.its.part 2>/dev/null)" 7
contains "IDX: says how many there should be" err "ends after 7 of 12 pictures"
python3 -c 'import gzip,sys; sys.stdout.buffer.write(gzip.open("train-labels-idx1-ubyte.gz").read()[:7] + b"\5" + bytes(5))' >five
status 3 "IDX: another number of labels" imgextract --idx-labels five -o x.its train-images-idx3-ubyte
contains "IDX: says both" err "5 labels for 12 pictures"
printf '\0' >>train-images-idx3-ubyte
status 3 "IDX: bytes behind the last picture" imgextract -o x.its train-images-idx3-ubyte
printf '\0\0\15\3\0\0\0\1\0\0\0\1\0\0\0\1xxxx' >float
status 3 "IDX of floats" imgextract -o x.its float
contains "IDX of floats: says what was expected" err "IDX of type 0d"

$make cifar.bin >batch.bin
equals "CIFAR: names" "$(labels batch.bin)" "cat deer dog frog horse ship truck "
equals "CIFAR: --format cifar" "$(labels --format cifar - <batch.bin)" "cat deer dog frog horse ship truck "
imgextract --limit 1 batch.bin | imgcat --extract cifar.d
python3 -c 'import sys; sys.stdout.buffer.write(b"P6\n32 32\n255\n" + bytes([10, 20, 30]) * 1024)' >expected
same "CIFAR: a picture is a PPM" cifar.d/00000 expected
$make cifar-plain >cifar.tar.gz
equals "CIFAR in a tar.gz" "$(labels cifar.tar.gz | cut -d ' ' -f 1,2,8)" "airplane automobile horse"
equals "CIFAR in a tar.gz: keys" "$(imgextract -q cifar.tar.gz | imgcat | cut -f1 | sed -n 8p)" "cifar/test_batch.bin:00000"
equals "CIFAR in a tar.gz: all, and no more" "$(imgextract -q cifar.tar.gz | imgcat --count)" 14
$make cifar-names >cifar.tar.gz
equals "CIFAR: the names in batches.meta.txt" "$(labels cifar.tar.gz | cut -d ' ' -f 1,2,8)" "kind0 kind1 kind7"
tar -xf cifar.tar.gz
equals "CIFAR: batches.meta.txt beside the batch" "$(labels cifar/test_batch.bin | cut -d ' ' -f 1)" "kind7"
head -c 10000 batch.bin >cut.bin
status 3 "CIFAR: cut off" imgextract -o x.its cut.bin
equals "CIFAR: the complete pictures are there" "$(imgcat --count x.its.part 2>/dev/null)" 3

fashion=$SHARED/data/fashion-mnist
if [ -e "$fashion" ]; then
    imgextract "$fashion/t10k-images-idx3-ubyte.gz" >fashion.its
    equals "Fashion-MNIST: 10,000 pictures" "$(imgcat --count fashion.its)" 10000
    equals "Fashion-MNIST: 1,000 of each kind" \
        "$(imgcat fashion.its | cut -f5 | sort | uniq -c | awk '{print $2 ":" $1}' | tr '\n' ' ')" \
        "0:1000 1:1000 2:1000 3:1000 4:1000 5:1000 6:1000 7:1000 8:1000 9:1000 "
else
    skip "Fashion-MNIST" "no shared data"
fi
tap_done
