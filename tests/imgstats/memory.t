#!/bin/sh
# Would break: memory that grows with the rows. What is kept of predictions is what is shown, and of the stream only the pictures shown.
: "${SRCDIR:=$(cd "$(dirname "$0")/../.." && pwd)}"
. "$SRCDIR/tests/tap.sh"
need_peak

few() {
    awk 'BEGIN { OFS = "\t"; for (i = 0; i < 4000; i++) print "key" i, "class" i % 20, "class" (i % 7 ? i % 20 : (i + 1) % 20), 1 - i / 4000 * 0.9 }'
}
few >few.tsv
copies 25 few.tsv >many.tsv
for command in "eval -" "report -"; do
    # shellcheck disable=SC2086
    same_peak "${command%% *} of 4,000 rows and of 100,000" "$(least_peak 'cat few.tsv' imgstats $command)" \
        "$(least_peak 'cat many.tsv' imgstats $command)"
done
drawshapes -n 100 | imgextract >some.its
imgprep -m "$SRCDIR/models/shapes.onnx" some.its | imgclassify -m "$SRCDIR/models/shapes.onnx" |
    awk -F '\t' '{ OFS = FS; $3 = "wrong"; print $1, $2, $3, $4 }' >wrong.tsv
same_peak "report with 100 pictures and with 2,000" "$(least_peak 'cat some.its' imgstats report --images - wrong.tsv)" \
    "$(least_peak 'copies 20 some.its' imgstats report --images - wrong.tsv)"
tap_done
