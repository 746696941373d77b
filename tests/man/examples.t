#!/bin/sh
# Would break: the first thing that a user pastes. Every example of every manual page runs, with `sh -e`, in
# a folder that holds train.tar, test.tar, photos/, shapes.onnx, shapes.net, squeezenet1_1.net, pics.its, test.its, pred.tsv,
# and boxes.csv, class-descriptions-boxable.csv, bbox_labels_hierarchy.json, names.csv; mobilenet.onnx and resnet50.onnx are copies of
# shapes.onnx.
: "${SRCDIR:=$(cd "$(dirname "$0")/../.." && pwd)}"
. "$SRCDIR/tests/tap.sh"

limit=${EXAMPLE_SECONDS:-300}
PATH=$PATH:$SRCDIR/scripts # getmodel

# One to three boxes for each picture of test.tar, as Open Images has them.
tables() {
    printf '%s\n' /m/07dm6,Tiger /m/096mb,Lion /m/0cd4d,Cheetah /m/07j7r,Tree >class-descriptions-boxable.csv &&
        tar -tf test.tar | awk -F '[/.]' '
            BEGIN {
                print "ImageID,Source,LabelName,Confidence,XMin,XMax,YMin,YMax"
                split("/m/07dm6 /m/096mb /m/0cd4d /m/07j7r", class, " ")
            }
            {
                for (i = NR % 3; i < 3; i++)
                    printf "%s,xclick,%s,%s,0.1,0.%d,0.25,0.75\n", $2, class[1 + (NR + i) % 4], i ? 1 : "0.5", i + 5
            }' >boxes.csv &&
        printf '{"LabelName": "/m/0bl9f", "Subcategory": [{"LabelName": "/m/01lrl", "Subcategory":
            [{"LabelName": "/m/07dm6"}, {"LabelName": "/m/096mb"}, {"LabelName": "/m/0cd4d"}]}, {"LabelName": "/m/07j7r"}]}' \
            >bbox_labels_hierarchy.json &&
        printf 'Label,Class\nTiger,ring\nLion,star\nCheetah,cross\n' >names.csv &&
        echo /m/01lrl,Carnivore >>class-descriptions-boxable.csv
}
sample() {
    drawshapes -s 1 -n 300 >train.tar &&
        drawshapes -s 2 -n 60 >test.tar &&
        mkdir photos &&
        tar -xf test.tar -C photos &&
        imgextract -o pics.its test.tar || return
    cp "$SRCDIR/models/shapes.net" "$SRCDIR/models/squeezenet1_1.net" . || return
    cp "$SRCDIR/models/shapes.onnx" . &&
        cp shapes.onnx mobilenet.onnx &&
        cp shapes.onnx resnet50.onnx &&
        tables || return
    imgprep -m shapes.onnx -o test.its pics.its &&
        imgclassify -m shapes.onnx -o pred.tsv test.its
}

mkdir blocks sample
(cd sample && sample) >sample.log 2>&1
ok "the sample folder is made" test -s sample/pred.tsv
sed 's/^/# /' sample.log

for page in "$SRCDIR"/man/*.[1-8]; do
    awk -v prefix="blocks/${page##*/}" -f "$SRCDIR/tests/man/examples.awk" "$page"
    case $page in
    *.1) ok "${page##*/} has examples" test -s "blocks/${page##*/}.1" ;;
    esac
done

run() { # BLOCK
    cp -R sample work
    (cd work && timeout "$limit" sh -e "../$1" </dev/null) >out 2>err
    code=$?
    rm -rf work
    missing=$(sed -n 's/.*: \([^ :]*\): not found$/\1/p; s/.*: \(gnuplot\),.* is not installed.*/\1/p' err | head -n 1)
    case $code:$missing in
    4:gnuplot) skip "${1#blocks/}" "$missing is not installed" && return ;;
    127:img*) tap_line 1 "${1#blocks/}" ;;
    127:?*) skip "${1#blocks/}" "$missing is not installed" && return ;;
    *) tap_line "$code" "${1#blocks/}" ;;
    esac || {
        echo "#   exit status $code (124: longer than $limit s) of"
        sed 's/^/#   | /' "$1"
        head -n 10 err | sed 's/^/#   err: /'
    }
}
for block in blocks/*; do
    if [ -s "$block" ]; then
        run "$block"
    fi
done
tap_done
