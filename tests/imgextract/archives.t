#!/bin/sh
# Every container and compression gives the same pictures in the same bytes, from a file and from a pipe.
: "${SRCDIR:=$(cd "$(dirname "$0")/../.." && pwd)}"
. "$SRCDIR/tests/tap.sh"
make="python3 $SRCDIR/tests/imgextract/make.py"
listing() { imgextract "$@" 2>err | imgcat | cut -f1,5; }

$make tar >a.tar
tar -tf a.tar | while read -r name; do printf '%s\t%s\n' "$name" "${name%/*}"; done >expected
listing a.tar >got
same "tar: keys are the members' paths, labels their folders" got expected
imgextract a.tar | imgcat --tar | tar -xOf - cat/02.jpg >got
tar -xOf a.tar cat/02.jpg >expected.jpg
same "tar: the picture's bytes are unchanged" got expected.jpg

# one archive under one name, so that the src attribute does not differ
mkdir w
for kind in tar.gz tar.bz2 tar.xz pax zip zip-stored cpio cpio.gz; do
    $make "$kind" >w/a
    listing w/a >got
    same "$kind: the same listing from a file" got expected
    imgextract --quiet - <w/a >piped.its
    imgcat piped.its | cut -f1,5 >got
    same "$kind: from a redirected file" got expected
    # shellcheck disable=SC2002 # a pipe cannot seek, a redirected file can
    cat w/a | imgextract | cmp -s - piped.its
    equals "$kind: from a pipe" $? 0
done
if command -v bsdtar >/dev/null; then
    mkdir files && tar -xf a.tar -C files
    LC_ALL=C sort expected >sorted
    for kind in 7zip iso9660 xar warc ar; do
        case $kind in
        ar | warc) (cd files/cat && bsdtar --format "$kind" -cf ../../w/a -- *) ;;
        *) (cd files && bsdtar --format "$kind" -cf ../w/a cat dog owl) ;;
        esac
        listing w/a | sed 's|^.*/||' | cut -f1 | LC_ALL=C sort -u >got
        printf '%s\n' 00.jpg 01.jpg 02.jpg 03.jpg 04.jpg >five
        same "$kind: all pictures" got five
    done
    (cd files && bsdtar --format 7zip -cf ../w/a cat)
    # shellcheck disable=SC2016
    status 3 "7zip from a pipe: refused" sh -c 'cat w/a | imgextract >out.its'
    contains "7zip from a pipe: says what to do" err "give the file"
    for filter in zstd lz4 lzma compress; do
        (cd files && bsdtar --"$filter" -cf ../w/a cat dog owl) 2>/dev/null || continue
        listing w/a | LC_ALL=C sort >got
        same "tar with $filter" got sorted
    done
else
    skip "7zip, iso9660, xar, warc, ar, zstd, lz4" "no bsdtar"
fi

cat a.tar a.tar >two.tar
imgextract two.tar | imgcat --count >got
equals "cat a.tar b.tar is both archives" "$(cat got)" 30
$make picture >p.jpg
listing p.jpg >got
printf 'p.jpg\t\n' >expected
same "a picture by itself" got expected
gzip -c p.jpg >p.jpg.gz
imgextract p.jpg.gz >p.its
imgcat --extract out.d p.its && cmp -s out.d/p.jpg.gz p.jpg
equals "a compressed picture by itself" $? 0
imgextract a.tar >a.its
# shellcheck disable=SC2094 # both read
imgextract <a.its | cmp -s - a.its
equals "a stream passes through unchanged" $? 0
gzip -c a.its | imgextract | cmp -s - a.its
equals "a compressed stream too" $? 0
imgextract --format its a.its | cmp -s - a.its
equals "--format its" $? 0
imgextract --format archive a.tar | cmp -s - a.its
equals "--format archive" $? 0
status 3 "--format archive: a picture is none" imgextract --format archive -o x.its p.jpg
status 2 "--format: unknown name" imgextract --format tape a.tar
$make tar | gzip | imgextract -o two.its - a.tar
imgcat two.its | sed -n '1p;16p' | cut -f1,5 >got
printf -- '-:cat/00.jpg\tcat\na.tar:cat/00.jpg\tcat\n' >expected
same "several operands: each key says whose it is" got expected
status 4 "a missing operand" imgextract -o x.its missing.tar
contains "a missing operand: is named" err "missing.tar: No such file"
ok "no half result is left" test ! -e x.its
status 2 "standard input twice" imgextract -o x.its - -
printf 'just text, no archive\n' >text
status 3 "no archive" imgextract -o x.its text
contains "no archive: says what it found" err "begins with bytes 6a 75 73 74"
: >empty
status 3 "a file of no bytes" imgextract -o x.its empty
status 3 "standard input of no bytes" sh -c 'imgextract </dev/null >x.its'
for name in utf8 utf8-zip latin1; do $make $name >"$tap_dir/$name"; done
printf 'k\303\244se/\346\227\245\346\234\254.jpg\tk\303\244se\n' >expected
listing utf8 >got
same "names in UTF-8, in any locale" got expected
listing utf8-zip >got
same "names in UTF-8 in a zip" got expected
printf 'k\344se/a.jpg\tk\344se\n' >expected
listing latin1 >got
same "names in another encoding are kept byte by byte" got expected

$make zip >b.zip
mkdir -p nest/folder
cp a.tar b.zip nest/folder
gzip -c a.tar >nest/folder/c.gz
tar -cf nested.tar -C nest folder
for operand in nested.tar nest/folder; do
    status 0 "$operand: archives within" imgextract -o none.its $operand
    contains "$operand: are counted" err "skipped 3: 3 archives or compressed (name them as operands)"
    contains "$operand: no picture is no silence" err "imgextract: no picture was found"
done
status 0 "nothing matches" imgextract --exclude '*' -o none.its a.tar
contains "is told" err "imgextract: no picture is left over"
tap_done
