#!/bin/sh
# Would mislead: the figures of imgutils(7), Beyond one site, come from a simulation. Where a formula is exact, it must agree.
: "${SRCDIR:=$(cd "$(dirname "$0")/../.." && pwd)}"
. "$SRCDIR/tests/tap.sh"

cat >limits.py <<'END_PY'
import importlib.machinery
import math
import sys
sys.dont_write_bytecode = True
scale = importlib.machinery.SourceFileLoader("scale", sys.argv[1]).load_module()
PLAIN = "--rate 100 --fixed 0 --dispatch 0 --mtbf 1e15 --slow 0 --spread 0 "


def run(words, pictures):
    return scale.Run(scale.options((PLAIN + words).split()), pictures)


def check(name, found, expected, tolerance=1e-9):
    good = abs(found - expected) <= tolerance * abs(expected)
    print("%s %s: %.9g, by the formula %.9g" % ("good" if good else "wrong", name, found, expected))


r = run("--images 1e6 --hosts 7", 1000)
check("nothing is lost, each host takes its share in turns", r.seconds, math.ceil(1000 / 7) * 10)
r = run("--images 1e6 --hosts 7 --fixed 3", 1000)
check("a fixed time for each shard", r.seconds, math.ceil(1000 / 7) * 13)
r = run("--images 1e6 --hosts 2000 --dispatch 0.02", 1000)
check("the driver is the limit: one shard after the other", r.seconds, 999 * 0.02 + 10)
r = run("--images 1e6 --hosts 1", 1e6)
check("one shard, one host", r.seconds, 10000)
r = run("--images 1e7 --hosts 4 --slow 1", 1000)
check("all hosts at half the speed", r.seconds, 1e7 / 100 / 4 * 2)
r = run("--images 2e7 --hosts 4000 --mtbf 0.1", 1000)
expected = (2e7 + r.redone) / 100 / 3600 / 0.1
check("hosts lost: the hours of all hosts together, a tenth of an hour for each", r.lost, expected, 4 / math.sqrt(expected))
check("half a shard is lost with a host", r.redone / r.lost, 500, 4 * 0.29 * 2 / math.sqrt(r.lost))
r = run("--images 1e6 --hosts 3 --mtbf 0.0001", 1000)
print("good" if r.seconds == math.inf else "wrong", "no host is left: the run does not end")
o = scale.options((PLAIN + "--images 1e6 --picture 1e6").split())
check("NameNode: 1000 files of 8 blocks, and two of one block for each", scale.name_node(o, 1000), 1000 * 150 * (9 + 4))
END_PY
python3 limits.py "$SRCDIR/tests/bench/scale" >limits 2>err
sed 's/^/# /' limits err
equals "limiting cases that agree with their formulas" "$(grep -c '^good' limits) $(grep -c '^wrong' limits)" '9 0'
python3 "$SRCDIR/tests/bench/scale" --images 1e6 --hosts 50 --shard 1000,5000 --mtbf 1 --seed 3 >one
python3 "$SRCDIR/tests/bench/scale" --images 1e6 --hosts 50 --shard 1000,5000 --mtbf 1 --seed 3 >two
ok 'the same seed, the same table' cmp one two
equals 'a row for each size of shard' "$(awk 'NR > 2 { printf "%s ", $1 }' one)" '1000 5000 '
tap_done
