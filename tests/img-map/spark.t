#!/bin/sh
# Would break: the lines of Python in imgutils(7), Beyond one site, that run the programs under Spark's pipe(). SPARK_PYTHON is a python
# with pyspark.
: "${SRCDIR:=$(cd "$(dirname "$0")/../.." && pwd)}"
. "$SRCDIR/tests/tap.sh"

python=${SPARK_PYTHON:-python3}
if ! "$python" -c 'import pyspark' 2>/dev/null || ! command -v java >/dev/null; then
    skip "the programs under Spark" "$python has no pyspark, or there is no java"
    tap_done
    exit
fi
export PYSPARK_PYTHON="$python"
awk '/^from pyspark/ { print "import os" } /^from pyspark/, /^\.fi/ { if (!/^\.fi/) print }' "$SRCDIR/man/imgutils.7" |
    sed 's/\\-/-/g; s/\\(aq/'\''/g; s/"out"/"rows"/' >job.py
cp "$SRCDIR/models/shapes.onnx" m.onnx
drawshapes -n 30 -s 1 >a.tar
drawshapes -n 20 -s 2 >b.tar
ok 'the job of the manual runs' "$python" job.py
for tar in a b; do
    imgextract $tar.tar | imgprep -m m.onnx | imgclassify -m m.onnx
done >expected
cat rows/part-* >found
ok 'it gives the rows of the line of shell' cmp expected found
head -c 20000 b.tar >cut.tar
sed 's/b\.tar/cut.tar/; s/"rows"/"none"/' job.py >damaged.py
"$python" damaged.py >said 2>&1
ok 'an archive that was cut off fails the job' grep -q 'exited with error code' said
tap_done
