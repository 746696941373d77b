#!/bin/sh
# If this fails, a published model that does not say how its pictures are made gets others than it was trained with, or a
# model that is not published is taken for one that is.
: "${SRCDIR:=$(cd "$(dirname "$0")/../.." && pwd)}"
. "$SRCDIR/tests/tap.sh"
. "$SRCDIR/tests/imgclassify/common.sh"

line='dct=islow upsampling=fancy resize=none filter=none crop=none colour=rgb type=u8 layout=hwc scale=0.1 mean=10 std=1'
network model.onnx logits
mkdir in table
picture in/a.ppm 100 110 120
imgextract in >in.its 2>err
size=$(wc -c <model.onnx | tr -d ' ')
sum=$(python3 -c 'import hashlib; print(hashlib.sha256(open("model.onnx", "rb").read()).hexdigest())')
row() { # NAME SIZE SHA256 RECIPE NOTE
    printf '%s\t%s\t%s\tx Nx3x4x4\t%s\t\thttps://example.org\t%s\n' "$@"
}
table() { # the rows, as models/public.tsv has them
    printf 'name\tsize\tsha256\tinput\trecipe\tlabels\turls\tnote\n'
    row other 12345 "$sum" "$line" 'another size'
    row another "$size" 0123456789 "$line" 'another sum'
    cat
}
row thismodel "$size" "$sum" "$line" 'recipe: the README' | table >table/public.tsv
IMGUTILS_MODELS=$PWD/table
export IMGUTILS_MODELS

prepare -o expected.its in.its
status 0 'a published model is known' imgprep -v -m model.onnx -o known.its in.its
same 'its pictures are made as the table says' known.its expected.its
contains '-v says which model it is, and where its recipe is from' err \
    "model.onnx is the published model thismodel: its recipe is that of $PWD/table/public.tsv"
network own.onnx logits imgutils.recipe "$(echo "$line" | sed 's/mean=10/mean=11/')"
status 0 "a model's own recipe" imgprep -v -m own.onnx -o own.its in.its
contains 'is what holds' err 'mean=11'

# wrong NAME TEXT STATUS COMMAND...
wrong() {
    wrong_name=$1 wrong_text=$2 wrong_status=$3
    shift 3
    status "$wrong_status" "$wrong_name" "$@"
    contains "  it says: $wrong_text" err "$wrong_text"
}
imgprep --preset none --colour bgr --scale 0.1 --mean 11 -o bgr.its in.its
difference='the order of the colours (colour) is bgr, expected rgb; it also differs in mean; prepare it with: imgprep -m model.onnx'
wrong 'imgclassify refuses other pictures' "$difference" 1 imgclassify -m model.onnx bgr.its
contains "  in the picture's row too" out "$difference"
wrong 'imgfeat does' "$difference" 1 imgfeat -m model.onnx -o feat.its bgr.its
printf 'default input=3x4x4 classes=2\nFlatten\nGemm units=$classes\n' >linear.net
imgtrain -q -n linear.net --epochs 0 -o linear.onnx
mkdir -p two/a two/b
cp in/a.ppm two/a/a.ppm
picture two/b/b.ppm 10 20 30
row linear "$(wc -c <linear.onnx | tr -d ' ')" "$(python3 -c 'import hashlib; print(hashlib.sha256(open("linear.onnx", "rb").read()).hexdigest())')" \
    "$line" 'recipe: the README' | table >table/public.tsv
imgextract two | imgprep --preset none --colour bgr --scale 0.1 --mean 11 -o bgr.its
wrong 'imgtrain does' 'expected rgb; it also differs in mean; prepare them with: imgprep -m linear.onnx' 2 \
    imgtrain -m linear.onnx -o more.onnx bgr.its

table </dev/null >table/public.tsv
wrong 'a model of the same size, but with another sum' "it is none of the published models in $PWD/table/public.tsv" 2 \
    imgprep -m model.onnx -o no.its in.its
row thismodel "$size" "$sum" '' 'recipe unknown: nobody tells it' | table >table/public.tsv
wrong 'a published model whose recipe is not known' 'it is the published model thismodel: recipe unknown: nobody tells it' 2 \
    imgprep -m model.onnx -o no.its in.its
status 0 'imgclassify trusts the records then' imgclassify -v -m model.onnx expected.its
contains '  and says why' err 'model.onnx has no recipe; it is the published model thismodel: recipe unknown'
row thismodel "$size" "$sum" 'resize=up' 'recipe: wrong' | table >table/public.tsv
wrong 'a recipe that is none' "resize: 'up' is none of" 3 imgprep -m model.onnx -o no.its in.its
printf 'no newline' >table/public.tsv
wrong 'a table that was cut off' 'public.tsv' 3 imgprep -m model.onnx -o no.its in.its
rm table/public.tsv
wrong 'a table that is not there' "$PWD/table/public.tsv: No such file" 4 imgprep -m model.onnx -o no.its in.its

# Without the variable: where the programs are installed, where they are built, and elsewhere.
unset IMGUTILS_MODELS
for place in usr/bin:usr/share/imgutils/models tree/build/bin:tree/models; do
    mkdir -p "${place%:*}" "${place#*:}"
    cp "$(command -v imgprep)" "${place%:*}"
    row thismodel "$size" "$sum" "$line" 'recipe: the README' | table >"${place#*:}/public.tsv"
    status 0 "the table in ${place#*:}" "${place%:*}/imgprep" -m model.onnx -o found.its in.its
    same '  is found' found.its expected.its
done
ln -s "$PWD/usr/bin/imgprep" linked
status 0 'also by a link' ./linked -m model.onnx -o found.its in.its
mkdir alone
cp usr/bin/imgprep alone
wrong 'no table at all' 'no table of published models (public.tsv) was found; IMGUTILS_MODELS can name its folder' 2 \
    alone/imgprep -m model.onnx -o no.its in.its
tap_done
