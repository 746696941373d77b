#!/bin/sh
# Would break: work over many shards on one machine. A shard would be lost, done twice, or pass for done when it is not.
: "${SRCDIR:=$(cd "$(dirname "$0")/../.." && pwd)}"
. "$SRCDIR/tests/tap.sh"
PATH=$PATH:$SRCDIR/scripts

model=$SRCDIR/models/shapes.onnx
classify="imgprep -q -m '$model' | imgclassify -q -m '$model'"
for i in 1 2 3 4 5; do drawshapes -n 12 -s $i >s$i.tar; done
table() { # FILE COLUMN-1: the second column of --verify's row
    awk -F '\t' -v name="$2" '$1 == name { print $2 }' "$1"
}
state() { cksum run/*.tsv; }

# ---- all is well ----

for i in 1 2 3 4 5; do
    imgextract s$i.tar | imgprep -m "$model" | imgclassify -m "$model" >expected$i.tsv
done
status 0 "five shards" img-map -j 2 -o run "imgextract {} | $classify" s?.tar
contains "it says what was done" err "5 of 5 shards done: 60 records, 0 of them failed"
for i in 1 2 3 4 5; do same "result $i is that of the bare pipeline" run/s$i.tar.tsv expected$i.tsv; done
equals "nothing else lies there" "$(ls run)" "img-map.log
s1.tar.tsv
s2.tar.tsv
s3.tar.tsv
s4.tar.tsv
s5.tar.tsv"
equals "nor leftovers" "$(find run/.img-map/parts run/.img-map/messages -type f)" ""
equals "the log has a line for each" "$(grep -c '  done  .* 12 records' run/img-map.log)" 5
status 0 "--verify" img-map --verify -j 2 run
cp out clean
equals "--verify: records" "$(table clean records) $(table clean shards) $(table clean missing) $(table clean errors)" "60 5 0 0"
status 0 "one at a time" img-map -q -o one "imgextract {} | $classify" s?.tar
equals "-q says nothing" "$(cat err)" ""
img-map --verify one >verified
equals "gives the same" "$(table verified results)" "$(table clean results)"

# ---- a rerun does what is missing ----

status 0 "a rerun has nothing to do" img-map -o run "imgextract {} | $classify" s?.tar
contains "and says so" err "5 of 5 shards are done already"
rm run/s2.tar.tsv && echo more >>run/s3.tar.tsv && : >run/s4.tar.tsv
status 3 "--verify sees what is missing or changed" img-map --verify run
equals "and names it" "$(cat err)" "img-map: s2.tar: no whole result
img-map: s3.tar: no whole result
img-map: s4.tar: no whole result"
img-map -n -o run "imgextract {} | $classify" s?.tar >out-n 2>/dev/null
equals "-n says what there is to do" "$(cut -f 1 out-n)" "s2.tar
s3.tar
s4.tar"
contains "and how" out-n "imgextract s3.tar | imgprep"
status 0 "a rerun does just that" img-map -v -o run "imgextract {} | $classify" s?.tar
equals "three shards" "$(grep -c 'tar done on here' err)" 3
same "and puts it right" run/s3.tar.tsv expected3.tsv
echo x >run/other.tsv
status 3 "a file that is no result" img-map --verify run
contains "is named" err "other.tsv: not a result of this job"
rm run/other.tsv
status 2 "another pipeline may not mix" img-map -o run "imgextract {} | imgcat" s1.tar
contains "it is said which there was" err "imgextract {} | imgprep"
drawshapes -n 3 -s 9 >s9.tar
status 0 "more shards" img-map -o run "imgextract {} | $classify" s?.tar
contains "only the new one is done" err "5 of 6 shards are done already"

# ---- records and shards that fail ----

mkdir pictures && tar -xf s1.tar -C pictures
{ printf '\377\330\377\340'; head -c 500 /dev/zero; } >pictures/circle/broken.jpg
tar -cf broken.tar -C pictures .
status 1 "a record that fails" img-map -o failing "imgextract {} | $classify" broken.tar s2.tar
contains "is counted" err "2 of 2 shards done: 25 records, 1 of them failed"
status 0 "and came out" img-map --verify failing
equals "as an error" "$(table out errors)" 1
status 1 "a rerun says so too" img-map -o failing "imgextract {} | $classify" broken.tar s2.tar
head -c 12000 s3.tar >cut.tar
status 3 "a damaged shard" img-map --retries 1 -o damaged "imgextract {} | $classify" s1.tar cut.tar s2.tar
contains "is named, and why" err "cut.tar is not done: exit status 3: imgextract: cut.tar"
contains "the others are done" err "2 of 3 shards done: 24 records"
equals "it was tried again" "$(grep -c 'failed  cut.tar' damaged/img-map.log)" 2
imgextract -q cut.tar 2>/dev/null | imgprep -q -m "$model" 2>/dev/null | imgclassify -m "$model" >expected 2>/dev/null
same "what could be read is kept" damaged/cut.tar.tsv.part expected
status 3 "--verify tells it" img-map --verify damaged
equals "and nothing else" "$(cat err)" "img-map: cut.tar: no whole result; what could be read of it is in cut.tar.*.part"
cp s3.tar cut.tar
status 0 "with the right file the rerun ends well" img-map -o damaged "imgextract {} | $classify" s1.tar cut.tar s2.tar
ok "and what was kept is gone" [ ! -e damaged/cut.tar.tsv.part ]

# A program in the middle, and at the end, of the pipeline fails the first time.
once() { # WHAT: fails once for each shard
    mkdir -p "$tap_dir/failed.$1"
    printf 'cat; mkdir %s/failed.%s/{} 2>/dev/null && %s' "$tap_dir" "$1" "$2"
}
if command -v bash >/dev/null; then
    status 0 "a program in the middle that fails is noticed" \
        img-map -o middle "imgextract {} | { $(once middle 'exit 4'); true; } | $classify" s1.tar s2.tar
    equals "and tried again" "$(grep -c '  failed  .*exit status 4' middle/img-map.log)" 2
    equals "until all is right" "$(cat middle/*.tsv | cksum)" "$(cat expected1.tsv expected2.tsv | cksum)"
else
    skip "a program in the middle that fails is noticed" "no bash"
fi
status 0 "a program that is killed" \
    img-map -o killed "imgextract {} | { $(once killed 'kill -9 $$'); true; } | $classify" s1.tar s2.tar
equals "is noticed" "$(grep -c '  failed  ' killed/img-map.log)" 2
equals "the result is right" "$(cat killed/*.tsv | cksum)" "$(cat expected1.tsv expected2.tsv | cksum)"
status 4 "a pipeline that never works" img-map -o never "imgextract {} | imgclassify -m none.onnx" s?.tar
contains "is given up with the reason" err "none.onnx"
ok "soon" [ "$(grep -c '  failed  ' never/img-map.log)" -lt 10 ]

# ---- the worker and the driver are killed ----

slow="imgextract {} | { cat; sleep 0.4; } | $classify"
kill_worker() { # when the first shard has begun
    until set -- worker/.img-map/parts/*here* && [ -e "$1" ]; do sleep 0.05; done
    kill -9 "${1##*.}"
}
kill_worker &
status 0 "a worker is killed" img-map -j 2 -o worker "$slow" s?.tar
wait $!
img-map --verify worker >verified
equals "a worker is killed: all is there" "$(table verified records) $(table verified missing)" "63 0"
equals "nothing is left of it" "$(ls worker/.img-map/parts)" ""
img-map -j 2 -o driver "$slow" s1.tar s2.tar s3.tar s4.tar s5.tar >/dev/null 2>&1 &
driver=$!
until [ -e driver/s1.tar.tsv ]; do sleep 0.05; done
kill -9 $driver
wait $driver 2>/dev/null
status 0 "the driver was killed: a rerun" img-map -o driver "$slow" s1.tar s2.tar s3.tar s4.tar s5.tar
contains "does not begin anew" err 'are done already'
img-map --verify driver >verified
equals "nothing of it goes on" "$(for pid in /proc/[0-9]*; do
    [ "$(readlink "$pid/cwd" 2>/dev/null)" = "$PWD" ] && tr '\0' ' ' <"$pid/cmdline" 2>/dev/null | grep -e '-o driver'
done)" ""
equals "and ends as if nothing had been" "$(table verified results)" "$(table clean results)"

# ---- the proof ----

lose() { # NAME MESSAGE PIPELINE
    rm -rf lost
    img-map -q -o lost "$3" s1.tar 2>/dev/null
    status 3 "--verify: $1" img-map --verify lost
    contains "--verify: $1: told" err "s1.tar: $2"
}
lose "a record is lost" "12 records went in, 11 came out" "imgextract {} | imgcat --slice 0:11 --its"
lose "a row is lost" "12 records went in, 11 came out" "imgextract {} | $classify | sed 3d"
lose "a row is there twice" "12 records went in, 13 came out" "imgextract {} | $classify | sed 3p"
lose "one for another" "12 records went in and came out, but their keys are not the same" "imgextract {} | $classify | sed '3d; 4p'"
lose "no way to count" "its input cannot be counted" "cat {}"
status 0 "--input says what should come out" img-map -o half --input 'imgextract --limit 5 {}' "imgextract {} | imgcat --slice :5 --its" s1.tar
status 0 "--verify believes it" img-map --verify half
img-map -q -o json "imgextract {} | $classify --format jsonl" s1.tar broken.tar
status 0 "JSON lines" img-map --verify json
ok "are called so" [ -s json/s1.tar.jsonl ]

# ---- one large file ----

status 0 "--split of an archive" img-map --split 3 -o split "imgextract {} | $classify" s1.tar
equals "its parts" "$(cd split && echo *)" "img-map.log s1.tar.1-of-3.tsv s1.tar.2-of-3.tsv s1.tar.3-of-3.tsv"
equals "hold all" "$(cat split/*.tsv | sort | cksum)" "$(sort expected1.tsv | cksum)"
status 0 "--verify" img-map --verify split
imgextract -o all.its s?.tar
status 0 "--split of a stream" img-map --split 12 -j 2 -o ranges "imgcat --its {} | imgprep -m '$model'" all.its
ok "twelve" [ -s ranges/all.its.01-of-12.its ]
status 0 "are one whole" imgcat --check ranges/*.its
status 0 "--verify" img-map --verify ranges
status 2 "--split of two" img-map --split 2 -o x "imgextract {}" s1.tar s2.tar

# ---- names ----

mkdir -p a/b "with space"
cp s1.tar a/s.tar && cp s2.tar a/b/s.tar && cp s3.tar "with space/it's \$HOME.tar"
printf '%s\n' a/b/s.tar "with space/it's \$HOME.tar" >list
status 0 "names that occur twice, and bad ones, from a list" img-map -o names -T list "imgextract {} | $classify" a/s.tar
equals "their results" "$(cd names && echo *)" "a_b_s.tar.tsv img-map.log it_s__HOME.tar.tsv s.tar.tsv"
same "are the right ones" names/it_s__HOME.tar.tsv expected3.tsv
status 0 "the same in another order" img-map -o names -T list "imgextract {} | $classify"
contains "is nothing new" err "2 of 2 shards are done already"
status 0 "--suffix and --log" img-map --suffix .rows --log the.log -o suffix "imgextract {} | $classify" s1.tar
same "--suffix" suffix/s1.tar.rows expected1.tsv
contains "--log" the.log "1 of 1 shards done"

# ---- Slurm, by a stand-in ----

cat >sbatch <<'END'
#!/bin/sh
[ "$1 $2" = "--test --wait" ] || exit
last=$(sed -n 's/^#SBATCH --array=0-\([0-9]*\).*/\1/p' "$3")
log=$(sed -n 's/^#SBATCH --output=//p' "$3")
while [ "$last" -ge 0 ]; do
    SLURM_ARRAY_TASK_ID=$last sh "$3" >"$(echo "$log" | sed "s/%a/$last/")"
    last=$((last - 1))
done
END
chmod +x sbatch
status 0 "an array job" img-map --via slurm --sbatch "$PWD/sbatch --test" -o slurm "imgextract {} | $classify" s1.tar s2.tar s3.tar s4.tar s5.tar
img-map --verify slurm >verified
equals "gives the same" "$(table verified results)" "$(table clean results)"
equals "and is logged" "$(grep -c '  done  ' slurm/img-map.log)" 5
status 4 "no Slurm" img-map --via slurm -o x "imgextract {}" s1.tar

# ---- wrong usage ----

status 2 "no arguments" img-map
status 2 "no pipeline" img-map -o x
status 2 "no {}" img-map -o x "imgextract" s1.tar
contains "no {}: says so" err "no {}"
status 2 "no shards" img-map -o x "imgextract {}"
status 2 "a quote is open" img-map -o x "imgextract {} | grep 'x" s1.tar
status 2 "--via" img-map --via ssh -o x "imgextract {}" s1.tar
status 2 "--via pdsh without hosts" img-map --via pdsh -o x "imgextract {}" s1.tar
status 2 "--via local with hosts" img-map --via local --hosts a -o x "imgextract {}" s1.tar
status 2 "--hosts and --hostfile" img-map --hosts a --hostfile list -o x "imgextract {}" s1.tar
status 4 "--hostfile that is not there" img-map --hostfile nowhere -o x "imgextract {}" s1.tar
status 2 "a host that is an option" img-map --hosts=-oProxyCommand=x -o x "imgextract {}" s1.tar
status 2 "a host that is a command" img-map --hosts 'a;b' -o x "imgextract {}" s1.tar
for bad in "-j 0" "-jx" "--retries -1" "--straggler x" "--split 0" "--suffix /" "--jobs" "--nothing"; do
    # shellcheck disable=SC2086
    status 2 "$bad" img-map $bad -o x "imgextract {}" s1.tar
done
ok "nothing was made" [ ! -e x ]
status 3 "--verify of nothing" img-map --verify nowhere
status 2 "--push without hosts" img-map --push
tap_done
