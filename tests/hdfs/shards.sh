# What the drills share: shards in a mounted HDFS, and runs of img-map over them, which are compared with a clean one. See
# tests/hdfs/drill.t. Sourced after tap.sh and hdfs.sh; it starts HDFS.
#
#   begin NAME OPTION...     a run in the background, into $folder; what it says is in said
#   wait_for N               until N shards are done
#   outage                   all DataNodes are killed and started again while it runs; its exit status is in $code
#   rerun NAME OPTION...     what is missing is what the run said, and nothing else is wrong; another run does it. How many
#                            tries an outage takes is a matter of time, so the first run may have done all, or not
#   verified NAME            --verify finds the records and the checksum of the clean run
# shellcheck shell=sh disable=SC2154 # tap_dir is of tap.sh
PATH=$PATH:$SRCDIR/scripts
export PATH

shards=${DRILL_SHARDS:-12}
ok "a NameNode and two DataNodes start" hdfs_start
ok "and are mounted" hdfs_mount "$tap_dir/mnt"
mkdir plain mnt/shards
cp "$SRCDIR/models/shapes.onnx" mnt/model.onnx
i=10
while [ $i -lt $((shards + 10)) ]; do
    drawshapes -n 4 -s $i -S 32-48 >plain/$i.tar
    i=$((i + 1))
done
ok "the shards are copied" cp plain/*.tar mnt/shards
pipeline() { # SECONDS: each shard takes
    echo "imgextract {} | { cat; sleep $1; } | imgprep -q -m $tap_dir/mnt/model.onnx | imgclassify -q -m $tap_dir/mnt/model.onnx"
}
sums() { # of what --verify says
    grep -e records -e results "$1" | tr '\n\t' '  '
}
ok "a clean run" img-map -q -j 2 -o clean "$(pipeline 0)" plain/*.tar
img-map --verify clean >clean.txt
done_shards() {
    find "$1" -maxdepth 1 -name '*.tsv' 2>/dev/null | wc -l
}
begin() { # NAME OPTION...: a run in the background
    folder=mnt/$1
    shift
    img-map -j 2 -o "$folder" "$@" "$(pipeline 0.5)" mnt/shards/*.tar >said 2>&1 &
    driver=$!
}
wait_for() { # N: until so many shards are done
    while [ "$(done_shards "$folder")" -lt "$1" ] && kill -0 "$driver" 2>/dev/null; do sleep 0.1; done
}
verified() { # NAME
    status 0 "$1: verified" img-map --verify "$folder"
    equals "$1: the result is that of a clean run" "$(sums out)" "$(sums clean.txt)"
}

outage() { # while the run is under way
    wait_for 3
    datanodes_kill
    sleep 2
    ok "the DataNodes come back" datanodes_start
    wait "$driver"
    code=$?
    echo "# exit status $code, $(done_shards "$folder") of $shards shards done"
}
rerun() { # NAME OPTION...
    name=$1
    shift
    img-map --verify "$folder" >first.txt 2>missing
    equals "$name: what is missing is named" "$(sed -n 's/^img-map: \(.*\): no whole result.*/\1/p' missing)" \
        "$(sed -n 's/^img-map: \(.*\) is not done: .*/\1/p' said)"
    equals "$name: nothing else is wrong" "$(grep -vc ': no whole result' missing)" 0
    ok "$name: no program crashed" sh -c '! grep "exit status 1[23456]" said'
    begin "${folder#mnt/}" "$@"
    wait "$driver"
    equals "$name, a rerun: exit status" $? 0
    verified "$name, a rerun"
}
