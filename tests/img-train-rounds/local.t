#!/bin/sh
# Would break: learning in rounds. The model would not be that of the workers' means, depend on how the work was done, or a
# worker that failed would pass unnoticed.
: "${SRCDIR:=$(cd "$(dirname "$0")/../.." && pwd)}"
. "$SRCDIR/tests/tap.sh"
. "$SRCDIR/tests/img-train-rounds/sample.sh"

rounds() { # OPTION...
    img-train-rounds -n net.net --epochs 3 --seed 3 --train '--batch 5 --rate 0.02 --flip' "$@"
}

# ---- all is well ----

by_hand 4 --epochs 3 --batch 5 --rate 0.02 --flip
status 0 'two workers, four rounds' rounds -j 2 --rounds 4 --val val.its -o run s1.its s2.its s3.its s4.its
contains 'each round is told' err 'round 4 of 4: 2 parts, loss'
contains 'with its validation' err 'images/s; validation: loss'
same 'the model is what the rounds by hand give' run/model.onnx hand.onnx
equals 'the log has a row for each' "$(cut -f 9- run/log.tsv | tr '\t\n' ' ;')" \
    'round parts missing samples;1 2 0 30;2 2 0 38;3 2 0 38;4 2 0 38;'
equals 'the steps of the schedule' "$(cut -f 1,2 run/log.tsv | tr '\t\n' ' ;')" 'epoch step;1 3;2 7;3 11;3 15;'
imgclassify -m run/model.onnx -k 3 val.its >pred.tsv
equals 'validation is of the mean' "$(tail -n 1 run/log.tsv | cut -f 8)" \
    "$(imgstats eval --format tsv pred.tsv | awk '$2 == "top1" { printf "%.6g", $3 }')"
# the loss by imgtrain, which measures before it has changed anything where the rate is 0
imgtrain -q -m run/model.onnx --epochs 1 --rate 0 --freeze-norm --val val.its --log zero.tsv -o zero.onnx val.its
ok 'and so is its loss' sh -c "{ tail -n 1 run/log.tsv | cut -f 7; tail -n 1 zero.tsv | cut -f 7; } |
    awk 'NR == 1 { a = \$1 } NR == 2 { d = a / \$1 - 1; exit !(a > 0 && d * d < 1e-8) }'"
ok 'imgstats draws the log' imgstats plot run/log.tsv
equals 'the other log tells who did what' "$(grep -c '  done    part-[12]  on here' run/img-train-rounds.log)" 8
status 0 'one worker after the other' rounds -q --parts 2 --rounds 4 -o one s1.its s2.its s3.its s4.its
equals '-q says nothing' "$(cat err)" ''
same 'the same model' one/model.onnx hand.onnx
status 0 'a list of shards, threads, labels from a file' sh -c 'printf "%s\n" s2.its s3.its s4.its >list
    printf "%s\n" red green blue >names
    img-train-rounds -n net.net --epochs 3 --rounds 4 --seed 3 --train "--batch 5 --rate 0.02 --flip" -j2 --threads 1 \
        --labels names -T list -o listed s1.its'
same 'the same' listed/model.onnx hand.onnx
status 0 'when all is done' rounds -j 2 --rounds 4 --val val.its -o run s1.its s2.its s3.its s4.its
same 'nothing changes' run/model.onnx hand.onnx
by_hand 3 --epochs 3 --batch 5 --rate 0.02 --flip
status 0 'a round for each epoch, unless it is said' rounds -q -j 2 -o three s1.its s2.its s3.its s4.its
same 'the same as by hand' three/model.onnx hand.onnx
status 0 'another seed' img-train-rounds -q -n net.net --epochs 3 --parts 2 --train '--batch 5 --rate 0.02 --flip' -o seed s?.its
ok 'another model' sh -c '! cmp -s seed/model.onnx hand.onnx'
status 0 'going on from a model' img-train-rounds -q -m three/model.onnx --epochs 1 --parts 2 -o tuned s?.its
imgtrain --average -v -o x.onnx tuned/model.onnx 2>said
contains 'which has seen all' said "tuned/model.onnx: $((3 * 48 + 48)) samples"

# ---- parts ----

