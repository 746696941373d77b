#!/bin/sh
# Would break: our programs on a real HDFS. Archives are read from the mount, results written to it; each must be what it is
# on a plain disk, also where one was before.
: "${SRCDIR:=$(cd "$(dirname "$0")/../.." && pwd)}"
. "$SRCDIR/tests/tap.sh"
. "$SRCDIR/tests/hdfs/hdfs.sh"
need_hdfs "programs on an HDFS mount"

model=$SRCDIR/models/shapes.onnx
mkdir plain
drawshapes -s 7 -n 40 -S 48-80 >plain/shapes.tar
ok "a NameNode and two DataNodes start" hdfs_start
ok "and are mounted" hdfs_mount "$tap_dir/mnt"
mkdir mnt/work
ok "an archive is copied there" cp plain/shapes.tar mnt/work/shapes.tar
head -c 20000 plain/shapes.tar >mnt/work/cut.tar
cp "$model" plain/model.onnx
cp "$model" mnt/work/model.onnx

make_all() { # the same lines in both folders
    imgextract -o pics.its shapes.tar &&
        imgprep -q -m model.onnx -o test.its pics.its &&
        imgclassify -q -m model.onnx -o scores.tsv test.its &&
        imgfeat -q -m model.onnx -o features.its test.its &&
        imgstats labels -o labels.tsv pics.its &&
        imgstats eval -o eval.tsv scores.tsv &&
        imgcat --tar -o again.tar pics.its &&
        imgtrain -q -j 1 -n "$SRCDIR/models/mlp.net" --epochs 2 --batch 8 --checkpoint state.its --log log.tsv \
            --tensorboard runs -o trained.onnx test.its
}
results='pics.its test.its scores.tsv features.its labels.tsv eval.tsv again.tar trained.onnx log.tsv'
in_folder() {
    (cd "$1" && shift && "$@")
}
(cd plain && make_all) || exit
ok "all programs run on the mount" in_folder mnt/work make_all
compare() { # WHEN
    for file in $results; do
        # the log tells the speed, too
        cut -f 1-5,7- plain/"$file" >expected
        cut -f 1-5,7- mnt/work/"$file" >got
        same "$1: $file is the same as on a plain disk" got expected
    done
}
compare "once"
ok "a result may be written over an older one" in_folder mnt/work make_all
compare "again"
status 3 "a cut archive is told from a whole one" in_folder mnt/work imgextract -o cut.its cut.tar
equals "nothing but results is left" "$(cd mnt/work && echo *)" \
    "again.tar cut.its.part cut.tar eval.tsv features.its labels.tsv log.tsv model.onnx pics.its runs scores.tsv shapes.tar state.its test.its trained.onnx"
ok "the file in HDFS itself is whole" sh -c 'imgcat --check "$1"' sh "$tap_dir/mnt/work/pics.its"
rclone_hdfs cat hdfs:/work/pics.its >fetched.its
same "read without the mount, too" fetched.its plain/pics.its

datanodes_kill
status 4 "the DataNodes are gone: a result that cannot be written is told" in_folder mnt/work imgextract -o late.its ../../plain/shapes.tar
ok "and has no name" test ! -e mnt/work/late.its
status 4 "an archive that cannot be read is told" imgextract -o late.its mnt/work/shapes.tar
contains "by its name" err "imgextract: "
ok "the DataNodes come back" datanodes_start
ok "and all goes on without a new mount" in_folder mnt/work imgextract -o late.its shapes.tar
same "with the same result" mnt/work/late.its plain/pics.its
tap_done
