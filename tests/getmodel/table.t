#!/bin/sh
# If this fails, models/public.tsv has a row that getmodel or the programs cannot use.
: "${SRCDIR:=$(cd "$(dirname "$0")/../.." && pwd)}"
. "$SRCDIR/tests/tap.sh"
for program in curl sha256sum; do
    command -v $program >/dev/null || {
        echo "1..0 # SKIP $program is not installed"
        exit 0
    }
done
table=$SRCDIR/models/public.tsv

equals 'the columns' "$(head -n 1 "$table" | tr '\t' ' ')" 'name size sha256 input recipe labels urls note'
rows() { # what is wrong with rows, as awk sees it: prints the names
    awk -F '\t' "NR > 1 && !($1) { print \$1 }" "$table"
}
equals 'each row has 8 columns' "$(rows 'NF == 8')" ''
equals 'a name for a file' "$(rows '$1 ~ /^[A-Za-z0-9][A-Za-z0-9._-]*$/')" ''
equals 'a size' "$(rows '$2 ~ /^[1-9][0-9]*$/')" ''
equals 'a SHA-256' "$(rows '$3 ~ /^[0-9a-f]+$/ && length($3) == 64')" ''
equals 'an input of one picture, or is a list of labels' "$(rows '$4 == "labels" || $4 ~ /^([^ ]+ )?[1N](x[0-9]+)+$/')" ''
equals 'https URLs' "$(rows '$7 ~ /^https:[^ ]+( https:[^ ]+)*$/')" ''
equals 'a note' "$(rows '$8 != ""')" ''
equals 'each name once' "$(cut -f 1 "$table" | sort | uniq -d)" ''
equals 'each file once' "$(cut -f 3 "$table" | sort | uniq -d)" ''
equals 'labels that there are' "$(awk -F '\t' 'NR > 1 && $6 { print $6 }' "$table" | sort -u | while read -r labels; do
    grep -q "^$labels	.*	labels	" "$table" || echo "$labels"
done)" ''
equals 'a recipe, or a note that it is unknown' \
    "$(rows '$4 == "labels" || ($5 == "") != ($8 ~ /^recipe: /)')" ''

# Each recipe as the programs write it, and of the size of the input.
drawshapes -n 1 | imgextract -o shape.its
awk -F '\t' -v OFS='\t' 'NR > 1 && $5 && !seen[$5]++ { print $1, $4, $5 }' "$table" >recipes
while IFS='	' read -r name input recipe; do
    printf 'default input=3x8x8 classes=3\nFlatten\nGemm units=$classes\n' >linear.net
    imgtrain -q -n linear.net --epochs 0 -o model.onnx
    size=$(wc -c <model.onnx | tr -d ' ')
    printf 'name\tsize\tsha256\tinput\trecipe\tlabels\turls\tnote\nm\t%s\t%s\t%s\t%s\t\t%s\tnone\n' "$size" \
        "$(sha256sum model.onnx | cut -c 1-64)" "$input" "$recipe" "file://$PWD/model.onnx" >one.tsv
    ok "$name: its recipe is written" sh "$SRCDIR/scripts/getmodel" -q --table one.tsv -o ready.onnx m
    ok '  and read' imgprep -m ready.onnx -o prep.its shape.its
    imgcat prep.its >list
    contains '  as the programs write it themselves' list "recipe=$recipe"
    equals '  and makes pictures of the size of the input' "$(cut -f 4 list | tr x '\n' | sort | tr '\n' ' ')" \
        "$(echo "${input##* }" | cut -d x -f 2- | tr x '\n' | sort | tr '\n' ' ')"
done <recipes
tap_done
