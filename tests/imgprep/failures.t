#!/bin/sh
# If this fails, a picture that cannot be decoded is lost, stops the others, or costs more than its share.
: "${SRCDIR:=$(cd "$(dirname "$0")/../.." && pwd)}"
. "$SRCDIR/tests/tap.sh"

drawshapes -n 8 -s 4 >shapes.tar
mkdir in
tar xf shapes.tar
find . -path ./in -prune -o -name '*.jpg' -print | sort | while read -r file; do
    cp "$file" "in/$(basename "$file")"
done
first=$(find in -name '*.jpg' | sort | head -n 1)
head -c 900 "$first" >in/10-cut.jpg
head -c 30 "$first" >in/11-header.jpg
: >in/12-empty.jpg
printf 'GIF89a\1\0\1\0' >in/13-gif.gif
printf 'RIFF\044\0\0\0WEBPVP8 ' >in/14-webp.webp
printf 'P6 3 3 255\nabc' >in/15-short.ppm
# A header of 62994x65284 pixels, and nothing behind it.
printf '\377\330\377\302\0\013\010\377\004\366\022\001\001\021\0\377\332\0\010\001\001\0\0\0\0\0\377\331' >in/16-bomb.jpg
# A file of random bytes with a JPEG's beginning.
printf '\377\330\377\340garbage and no more' >in/17-garbage.jpg
imgextract in >in.its 2>err
count=$(imgcat --count in.its | head -n 1)

status 1 'some pictures fail: exit 1' imgprep --size 16 -j 1 -o one.its in.its
imgcat one.its >listing
equals 'as many records out as in' "$(imgcat --count one.its | head -n 1)" "$count"
equals 'eight pictures' "$(grep -c "$(printf '\ttensor\tu8\t16x16x3\t')" listing)" 8
equals 'the others are error records' "$(grep -c "$(printf '\terror\t')" listing)" "$((count - 8))"
told() { # KEY TEXT
    contains "$1 is named on standard error" err "imgprep: $1: $2"
    grep "^$1" listing >row
    contains "$1: its error record says why" row "stage=imgprep	error=$2"
}
status 1 'again, to see the messages' imgprep --size 16 -o again.its in.its
told 10-cut.jpg 'JPEG: Premature end of JPEG file'
told 11-header.jpg 'JPEG: Premature end of JPEG file'
told 13-gif.gif 'GIF files are not supported, expected JPEG, PNG or PNM'
told 14-webp.webp 'WebP files are not supported'
told 15-short.ppm 'PNM: 3 bytes of pixels, expected 27'
told 16-bomb.jpg 'the picture is 62994x65284, more than 178956970 pixels'
told 17-garbage.jpg 'JPEG: '
status 1 '-j 4 with failures' imgprep --size 16 -j 4 -o four.its in.its
same '-j 1 and -j 4 give the same bytes, failures included' four.its one.its
status 1 '-q is silent, the exit status is not' imgprep -q --size 16 -o quiet.its in.its
equals '-q is silent' "$(cat err)" ''
status 1 '--strict stops at the first failure' imgprep --strict --size 16 -o strict.its in.its
status 1 '--strict leaves no result' test -e strict.its

status 1 '--jpeg-warnings ignore' imgprep --jpeg-warnings ignore --size 16 -o lenient.its in.its
imgcat lenient.its >listing
grep '^10-cut' listing >row
contains 'takes what there is of a cut JPEG' row "$(printf '\ttensor\t')"
status 1 '--jpeg-warnings record' imgprep --jpeg-warnings record --size 16 -o record.its in.its
imgcat record.its >listing
equals '--jpeg-warnings record: the attribute warning, of the cut ones only' "$(grep -c 'warning=' listing)" \
    "$(grep -c "$(printf '^1[01]-.*\ttensor\t.*\twarning=Premature end of JPEG file')" listing)"
grep '^10-cut' listing >row
contains 'says what was found' row 'warning=Premature end of JPEG file'
imgcat --text record.its | grep "^$(printf '\t')" >recorded
imgcat --text lenient.its | grep "^$(printf '\t')" >ignored
same '--jpeg-warnings record: the pixels of ignore' recorded ignored
status 1 '--jpeg-warnings error is the default' imgprep --jpeg-warnings error --size 16 -o again.its in.its
same 'error is the default' again.its one.its

status 1 '--max-pixels' imgprep --max-pixels 300 --size 16 -o small.its in.its
contains '--max-pixels names the limit' err 'more than 300 pixels'
status 1 'a crop that is larger than the pictures' imgprep --crop 2000 -o crop.its in.its
contains 'says so' err 'the crop 2000x2000 is larger than the picture'

status 1 'tensors are not prepared again' imgprep --size 8 -o twice.its one.its
contains 'it says so' err 'a tensor already, expected an encoded image'
equals 'none is lost' "$(imgcat --count twice.its | head -n 1)" "$count"

# A stream that was cut off gives the records that are whole, and exit 3.
head -c "$(($(wc -c <in.its) / 2))" in.its >cut.its
status 3 'an input that ends early' imgprep --size 16 -o part.its cut.its
ok 'what was whole is kept' test -s part.its.part
: >nothing.its
status 3 'an input of no bytes' imgprep --size 16 -o none.its nothing.its
status 4 'an input that is not there' imgprep --size 16 -o none.its absent.its

# The bomb costs neither memory nor time.
mkdir bomb
cp in/16-bomb.jpg bomb/
imgextract bomb >bomb.its 2>err
case $B in
*asan*) skip 'the bomb in 200 MB of memory' 'the address sanitizer reserves more' ;;
*)
    # shellcheck disable=SC3045 # dash and bash know ulimit -v
    status 1 'the bomb in 200 MB of memory' sh -c 'ulimit -v 200000; exec timeout 5 imgprep -j 1 --size 16 -o bomb.out bomb.its'
    ;;
esac
tap_done
