#!/bin/sh
# Would break: `cat a.zip b.tar | imgextract` gives the first archive's pictures and is silent about the second.
: "${SRCDIR:=$(cd "$(dirname "$0")/../.." && pwd)}"
. "$SRCDIR/tests/tap.sh"
make="python3 $SRCDIR/tests/imgextract/make.py"
for kind in tar zip cpio; do
    $make $kind >a.$kind
done
$make tar.gz >a.gz
mkdir folder
if command -v bsdtar >/dev/null; then
    tar -xf a.tar -C folder
    bsdtar --format 7zip -cf a.7z -C folder .
fi

both() { # STATUS RECORDS NAME COMMAND...: of a file, and of a pipe; 7z is for files only
    code=$1 want="$1 $2" name=$3
    shift 3
    "$@" >joined
    imgextract joined 2>err >joined.its
    equals "$name" "$? $(imgcat --count joined.its 2>/dev/null)" "$want"
    [ "$code" = 0 ] || contains "$name: told" err "$told"
    [ "$pipe" = 1 ] || return
    "$@" | imgextract 2>err >joined.its
    equals "$name, from a pipe" "$? $(imgcat --count joined.its 2>/dev/null)" "$want"
    [ "$code" = 0 ] || contains "$name, from a pipe: told" err "$told"
}
padded() {
    cat "$@"
    head -c 3000 /dev/zero
}
big() { # a zip whose directory is further from the end than a block
    cat a.zip
    head -c 1500000 /dev/zero
    printf x
}
for kind in zip cpio 7z; do
    pipe=1
    [ $kind != 7z ] || pipe=0
    if [ ! -e a.$kind ]; then
        skip "$kind" "no bsdtar"
        continue
    fi
    told="more bytes stand behind the end of the $kind"
    both 0 15 "$kind" cat a.$kind
    both 0 15 "$kind and zeros" padded a.$kind
    both 3 15 "$kind, tar" cat a.$kind a.tar
    both 3 15 "$kind, a line of text" sh -c "cat a.$kind; echo more"
done
pipe=1
told='more bytes stand behind'
both 3 15 "cpio, cpio" cat a.cpio a.cpio
both 3 15 "zip, zeros, a byte" big
both 3 15 "compressed tar, tar" cat a.gz a.tar
both 0 30 "compressed tar, compressed tar" cat a.gz a.gz
both 0 30 "tar, tar" cat a.tar a.tar
told='Damaged tar archive'
both 3 15 "tar, zip" cat a.tar a.zip
pipe=0
told='only the last of the archives joined in it was read'
both 3 15 "zip, zip" cat a.zip a.zip
cat a.zip a.zip | imgextract >joined.its 2>err
equals "zip, zip, from a pipe" "$? $(imgcat --count joined.its 2>/dev/null)" "3 15"
contains "zip, zip, from a pipe: told" err "more bytes stand behind the end of the zip"
if command -v python3 >/dev/null; then
    python3 - <<'END'
import zipfile
with zipfile.ZipFile("comment.zip", "w") as archive:
    archive.comment = b"PK" * 1000
    for i in range(30000):
        archive.writestr(f"cat/{i}.txt", b"")
    archive.writestr("cat/a.jpg", b"\xff\xd8\xff\xe0\0\x10JFIF\0")
END
    both 0 1 "a zip with a comment and a directory of more than a block" cat comment.zip
    pipe=1
    both 0 1 "a zip with a comment and a directory of more than a block" cat comment.zip
    told='more bytes stand behind'
    both 3 1 "and bytes behind it" cat comment.zip a.tar
fi
status 3 "the end mark tells it" sh -c 'cat a.zip a.tar | imgextract 2>/dev/null | imgcat --check'
contains "with the reason" err "more bytes stand behind the end of the zip"
status 0 "--limit reads no further than it must" sh -c 'cat a.zip a.tar | imgextract --limit 3'
tap_done
