#!/bin/sh
# Folders and lists of files.
: "${SRCDIR:=$(cd "$(dirname "$0")/../.." && pwd)}"
. "$SRCDIR/tests/tap.sh"
make="python3 $SRCDIR/tests/imgextract/make.py"
listing() { imgextract "$@" 2>err | imgcat | cut -f1,5; }
$make tar >a.tar
mkdir -p photos/a-b photos/a photos/dog && tar -xf a.tar -C photos dog
cp photos/dog/00.jpg photos/a-b/1.jpg
cp photos/dog/00.jpg photos/a/1.jpg
cp photos/dog/00.jpg photos/top.jpg
echo text >photos/readme.txt
ln -s .. photos/a/up
ln -s ../dog/01.jpg photos/a/link.jpg
(cd photos && find -L . -name '*.jpg' -not -path './a/up/*' 2>/dev/null | sed 's|^\./||' | LC_ALL=C sort) >expected
imgextract -v photos >p.its 2>err
equals "a folder: exit 0" $? 0
imgcat p.its | cut -f1 >got
same "a folder: as find | LC_ALL=C sort, links followed" got expected
contains "a link to a folder above is skipped" err "a link to a folder that it is in"
contains "no pictures are counted" err "1 no pictures"
imgcat p.its | awk -F '\t' '$1 == "top.jpg" || $1 == "a/1.jpg" {print $1, $5, $6}' >got
printf '%s\n' 'a/1.jpg a src=photos/a/1.jpg' 'top.jpg photos src=photos/top.jpg' >expected
same "label: the folder's name, also the operand's own" got expected
imgextract photos/ 2>err | imgcat | cut -f1-5 >got
imgcat p.its | cut -f1-5 >expected
same "photos/ is photos" got expected
listing photos/a photos/a-b >got
printf '%s\t%s\n' photos/a/1.jpg a photos/a/link.jpg a photos/a-b/1.jpg a-b >expected.two
sed 's|^photos/a/up.*||; /^$/d' got | grep -v '^photos/a/up' >got2
same "two folders: keys begin with the operand" got2 expected.two
(cd photos && imgextract . 2>/dev/null | imgcat | cut -f1) >got
cut -f1 expected >keys
same "a folder named ." got keys

if [ "$(id -u)" != 0 ]; then
    chmod 0 photos/dog/03.jpg photos/a-b
    status 1 "an unreadable file and folder" imgextract -o bad.its photos
    imgcat bad.its | awk -F '\t' '$2 == "error" {print $1}' >got
    printf '%s\n' a-b/ dog/03.jpg >expected
    same "both are error records" got expected
    chmod 700 photos/dog/03.jpg photos/a-b
else
    skip "an unreadable file and folder" "root reads everything"
fi
ln -s nowhere photos/dog/99.jpg
status 1 "a dangling link is a picture that cannot be read" imgextract -o bad.its photos
contains "it is named" err "dog/99.jpg: cannot open it: No such file"
rm photos/dog/99.jpg

find photos/dog -name '0[0-2].jpg' | LC_ALL=C sort >list
printf '%s\tdog\n' photos/dog/00.jpg photos/dog/01.jpg photos/dog/02.jpg >expected
listing -T list >got
same "-T FILE" got expected
listing -T - <list >got
same "-T -" got expected
tr '\n' '\0' <list | imgextract -0 -T - | imgcat | cut -f1,5 >got
same "-0" got expected
(cd photos/dog && find . -name '0[0-2].jpg' | LC_ALL=C sort | imgextract -T - | imgcat | cut -f1) >got
printf '%s\n' 00.jpg 01.jpg 02.jpg >expected
same "a leading ./ is cut" got expected
status 2 "-0 without -T" imgextract -0 -o x.its photos
printf 'photos/dog/00.jpg\nmissing.jpg\nphotos/readme.txt\n\na.tar\n' >list
status 1 "a list with a missing file" imgextract -T list -o list.its
imgcat list.its | cut -f1,2 | sed -n '1,3p' >got
printf '%s\n' 'photos/dog/00.jpg	image' 'missing.jpg	error' 'a.tar:cat/00.jpg	image' >expected
same "the missing one is an error record, the text skipped, the archive opened" got expected
contains "the text is counted" err "skipped 1: 1 no pictures"
tap_done
