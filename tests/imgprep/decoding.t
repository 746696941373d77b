#!/bin/sh
# If this fails, a way to decode does not do what imgprep(1) says: orientation, background, boxes, padding, --fast, limits.
: "${SRCDIR:=$(cd "$(dirname "$0")/../.." && pwd)}"
. "$SRCDIR/tests/tap.sh"

mkdir in turned clear
printf 'P5 4 2 255\n\001\002\003\004\005\006\007\010' >in/a.pgm
printf 'P5 2 2 255\n\001\002\003\004' >in/b.pgm
printf 'P5 1 4 255\n\001\002\003\004' >in/c.pgm
# png FILE COLOUR-TYPE ORIENTATION BYTES...: 2x1 pixels
cat >png.py <<'END'
import struct, sys, zlib

def chunk(name, data):
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

path, colour, orientation, pixels = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), bytes(map(int, sys.argv[4:]))
exif = b"MM\0*\0\0\0\10\0\1" + struct.pack(">HHIHH", 274, 3, 1, orientation, 0)
with open(path, "wb") as file:
    file.write(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 2, 1, 8, colour, 0, 0, 0)))
    file.write((chunk(b"eXIf", exif) if orientation else b"") + chunk(b"IDAT", zlib.compress(b"\0" + pixels)) + chunk(b"IEND", b""))
END
python3 png.py turned/a.png 0 6 10 20 # upright: 10 over 20
python3 png.py turned/b.png 0 2 10 20 # upright: 20 10
python3 png.py turned/c.png 0 9 10 20 # no orientation
python3 png.py clear/a.png 6 0 200 100 50 255 200 100 50 51
python3 png.py clear/b.png 4 0 200 0 100 128
for folder in in turned clear; do imgextract --label none -o $folder.its $folder 2>err; done
imgextract --label none -o one.its in/a.pgm 2>err

# gives NAME VALUES STREAM OPTION...: the values of all pictures
gives() {
    gives_name=$1 gives_values=$2 gives_stream=$3
    shift 3
    imgprep -q -o out.its "$@" "$gives_stream" 2>err
    equals "$gives_name" "$(imgcat --text out.its | grep "^$(printf '\t')" | tr -s '\t\n' ' ')" " $gives_values "
}
gives '--exif ignore is the default' '10 20 10 20 10 20' turned.its --preset none --colour grey
gives '--exif apply' '10 20 20 10 10 20' turned.its --preset none --colour grey --exif apply
imgcat out.its >listing
contains '--exif apply: width and height are those upright' listing "$(printf '\twidth=1\theight=2')"
contains '--exif in the recipe' listing ' exif=apply '
gives 'alpha is dropped' '200 100 50 200 100 50 200 200 200 100 100 100' clear.its --preset none
gives '--background' '200 100 50 40 20 10 0 0 0 50 50 50' clear.its --preset none --background 0
gives '--background R,G,B' '200 100 50 48 52 74 10 40 80 55 70 90' clear.its --preset none --background 10,40,80
gives '--background V, grey' '124 25 0 50' clear.its --preset none --background 0 --colour grey

# boxed BOX: the first picture with this box
boxed() {
    printf 'name,x0,y0,x1,y1\na,%s\n' "$1" >boxes.csv
    imgjoin -q -t boxes.csv --box x0,y0,x1,y1 -o boxed.its one.its
}
boxed 0.25,0,0.75,1
gives 'the attribute box is cut' '2 3 6 7' boxed.its --preset none --colour grey
imgcat out.its >listing
contains 'width and height are those of the whole' listing "$(printf '\twidth=4\theight=2')"
contains 'the box stays' listing 'box=0.25,0,0.75,1'
gives '--box cut is the default' '2 3 6 7' boxed.its --preset none --colour grey --box cut
gives '--box ignore' '1 2 3 4 5 6 7 8' boxed.its --preset none --colour grey --box ignore
gives 'a box and --size' '5' boxed.its --size 1 --colour grey
gives 'a box and --short --crop' '2' boxed.its --short 2 --crop 1 --colour grey
boxed 0.3,0,0.35,1
status 1 'a box without pixels' imgprep --size 2 -o out.its boxed.its
contains 'is named' err "imgprep: in/a.pgm: the box 0.3,0,0.35,1 holds no pixel of the picture, 4x2"

gives '--fit keeps the proportions' '4 6' one.its --fit 2 --filter pil-box --colour grey
gives '--pad' '7 7 7 7 1 2 3 4 5 6 7 8 7 7 7 7' one.its --fit 4 --pad 7 --colour grey
gives '--pad R,G,B' '4 4 4 6 6 6 1 2 3 1 2 3' one.its --fit 2 --filter pil-box --pad 1,2,3

# --fast changes what is large enough, and nothing else; with a box, the box must be large enough.
drawshapes -n 2 -S 64-64 >shapes.tar
imgextract -o shapes.its shapes.tar
imgprep --short 32 -o full.its shapes.its
status 0 '--fast' imgprep --short 32 --fast -o fast.its shapes.its
imgcat fast.its >listing
contains '--fast is in the recipe' listing ' decoding=fast '
imgcat --text full.its | grep "^$(printf '\t')" >full
imgcat --text fast.its | grep "^$(printf '\t')" >fast
status 1 '--fast: other pixels where a picture halves' cmp -s full fast
imgprep --short 33 -o full.its shapes.its
imgprep --short 33 --fast -o fast.its shapes.its
imgcat --text full.its | grep "^$(printf '\t')" >full
imgcat --text fast.its | grep "^$(printf '\t')" >fast
same '--fast: the same pixels where half would be too small' fast full

# Limits.
head -c 3000000 /dev/zero | { printf 'P6 1000 1000 255\n' && cat; } >in/large.ppm
imgextract --label none -o large.its in/large.ppm 2>err
status 0 '3 MB of pixels within 3 MiB' imgprep --max-memory 3 --size 4 -o out.its large.its
status 1 '--max-memory' imgprep --max-memory 2 --size 4 -o out.its large.its
contains '--max-memory names the limit' err 'decoding the picture takes 3000000 bytes of memory, more than 2097152'
status 0 'a crop of it needs less' imgprep --max-memory 1 --crop 100 -o out.its large.its
tap_done