cat s1.its s2.its s3.its s4.its >all.its
status 0 'one stream, in ranges' img-train-rounds -q -n net.net --epochs 2 --parts 3 -o ranges all.its
equals 'all of it' "$(cut -f 10,12 ranges/log.tsv | tr '\t\n' ' ;')" 'parts samples;3 48;3 48;'
# one part has only red and green, the other one only blue
for c in red green blue; do imgextract --include "$c/*" c1 | imgprep --size 8 -o $c.its; done
cat red.its green.its >some.its
status 0 'workers that do not meet all labels' img-train-rounds -n net.net --epochs 2 --parts 2 --train '--batch 4' --val val.its -o skewed some.its blue.its
equals 'weigh by their samples' "$(tail -n 1 skewed/log.tsv | cut -f 12)" 12
imgclassify -m skewed/model.onnx -k 3 val.its >pred.tsv
equals 'and the model knows all' "$(awk '{ print $3; print $5; print $7 }' pred.tsv | sort -u | tr '\n' ' ')" 'blue green red '

# ---- who fails ----

# A stand-in that is killed by itself, in round 2, where it learns from s2.its, so many times.
mkdir bad
cat >bad/imgtrain <<END
#!/bin/sh
case "\$*" in
*--round\ 2/*s2.its*)
    if [ "\$(find $PWD/kills -type f | wc -l)" -lt "\$(cat $PWD/most)" ]; then : >$PWD/kills/\$\$; kill -9 \$\$; fi ;;
esac
exec $(command -v imgtrain) "\$@"
END
chmod +x bad/imgtrain
mkdir kills
by_hand 3 --epochs 3 --batch 5 --rate 0.02 --flip
echo 1 >most
status 0 'a worker is killed' env PATH="$PWD/bad:$PATH" img-train-rounds -n net.net --epochs 3 --seed 3 --train '--batch 5 --rate 0.02 --flip' -j 2 -o killed s?.its
equals 'once' "$(find kills -type f | wc -l)" 1
same 'and its part done again: the same model' killed/model.onnx hand.onnx
contains 'the log says so' killed/img-train-rounds.log 'failed  part-2'
rm kills/*
echo 9 >most
status 0 'a worker is killed whenever it begins' env PATH="$PWD/bad:$PATH" img-train-rounds -n net.net --epochs 3 --seed 3 --train '--batch 5 --rate 0.02 --flip' -j 2 --val val.its -o missed s?.its
contains 'it is told' err 'round 2: part-2 does not count: exit status 137'
contains 'and logged' missed/img-train-rounds.log 'round 2: part-2 does not count: exit status 137'
equals 'the round is that of the others' "$(cut -f 9- missed/log.tsv | tr '\t\n' ' ;')" 'round parts missing samples;1 2 0 48;2 1 1 24;3 2 0 48;'
imgtrain -q -n net.net --epochs 0 --seed 3 -o hand.onnx s1.its
for round in 1 2 3; do
    for part in 1 2; do
        imgtrain -q -m hand.onnx --seed 3 --round $round/3 --epochs 3 --batch 5 --rate 0.02 --flip -o $part.onnx s$part.its s$((part + 2)).its
    done
    [ $round != 2 ] || cp 1.onnx 2.onnx
    [ $round != 2 ] || rm 2.onnx
    # shellcheck disable=SC2046
    imgtrain --average -m hand.onnx -o mean.onnx $(ls [12].onnx)
    mv mean.onnx hand.onnx
done
same 'without its weight' missed/model.onnx hand.onnx
rm kills/*
status 4 'when more are needed' env PATH="$PWD/bad:$PATH" img-train-rounds -n net.net --epochs 3 --seed 3 --train '--batch 5 --rate 0.02 --flip' -j 2 --enough 2 -o enough s?.its
contains 'it is said' err 'round 2: 1 of 2 parts are there, and 2 are needed; a rerun goes on here'
by_hand 3 --epochs 3 --batch 5 --rate 0.02 --flip
status 0 'and a rerun goes on' rounds -j 2 --enough 2 -o enough s1.its s2.its s3.its s4.its
contains 'after what was done' err 'going on after round 1 of 3'
same 'to the same model' enough/model.onnx hand.onnx
equals 'with a row for each round' "$(cut -f 9 enough/log.tsv | tr '\n' ' ')" 'round 1 2 3 '

# ---- the driver is killed ----

by_hand 20 --epochs 20 --batch 5 --rate 0.02 --flip
long() { img-train-rounds -n net.net --epochs 20 --seed 3 --train '--batch 5 --rate 0.02 --flip' -j 2 -o driver s1.its s2.its s3.its s4.its; }
img-train-rounds -q -n net.net --epochs 20 --seed 3 --train '--batch 5 --rate 0.02 --flip' -j 2 -o driver s1.its s2.its s3.its s4.its &
driver=$!
until [ -e driver/.rounds/models/2.onnx ]; do sleep 0.02; done
status 4 'a second driver in the same folder' long
contains 'is told' err "process $driver is at work in"
kill -9 $driver
wait $driver 2>/dev/null
status 0 'the driver was killed: a rerun' long
contains 'goes on' err 'going on after round'
same 'to the same model' driver/model.onnx hand.onnx
img-train-rounds -q -n net.net --epochs 50 --parts 2 --seed 3 -o term s1.its s2.its &
driver=$!
until [ -e term/.rounds/models/1.onnx ]; do sleep 0.02; done
kill $driver
wait $driver
equals 'SIGTERM ends it' $? 143
ok 'and nothing of it is left' test ! -e term/.rounds/driver
equals 'and the log is whole' "$(cut -f 9 driver/log.tsv | tail -n +2 | cksum)" "$(seq 20 | cksum)"

# ---- bad input ----

head -c 5000 s3.its >cut.its
status 3 'a shard that was cut off' img-train-rounds -n net.net --labels red,green,blue --epochs 2 --parts 2 -o cut s1.its cut.its
contains 'is told' err 'part-2 does not count: exit status 3: imgtrain:'
contains 'and why it ends' err 'a shard is damaged'
ok 'no model' test ! -e cut/model.onnx
status 3 'where the labels are looked for' img-train-rounds -n net.net --epochs 2 --parts 2 -o cut2 s1.its cut.its
status 1 'a label that was not named' img-train-rounds -n net.net --labels red,green --epochs 1 --parts 2 -o two s?.its
ok 'the model is there' test -s two/model.onnx
status 2 'another training in the same folder' img-train-rounds -n net.net --epochs 9 --parts 2 -o two s?.its
contains 'is refused' err 'two holds another training, which differs in: --epochs 1'
status 2 'more parts than shards' img-train-rounds -n net.net --parts 3 -o x s1.its s2.its
contains 'is told' err '2 shards cannot make 3 parts'
status 2 'a network that is none' sh -c 'echo Nothing >bad.net; img-train-rounds -n bad.net -o x1 s1.its'
status 2 'an option that imgtrain does not know' img-train-rounds -n net.net --train '--speed 9' -o x2 s1.its
contains 'is told by it' err 'speed'
status 2 'an option that is not for a worker' img-train-rounds -n net.net --train '--checkpoint c' -o x s1.its
contains 'is named' err '--checkpoint is none for a worker'
status 2 'a loss that is not finite' img-train-rounds -n net.net --parts 2 --retries 0 --train '--rate 1e6' -o x3 s1.its s2.its
contains 'is told' err 'the loss is not a finite number'
status 4 'validation that is not there' img-train-rounds -n net.net --val nothing.its -o x s1.its
status 4 'a shard that is not there' img-train-rounds -n net.net -o x nothing.its
status 4 'a list that is not there' img-train-rounds -n net.net -T nothing -o x s1.its
status 2 'no network' img-train-rounds -o x s1.its
status 2 'no folder' img-train-rounds -n net.net s1.its
status 2 'no shards' img-train-rounds -n net.net -o x
for bad in '-j 0' '--epochs x' '--rounds 0' '--parts 0' '--enough 2' '--seed -1' '--threads 0' '--val' '--nothing'; do
    # shellcheck disable=SC2086
    status 2 "$bad" img-train-rounds -n net.net $bad -o x s1.its
done
ok 'nothing was made' test ! -e x
status 0 '-h' img-train-rounds -h
contains 'is a usage' out '--rounds N'
status 0 '-V' img-train-rounds -V
contains 'names the program' out 'img-train-rounds'
tap_done
