#!/bin/sh
# What is no picture is skipped and counted; what should be one and is not becomes an error record; names do no harm.
: "${SRCDIR:=$(cd "$(dirname "$0")/../.." && pwd)}"
. "$SRCDIR/tests/tap.sh"
make="python3 $SRCDIR/tests/imgextract/make.py"
$make odd >odd.tar
status 1 "exit status 1: two members claim to be pictures" imgextract -v -o odd.its odd.tar
cp err said
imgcat odd.its >list
cut -f1,2 list | cut -c 1-40 >got
a=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
{
    printf '%s\timage\n' ../../up.jpg /abs/root.jpg d/x.jpg 'd/x.jpg#2' 'd/x.jpg#3'
    printf '%s\n' $a $a
    printf '%s\timage\n' 'tab\tand\nline.jpg'
    printf '%s\terror\n' empty.jpg page.jpg
    printf '%s\timage\n' noname gif grey
} >expected
same "keys, in order" got expected
equals "long names are cut to 4096 bytes and differ" "$(cut -f1 list | grep ^$a | sort -u | awk '{print length($0)}' | tr '\n' ' ')" "4096 4096 "
contains "an AppleDouble file is told" said "._x.jpg: skipped: an AppleDouble file"
contains "an empty member is told" said "empty.txt: skipped: empty"
contains "a text is told" said "readme: skipped: no picture"
contains "a hard link is told" said "hard.jpg: skipped: a hard link"
contains "a symbolic link is told" said "soft.jpg: skipped: a symbolic link"
contains "a device is told" said "device: skipped: a device"
contains "the total" said "skipped 6: 1 no pictures, 1 empty, 4 links and the like"
contains "an empty .jpg fails" said "empty.jpg: no picture: it is empty"
contains "a .jpg that is a page fails" said "page.jpg: no picture: begins with bytes 3c 68 74 6d"
imgextract -q odd.tar >again.its 2>quiet
equals "-q: no messages" "$(cat quiet)" ""
ok "the same bytes again" cmp again.its odd.its
status 1 "--strict: the first failure ends it" imgextract --strict -o strict.its odd.tar
ok "--strict: nothing is left" test ! -e strict.its

$make zip-bad >bad.zip
status 1 "a member with a wrong checksum" imgextract -o bad.its bad.zip
imgcat bad.its | awk -F '\t' '$2 == "error" {print $1, $5}' >got
echo "cat/02.jpg cat" >expected
same "only that member is an error record, label and all" got expected
equals "none is lost" "$(imgcat --count bad.its)" 15
contains "it is named" err "cat/02.jpg: ZIP bad CRC"
if command -v bsdtar >/dev/null; then
    mkdir secret && python3 "$SRCDIR/tests/imgextract/make.py" picture >secret/a.jpg
    bsdtar --format zip --options zip:encryption=traditional --passphrase pw -cf secret.zip secret/a.jpg 2>/dev/null
    status 1 "an encrypted member" imgextract -o secret.its secret.zip
    contains "an encrypted member: says why" err "secret/a.jpg: Passphrase required"
else
    skip "an encrypted zip" "no bsdtar"
fi
$make tar-bad >bad.tar
status 3 "a damaged header in the middle" imgextract -o bad.its bad.tar
equals "the members after it are given" "$(imgcat bad.its.part 2>/dev/null | cut -f1 | tail -n 1)" owl/04.jpg
equals "all but the damaged one" "$(imgcat --count bad.its.part 2>/dev/null)" 14
status 3 "a reader of that stream knows" imgcat --check bad.its.part

$make tar >a.tar
status 1 "--max-bytes" imgextract --max-bytes 800 -o max.its a.tar
contains "--max-bytes: says both sizes" err "bytes, more than the 800 allowed"
equals "--max-bytes: they are error records" "$(imgcat max.its | grep -c error)" 3
tap_done
