# Networks and pictures for the tests of imgclassify and imgfeat. shellcheck shell=sh
network() { # FILE KIND [KEY VALUE]...
    file=$1
    shift
    python3 "$SRCDIR/tests/imgclassify/model.py" "$@" >"$file"
}
# A picture of 4x4 pixels of one colour: network values are pixel / 10 - 10 by RECIPE.
picture() { # FILE R G B
    python3 -c 'import sys
sys.stdout.buffer.write(b"P6 4 4 255\n" + bytes(map(int, sys.argv[1:])) * 16)' "$2" "$3" "$4" >"$1"
}
prepare() {
    imgprep --preset none --scale 0.1 --mean 10 "$@"
}
