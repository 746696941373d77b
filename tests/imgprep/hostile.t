#!/bin/sh
# If this fails, a picture that lies, or was spoiled, crashes imgprep, costs memory or time without end, gets lost, or what
# becomes of it depends on its neighbours.
: "${SRCDIR:=$(cd "$(dirname "$0")/../.." && pwd)}"
. "$SRCDIR/tests/tap.sh"

drawshapes -n 1 -S 90-90 >shapes.tar
tar -xf shapes.tar
find . -name '*.jpg' -exec mv {} one.jpg \;
PYTHONPATH=$SRCDIR/tests/conformance/support PYTHONDONTWRITEBYTECODE=1 python3 "$SRCDIR/tests/imgprep/hostile.py" one.jpg >hostile.its
count=$(imgcat --count hostile.its | head -n 1)
ok 'there are hundreds of them' test "$count" -gt 800

limit='ulimit -v 400000'
case $B in *asan*) limit=: ;; esac # the address sanitizer reserves more
while read -r options; do
    # shellcheck disable=SC2086 # the options are words
    status 1 "in 400 MB and 60 s: $options" sh -c "$limit; exec timeout 60 imgprep -q -j 1 $options -o one.its hostile.its"
    equals 'none is lost' "$(imgcat --count one.its | head -n 1)" "$count"
    # shellcheck disable=SC2086
    imgprep -q -j 4 $options -o four.its hostile.its
    same 'its neighbours, and the threads, do not matter' four.its one.its
    imgcat one.its | grep "$(printf '\terror\t')" >errors
    ok 'each has its reason' sh -c '! grep -v "error=." errors'
done <<'END'
--size 16 --box ignore
--size 16
--short 20 --crop 18 --fast --exif apply --jpeg-warnings record --box ignore
--fit 9x30 --pad 1,2,3 --background 0 --exif apply --fast --jpeg-warnings ignore
--preset none --colour grey --max-pixels 100000 --max-memory 1 --upsampling plain --dct ifast --jpeg-warnings ignore
END

# What is whole, or harmless, is taken; what is not, is not, and says why.
imgprep -q --size 16 --box ignore -o all.its hostile.its
imgcat all.its >listing
taken() { grep "$(printf '^%s\ttensor\t' "$1")" listing >row; ok "taken: $1" test -s row; }
refused() { grep "$(printf '^%s\terror\t' "$1")" listing >row; contains "refused: $1" row "error=$2"; }
for key in jpeg png ppm scans jpeg-twice png-zTXt png-iCCP png-much png-much-interlaced png-more-than-it-says scans-100 exif-1; do
    taken $key
done
equals 'whatever the EXIF' "$(grep -c "$(printf '^exif-[0-9]*\ttensor\t')" listing)" 60
equals 'nothing that was cut' "$(grep -c -e "$(printf -- '-cut-[0-9]*\ttensor\t')" listing)" 0
equals 'no PNG that was spoiled' "$(grep -c "$(printf '^png-spoiled-[0-9]*\ttensor\t')" listing)" 0
refused scans-101 'JPEG: more than 100 scans'
refused scans-3000 'JPEG: more than 100 scans'
refused frame-0x0 'JPEG: Empty JPEG image'
refused frame-65535x65535 'JPEG: Maximum supported image dimension'
refused png-2147483647x2147483647 'the picture is 2147483647x2147483647, more than 178956970 pixels'
refused png-0x1 'PNG: Invalid IHDR'
refused ppm-0x1 'the picture is 0x1: it has no pixels'
refused ppm-100000x1789 'PNM: 100 bytes of pixels, expected'
refused jpeg-without-tables 'JPEG: Quantization table 0x00 was not defined'

# Memory that the system refuses is not the picture's fault.
case $B in
*asan*) skip 'exit 4 without memory' 'the address sanitizer reserves more' ;;
*)
    imgcat --its --key scans-2 -o large.its hostile.its
    # shellcheck disable=SC3045 # dash and bash know ulimit -v
    status 4 'exit 4 without memory' sh -c 'ulimit -v 30000; exec imgprep -j 1 --box ignore --size 16 -o no.its large.its'
    contains 'it says so' err 'out of memory'
    ;;
esac
tap_done
