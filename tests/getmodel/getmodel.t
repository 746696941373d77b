#!/bin/sh
# If this fails, getmodel takes something for a published model that is not, loses what it has fetched, or writes a model
# that the programs do not understand.
: "${SRCDIR:=$(cd "$(dirname "$0")/../.." && pwd)}"
. "$SRCDIR/tests/tap.sh"
for program in python3 curl sha256sum; do
    command -v $program >/dev/null || {
        echo "1..0 # SKIP $program is not installed"
        exit 0
    }
done
getmodel() {
    sh "$SRCDIR/scripts/getmodel" --table table.tsv "$@"
}

# What is published: a network for 8x8 pictures with random weights, and its labels as the real list has them.
printf 'default input=3x8x8 classes=3\nFlatten\nGemm units=$classes\n' >linear.net
imgtrain -q -n linear.net --epochs 0 -o linear.onnx
printf '{"0": "tench, Tinca tinca", "1": "carpenter'"'"'s kit", "2": "crane"}' >labels.json
python3 "$SRCDIR/tests/getmodel/server.py" &
server=$!
# shellcheck disable=SC2154 # tap.sh sets it
trap 'kill $server 2>/dev/null; cd /; rm -rf "$tap_dir"' EXIT
tries=0
until [ -f port ] || [ $tries = 100 ]; do
    sleep 0.1
    tries=$((tries + 1))
done
site=http://127.0.0.1:$(cat port)
recipe='dct=islow upsampling=fancy resize=stretch:8x8 filter=pil-bilinear crop=none colour=rgb type=u8 layout=hwc scale=0.003921569 mean=0 std=1'
row() { # NAME FILE INPUT RECIPE LABELS URLS
    printf '%s\t%s\t%s\t%s\t%s\t%s\t%s\tfrom the test\n' "$1" "$(wc -c <"$2" | tr -d ' ')" "$(sha256sum "$2" | cut -c 1-64)" \
        "$3" "$4" "$5" "$6"
}
{
    printf 'name\tsize\tsha256\tinput\trecipe\tlabels\turls\tnote\n'
    for how in whole range cut other moved; do
        row $how linear.onnx 'input Nx3x8x8' "$recipe" three "$site/$how/linear.onnx"
    done
    row bare linear.onnx 'input Nx3x8x8' '' '' "$site/range/linear.onnx"
    row unlabelled linear.onnx 'input Nx3x8x8' '' absent "$site/range/linear.onnx"
    row gone linear.onnx 'input Nx3x8x8' '' '' "$site/range/gone.onnx"
    row short linear.net 'input Nx3x8x8' '' '' "$site/range/linear.onnx"
    row second linear.onnx 'input Nx3x8x8' '' '' "$site/range/gone.onnx $site/other/linear.onnx $site/range/linear.onnx"
    row nobody linear.onnx 'input Nx3x8x8' '' '' http://127.0.0.1:1/linear.onnx
    row three labels.json labels '' '' "$site/range/labels.json"
    row absent labels.json labels '' '' "$site/range/absent.json"
} >table.tsv
published=$(wc -c <linear.onnx)
asked() { # PATTERN: how often since the last time
    grep -c -- "$1" requests
    : >requests
}

ok 'a model is fetched' getmodel range
contains '  and said to be what was published' err 'range.onnx is what was published: from the test'
contains '  and how it is used' err 'imgprep -m range.onnx | imgclassify -m range.onnx'
ok '  nothing else is left' sh -c '! ls *.part* 2>/dev/null'
head -c "$published" range.onnx >head.onnx
same '  it begins with the published bytes' head.onnx linear.onnx
drawshapes -n 5 | imgextract -o shapes.its
ok '  imgprep knows its recipe' imgprep -m range.onnx -o prep.its shapes.its
contains '  which is the table'"'"'s' prep.its "$recipe"
ok '  imgclassify its labels' imgclassify -k 3 -m range.onnx -o pred.tsv prep.its
equals '  all three' "$(awk -F '\t' '{ print $3; print $5; print $7 }' pred.tsv | sort -u | tr '\n' ';')" \
    "carpenter's kit;crane;tench, Tinca tinca;"
