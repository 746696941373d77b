#!/bin/sh
# Would break: our programs on a real HDFS. Archives are read from the mount, results written to it; each must be what it is
# on a plain disk, also where one was before.
: "${SRCDIR:=$(cd "$(dirname "$0")/../.." && pwd)}"
. "$SRCDIR/tests/tap.sh"
. "$SRCDIR/tests/hdfs/hdfs.sh"
. "$SRCDIR/tests/hdfs/programs.sh"
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

in_folder plain make_all || exit
ok "all programs run on the mount" in_folder mnt/work make_all
compare_results "once" mnt/work
ok "a result may be written over an older one" in_folder mnt/work make_all
compare_results "again" mnt/work
status 3 "a cut archive is told from a whole one" in_folder mnt/work imgextract -o cut.its cut.tar
equals "nothing but results is left" "$(cd mnt/work && echo *)" \
    "again.tar copy.its cut.its.part cut.tar eval.tsv features.its joined.its labels.tsv log.tsv model.onnx pics.its runs scores.tsv shapes.tar state.its test.its trained.onnx"
ok "the file in HDFS itself is whole" sh -c 'imgcat --check "$1"' sh "$tap_dir/mnt/work/pics.its"
rclone cat hdfs:/work/pics.its >fetched.its
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
