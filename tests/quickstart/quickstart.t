#!/bin/sh
# The quickstart, with small numbers: it ends with a score, and its printed commands do the same when pasted.
: "${SRCDIR:=$(cd "$(dirname "$0")/../.." && pwd)}"
. "$SRCDIR/tests/tap.sh"
quickstart() { sh "$SRCDIR/scripts/quickstart" "$@"; }

status 0 "no argument: drawn pictures" quickstart -n 150 -e 2 -s 16 -d q
cp out said
contains "a score" said "top-1"
contains "a confusion matrix" said "confusion"
equals "each unseen picture has a row" "$(wc -l <q/pred.tsv)" 27
ok "a model" test -s q/model.onnx
sed 's/^ *//; /^#/d; /^rows /,$d; /^$/d' said >commands
cp q/pred.tsv first.tsv
rm -r q
ok "the printed commands can be pasted" sh -e commands
same "and give the same predictions" q/pred.tsv first.tsv

drawshapes -n 60 -s 5 -S 32-48 >folders.tar
drawshapes -n 60 -s 5 -S 32-48 | cmp -s - folders.tar
equals "drawshapes: the same seed, the same pictures" $? 0
drawshapes -n 60 -s 6 -S 32-48 | cmp -s - folders.tar
equals "drawshapes: another seed, other pictures" $? 1
status 2 "drawshapes: a bad size" drawshapes -S 9-8
status 0 "an archive with folders, given by a relative path" quickstart -t models/logreg.net -e 1 -s 8 -d q2 folders.tar
contains "the fifth that is left out of the training is the test" out "--shard 1/5 --except"
equals "it is classified" "$(wc -l <q2/pred.tsv)" 12

mkdir 'my pictures' flat one few && tar -xf folders.tar -C 'my pictures'
status 0 "a folder with a space in its name" quickstart -t models/logreg.net -e 1 -s 8 -d q3 'my pictures'
for file in 'my pictures'/*/*.jpg; do
    label=$(basename "$(dirname "$file")")
    cp "$file" "flat/$label.$(basename "$file")"
    cp "$file" one
done
tar -cf flat.tar -C flat .
status 0 "names that begin with the class" quickstart -t models/logreg.net -e 1 -s 8 -d q4 flat.tar
contains "the rule is in the command" out "--label prefix"
(cd flat && for file in *; do mv "$file" "$(echo "$file" | sed 's/\./_/')"; done)
tar -cf flat.tar -C flat .
status 0 "names that begin with the class's letters" quickstart -t models/logreg.net -e 1 -s 8 -d q5 flat.tar
contains "the rule is in the command" out "regex="

# the classes in turns, as many as the shards: each fifth picture would be of one class
python3 - <<'E'
import tarfile
with tarfile.open("folders.tar") as a, tarfile.open("turns.tar", "w") as b:
    members = [m for m in a.getmembers() if not m.name.startswith("ring")]
    kinds = sorted({m.name.split("/")[0] for m in members})
    for row in zip(*([m for m in members if m.name.startswith(k)] for k in kinds)):
        for m in row:
            b.addfile(m, a.extractfile(m))
E
status 0 "five classes in turns" quickstart -t models/logreg.net -e 1 -s 8 -d q6 turns.tar
contains "another shard is chosen" out "--shard 1/7"

status 1 "one class only" quickstart one
contains "one class only: says what is expected" err "Expected at least 2 classes"
for kind in star ring; do
    mkdir -p few/$kind
    find "my pictures/$kind" -name '*.jpg' | LC_ALL=C sort | head -n 7 | while read -r file; do cp "$file" few/$kind; done
done
status 1 "too few pictures" quickstart few
contains "too few pictures: says how many are needed" err "20 at least"
echo text >text
status 1 "no pictures" quickstart text
status 1 "a missing archive" quickstart missing.tar
contains "a missing archive is named" err "missing.tar does not exist"
status 1 "a bad number" quickstart -n none
status 2 "a bad option" quickstart -x
status 0 "-h" quickstart -h
contains "-h: how it is used" out "sh scripts/quickstart ARCHIVE"
tap_done