imgclassify -k 3 --labels /dev/null -m linear.onnx -o plain.tsv prep.its 2>/dev/null
imgclassify -k 3 -m linear.onnx prep.its | cut -f 4,6,8 >plain.tsv
cut -f 4,6,8 pred.tsv >named.tsv
same '  and the same probabilities as without metadata' named.tsv plain.tsv

: >requests
ok 'again' getmodel range
contains '  it is there already' err 'range.onnx is there already'
equals '  and nothing is asked for' "$(asked .)" 0
ok '--plain' getmodel --plain range
same '  is the file as published' range.onnx linear.onnx
ok '  again' getmodel range
ok '  with metadata again' test "$(wc -c <range.onnx)" -gt "$published"

ok 'a redirection is followed' getmodel moved
ok '-q' getmodel -q whole
ok '  says nothing' test ! -s err
ok 'a name with blanks and quotes' getmodel -o "it's a \"model\" \$HOME.onnx" bare
same '  is kept' "it's a \"model\" \$HOME.onnx" linear.onnx
contains '  without a recipe it is said what to do' err 'how pictures are prepared for it is not known'
ok 'a name that begins with -' getmodel --output=-m.onnx bare
same '  is kept' ./-m.onnx linear.onnx
mkdir -p deep/er
ok 'a whole path' getmodel -o "$PWD/deep/er/m.onnx" bare
same '  is kept' deep/er/m.onnx linear.onnx
status 2 'a folder in place of a file' getmodel -o deep/er bare
contains '  is told' err 'deep/er is a folder'
ok '  and stays as it was' sh -c '! ls deep/*.part deep/er/*.part 2>/dev/null'
status 4 'a folder that there is not' getmodel -o nowhere/m.onnx bare
contains '  is named' err 'cannot write nowhere/m.onnx.part'

status 4 'a disk that is full' sh -c 'ulimit -f 1; exec sh "$0" "$@"' "$SRCDIR/scripts/getmodel" --table table.tsv -o full.onnx bare
ok '  makes no model' test ! -e full.onnx

status 3 'other bytes of the same number are refused' getmodel other
contains '  with both checksums' err "expected $(sha256sum linear.onnx | cut -c 1-64)"
ok '  and nothing is left' sh -c '! ls other.onnx* 2>/dev/null'
status 3 'a file of another size is refused' getmodel short
contains '  with both sizes' err "has $published bytes, expected $(wc -c <linear.net | tr -d ' ')"
ok '  and nothing is left' sh -c '! ls short.onnx* 2>/dev/null'
echo old >other.onnx
status 3 'a file that was there' getmodel other
equals '  stays when the new one is wrong' "$(cat other.onnx)" old
status 4 'what is not there' getmodel gone
contains '  is told' err "$site/range/gone.onnx could not be fetched"
ok '  and nothing is left' sh -c '! ls gone.onnx* 2>/dev/null'
status 4 'a server that does not answer' getmodel nobody
ok 'the second place is tried, and the third' getmodel second
same '  which has it' second.onnx linear.onnx
status 4 'labels that cannot be fetched' getmodel unlabelled
ok '  make no model' test ! -e unlabelled.onnx

status 4 'a transfer that breaks off' getmodel cut
ok '  makes no model' test ! -e cut.onnx
equals '  but what has come stays' "$(wc -c <cut.onnx.part | tr -d ' ')" $((published / 2))
: >requests
ok '  it is finished the next time' getmodel --plain cut
same '  and is whole' cut.onnx linear.onnx
equals '  from where it broke off' "$(asked "bytes=$((published / 2))-")" 1
head -c 100 linear.onnx >whole2.onnx.part
ok 'a server that sends only whole files' getmodel --plain -o whole2.onnx whole
same '  sends it anew' whole2.onnx linear.onnx
echo something else >bare2.onnx.part
ok 'the beginning of something else' getmodel -o bare2.onnx bare
same '  is not kept' bare2.onnx linear.onnx
cat linear.onnx linear.onnx >bare3.onnx.part
ok 'nor is too much' getmodel -o bare3.onnx bare
same '  kept' bare3.onnx linear.onnx

