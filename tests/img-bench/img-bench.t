#!/bin/sh
# Would break: the table of what more workers bring: a column that is not what it says, pictures that were left out, a memory that is
# not the workers'. How fast it is, no test can say.
: "${SRCDIR:=$(cd "$(dirname "$0")/../.." && pwd)}"
. "$SRCDIR/tests/tap.sh"
PATH=$PATH:$SRCDIR/scripts
model=$SRCDIR/models/shapes.onnx
drawshapes -n 20 -s 1 >p.tar
column() { # FILE NAME
    awk -F '\t' -v name="$2" 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == name) c = i; next } { printf "%s ", $c }' "$1"
}

status 0 'an archive, one and two workers' img-bench -m "$model" --images 15 --shards 4 --repeat 2 -w 2 -o b.tsv --plot b.txt p.tar
equals 'it says each run' "$(grep -c 'workers: 15 pictures in' err)" 4
cp out table
equals 'the columns' "$(head -n 1 b.tsv)" "$(printf 'workers\truns\timages\tseconds\timages_per_second\tspeed_up\tefficiency\tpeak_kb')"
equals 'workers' "$(column b.tsv workers)" '1 2 '
equals 'runs' "$(column b.tsv runs)" '2 2 '
equals 'pictures' "$(column b.tsv images)" '15 15 '
ok 'the numbers are what they say' awk -F '\t' '
    function near(a, b) { return a > b * 0.99 && a < b * 1.01 }
    NR == 1 { next }
    NR == 2 { base = $5 }
    !near($5, $3 / $4) || !near($6, $5 / base) || !near($7, $6 / $1) { print; exit 1 }' b.tsv
equals 'the table is of the same' "$(awk 'NR > 1 { print $1 }' table | tr '\n' ' ')" '1 2 '
ok 'the plot is there' grep -q images b.txt
if /usr/bin/time -f %M true 2>/dev/null; then
    # what the three programs of a worker take one by one, of which each has some 3 MB of libraries at least
    ok 'the memory is that of all programs of a worker' awk -F '\t' 'NR > 1 && ($8 < 6000 || $8 > 2000000) { exit 1 }' b.tsv
else
    contains 'no memory without GNU time' table 'not measured'
fi
status 0 '-q, random weights, less pictures than wanted' img-bench -q --images 9999 --shards 2 --repeat 1 -w 1 --batch 4 -o r.tsv p.tar
equals 'are all' "$(column r.tsv images)" '20 '
equals '-q: nothing is said of runs' "$(cat err)" ''
equals 'nothing is left' "$(ls)" 'b.tsv
b.txt
err
out
p.tar
r.tsv
table'

status 0 "a pipeline of one's own" img-bench --repeat 1 -w 1,3 -o own.tsv --work here 'imgextract {} | imgprep -j 1 -m '"'$model'"' | imgcat --its' p.tar p.tar
equals 'its workers' "$(column own.tsv workers)" '1 3 '
equals 'its pictures' "$(column own.tsv images)" '20 20 '
equals '--work is left as it was' "$(ls here)" ''
status 4 'a pipeline that fails' img-bench --repeat 1 -w 1 'imgextract {} | imgclassify -m none.onnx' p.tar
contains 'says why' err 'none.onnx'
mkdir bad
tar -xf p.tar -C bad
echo x >bad/circle/broken.jpg
status 1 'a picture that fails' img-bench --repeat 1 -w 1 -m "$model" bad
contains 'counts' err '1 workers: 21 pictures'

status 2 'nothing' img-bench
status 2 'two archives' img-bench p.tar p.tar
status 2 'a pipeline without shards' img-bench 'imgextract {}'
status 2 '-m with a pipeline' img-bench -m "$model" 'imgextract {}' p.tar
status 2 'more workers than hosts' img-bench --hosts a,b -w 3 p.tar
for bad in '-w 0' '-w 1,x' '--images 0' '--batch x' '--shards 0' '--repeat 0' '--plot x.pdf' '--model' '--nothing'; do
    # shellcheck disable=SC2086
    status 2 "$bad" img-bench $bad p.tar
done
status 4 'no such model' img-bench -m none.onnx p.tar
status 4 'no such archive' img-bench none.tar
status 4 'a table that cannot be written' img-bench -q --images 2 --shards 1 --repeat 1 -w 1 -m "$model" -o nowhere/x.tsv p.tar
contains 'is told' err 'cannot write nowhere/x.tsv'
status 0 '-h' img-bench -h
contains 'is a usage' out '--workers N'
status 0 '-V' img-bench -V
contains 'names the program' out 'img-bench'
tap_done
