#!/bin/sh
# Would break: hosts with nothing on them. The programs of `make static` run where there is no library, and do the same.
: "${SRCDIR:=$(cd "$(dirname "$0")/../.." && pwd)}"
. "$SRCDIR/tests/tap.sh"

no() {
    echo "1..0 # SKIP programs without libraries: $1"
    exit 0
}
case $B in *asan*) no "sanitizers need theirs" ;; esac
[ "$(id -u)" = 0 ] || no "not root, which chroot needs"
echo 'int main(void) { return 0; }' | gcc -static -x c -o x - -larchive -ljpeg -lpng -lz -lnettle -llzma -lzstd -llz4 -lbz2 2>why ||
    no "$(head -n 1 why)"
ok "make static" make -C "$SRCDIR" -s B="$B" static
cp -r "$B-static/bin" bin
size=$(cat bin/* | wc -c | awk '{ printf "%.1f", $1 / 1e6 }')
echo "# all programs together: $size MB"

mkdir empty
cp bin/* empty && cp "$SRCDIR/models/shapes.onnx" empty
drawshapes -n 30 -s 4 >a.tar
tar -xf a.tar && kinds="circle cross ring square star triangle"
alone() { # PROGRAM ARGUMENT...: with nothing but what is in the folder
    program=$1
    shift
    chroot empty "/$program" "$@"
}
imgextract a.tar | imgprep -m "$SRCDIR/models/shapes.onnx" | imgclassify -m "$SRCDIR/models/shapes.onnx" >expected
cp a.tar empty
alone imgextract a.tar | alone imgprep -m shapes.onnx | alone imgclassify -m shapes.onnx >got
same "the pipe, in a folder without any library" got expected
alone imgextract a.tar | alone imgprep --size 16 | alone imgtrain -n net -q -o - >/dev/null 2>err
contains "each program runs" err "imgtrain: "
for program in bin/*; do
    status 0 "${program#bin/} --version" alone "${program#bin/}" --version
done
if command -v bsdtar >/dev/null; then
    imgextract a.tar | imgcat | cut -f 1 | sort >expected
    for kind in zip 7zip cpio iso9660; do
        # shellcheck disable=SC2086 # folders
        bsdtar --format $kind -cf empty/b $kinds
        alone imgextract b | imgcat | cut -f 1 | sort >got
        same "$kind" got expected
    done
    for filter in gzip bzip2 xz lzma zstd lz4 compress; do
        # shellcheck disable=SC2086
        bsdtar --$filter -cf empty/b $kinds 2>/dev/null || continue
        alone imgextract b | imgcat | cut -f 1 | sort >got
        same "tar with $filter" got expected
    done
    # shellcheck disable=SC2086
    bsdtar --format xar -cf empty/b $kinds
    status 3 "xar is refused" alone imgextract -o x.its b
else
    skip "kinds of archives" "no bsdtar"
fi
tap_done
