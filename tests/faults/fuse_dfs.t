#!/bin/sh
# Would break: results on HDFS as Hadoop's own fuse-dfs mounts it, which can less than other file systems: see
# tests/faults/fuse_dfs.c. All that our programs write must be the same as on a plain disk.
: "${SRCDIR:=$(cd "$(dirname "$0")/../.." && pwd)}"
. "$SRCDIR/tests/tap.sh"
. "$SRCDIR/tests/hdfs/programs.sh"
PATH=$PATH:$SRCDIR/scripts
export PATH

no() {
    echo "1..0 # SKIP a mount like fuse-dfs: $1"
    exit 0
}
[ -c /dev/fuse ] || no "no /dev/fuse"
command -v fusermount3 >/dev/null || no "no fusermount3"
# shellcheck disable=SC2046 # words
"${CC:-cc}" -std=c11 -O1 -o fuse_dfs "$SRCDIR/tests/faults/fuse_dfs.c" $(pkg-config --cflags --libs fuse3 2>&1) 2>build.log ||
    no "it does not build here: $(head -n 1 build.log)"
# shellcheck disable=SC2154 # tap_dir is of tap.sh
trap 'fusermount3 -uz "$tap_dir/mnt" 2>/dev/null; cd /; rm -rf --one-file-system "$tap_dir"' EXIT
mkdir folder mnt plain
late=$tap_dir/late
./fuse_dfs "$tap_dir/folder" "$late" "$tap_dir/mnt" >mount.log 2>&1 &
tries=0
until mountpoint -q mnt; do
    if [ $tries -ge 100 ] || ! kill -0 $! 2>/dev/null; then no "$(head -n 1 mount.log)"; fi
    tries=$((tries + 1))
    sleep 0.1
done

# The mount is as it should be.
echo old >mnt/a && echo new >mnt/b
status 1 "a rename onto a file that is there fails" perl -e 'exit !rename "mnt/b", "mnt/a"'
status 1 "writing elsewhere than at the end fails" dd if=mnt/b of=mnt/c seek=1 bs=8 status=none
perl -e 'truncate "mnt/a", 2'
equals "a truncate does nothing" "$(cat mnt/a)" old
touch "$late"
echo text >mnt/d
equals "a file that was just closed has no length" "$(cat mnt/d; stat -c %s mnt/d)" 0
rm "$late"
equals "and then has" "$(cat mnt/d; stat -c %s mnt/d)" "text
5"
rm mnt/*

drawshapes -s 5 -n 24 -S 32-48 >plain/shapes.tar
cp "$SRCDIR/models/shapes.onnx" plain/model.onnx
cp plain/shapes.tar plain/model.onnx mnt
filled() { # FILE: waits until it has a length
    tries=0
    until [ -s "$1" ] || [ $tries -ge 100 ]; do
        tries=$((tries + 1))
        sleep 0.1
    done
}
compare() { # WHEN
    compare_results "$1" mnt
    equals "$1: nothing else is left" "$(ls mnt)" "$(ls plain)"
}
in_folder plain make_all
ok "all programs run" in_folder mnt make_all
compare "as on a plain disk"
rm -rf mnt/runs plain/runs
in_folder plain make_all
ok "results are written over older ones" in_folder mnt make_all
compare "again"

# A run that is killed, and goes on. Before that its log is as the one before had left it, with rows of steps that are done twice.
in_folder plain train --epochs 40 --log whole.tsv -o whole.onnx
exec='exec' in_folder mnt train --epochs 40 --checkpoint state40.its --checkpoint-every 20 --log going.tsv -o going.onnx 2>err &
until [ -s mnt/state40.its ] || ! kill -0 $! 2>/dev/null; do sleep 0.02; done
kill -9 $!
wait $! 2>/dev/null
filled mnt/going.tsv # when the mount knows that its writer is no more
ok "training goes on" in_folder mnt train --epochs 40 --checkpoint state40.its --resume --log going.tsv -o going.onnx
same "with the same model in the end" mnt/going.onnx plain/whole.onnx
rows plain/whole.tsv >expected
rows mnt/going.tsv >got
same "and the same log" got expected
rm mnt/going.* mnt/state40.its* plain/whole.*

# What fails leaves what was there.
cp mnt/pics.its before.its
head -c 9000 plain/shapes.tar >mnt/cut.tar
for i in 1 2; do
    status 3 "damaged input, time $i" in_folder mnt imgextract -o pics.its cut.tar
    same "the older result stays, time $i" mnt/pics.its before.its
    ok "and what could be read is beside it, time $i" test -s mnt/pics.its.part
done
rm mnt/pics.its.part mnt/cut.tar

# A length that comes late.
touch "$late"
in_folder mnt imgextract -o pics.its shapes.tar
status 3 "a stream whose length is not known yet is damaged" imgcat --check mnt/pics.its
cp mnt/model.onnx mnt/fresh.onnx
ok "nor can a model be read" sh -c '! imgclassify -m mnt/fresh.onnx mnt/test.its'
rm "$late"
ok "and is whole when it is" imgcat --check mnt/pics.its
rm mnt/fresh.onnx

# Over many shards.
mkdir plain/shards mnt/shards
for i in 1 2 3; do drawshapes -n 4 -s $i | tee plain/shards/$i.tar >mnt/shards/$i.tar; done
line='imgextract {} | imgprep -q -m model.onnx | imgclassify -q -m model.onnx'
map() {
    img-map -q -o out "$line" shards/*.tar
}
in_folder plain map
touch "$late"
(sleep 1.5 && rm "$late") &
ok "img-map waits for lengths" in_folder mnt map
for i in 1 2 3; do same "img-map: shard $i" mnt/out/$i.tar.tsv plain/out/$i.tar.tsv; done
filled mnt/out/img-map.log
contains "no shard was tried again" mnt/out/img-map.log "3 of 3 shards done"
ok "none failed" sh -c '! grep "  failed  " mnt/out/img-map.log'
ok "all is there" img-map --verify mnt/out
echo more >>mnt/out/2.tar.tsv
status 3 "a result that was changed is found" img-map --verify mnt/out
ok "and made again" in_folder mnt map
same "as it was" mnt/out/2.tar.tsv plain/out/2.tar.tsv

# In rounds.
rounds() {
    imgcat --its --slice 0:12 -o a.its test.its && imgcat --its --slice 12:24 -o b.its test.its &&
        img-train-rounds -q -n "$SRCDIR/models/mlp.net" --train '--batch 6 --rate 0.002' --epochs 2 --rounds 2 --parts 2 -o trained a.its b.its
}
in_folder plain rounds
ok "img-train-rounds" in_folder mnt rounds
same "img-train-rounds: the model" mnt/trained/model.onnx plain/trained/model.onnx
equals "img-train-rounds: the log" "$(cut -f 1-5,7- mnt/trained/log.tsv)" "$(cut -f 1-5,7- plain/trained/log.tsv)"
equals "img-train-rounds: nothing else is left" "$(ls mnt/trained)" "$(ls plain/trained)"
tap_done