ok 'labels alone' getmodel three
equals '  are a name a line' "$(cat three.labels)" "tench, Tinca tinca
carpenter's kit
crane"
ok '  as imgclassify reads them' imgclassify --labels three.labels -m linear.onnx -o pred.tsv prep.its
ok '--plain labels' getmodel --plain -o plain.json three
same '  are as published' plain.json labels.json

# Programs are looked for in PATH: folders of links to all that getmodel needs but these.
without() { # PROGRAM...
    rm -rf bin
    mkdir bin
    for program in sh awk basename cat cut dirname grep head mv rm sed tail touch tr wc curl wget sha256sum shasum openssl perl; do
        path=$(command -v $program) && ln -s "$path" "bin/$program"
    done
    for program; do
        rm -f "bin/$program"
    done
}
restricted() {
    env PATH="$PWD/bin" sh "$SRCDIR/scripts/getmodel" --table table.tsv "$@"
}
without curl wget
status 4 'no curl and no wget' restricted -o none.onnx bare
contains '  is told' err 'neither curl nor wget is installed'
without sha256sum shasum openssl
status 4 'nothing that makes checksums' restricted -o none.onnx bare
contains '  is told' err 'none of sha256sum, shasum and openssl'
if command -v wget >/dev/null; then
    without curl
    ok 'wget alone' restricted -o wget.onnx bare
    same '  does as well' wget.onnx linear.onnx
    head -c 1000 linear.onnx >wget2.onnx.part
    : >requests
    ok '  and goes on' restricted -o wget2.onnx bare
    same '  to the whole' wget2.onnx linear.onnx
    equals '  from where it was' "$(asked 'bytes=1000-')" 1
    head -c 1000 linear.onnx >wget4.onnx.part
    ok '  of a server that sends only whole files too' restricted --plain -o wget4.onnx whole
    same '  to the whole' wget4.onnx linear.onnx
    status 3 '  and refuses what is wrong' restricted -o wget3.onnx other
else
    skip 'wget alone' 'wget is not installed'
fi
if command -v openssl >/dev/null; then
    without sha256sum shasum
    ok 'openssl alone' restricted -o openssl.onnx bare
    same '  does as well' openssl.onnx linear.onnx
else
    skip 'openssl alone' 'openssl is not installed'
fi

status 2 'no name' getmodel
contains '  is wrong usage' err 'which model?'
status 2 'two names' getmodel bare range
status 2 'a name that there is not' getmodel rang
contains '  and those that it may be' err 'there is no model rang; alike are: range; getmodel --list names all'
status 2 'an option that there is not' getmodel --fast bare
contains '  is named' err '--fast is not an option'
status 2 'an option without its file' getmodel bare -o
status 4 'a table that there is not' getmodel --table none.tsv bare
cp table.tsv a=b.tsv
ok 'a table with = in its name' getmodel --table a=b.tsv -o equals.onnx bare
same '  is one' equals.onnx linear.onnx
status 0 '--list' getmodel --list
contains '  has a row for each' out "$(printf 'bare\t%s\tinput Nx3x8x8\tno\t\tfrom the test' "$published")"
mkdir -p mine
cp table.tsv mine/public.tsv
status 0 'IMGUTILS_MODELS' env IMGUTILS_MODELS="$PWD/mine" sh "$SRCDIR/scripts/getmodel" --list
contains '  is the folder of the table' out "$(printf 'bare\t%s\tinput Nx3x8x8' "$published")"
status 0 '-h' getmodel -h
contains '  is short' out 'See getmodel(1), imgutils(7).'
tap_done
