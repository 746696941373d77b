#!/bin/sh
# Would break: who is told which of two models is better, and where they differ. By hand; scikit-learn and SciPy:
# tests/conformance.
: "${SRCDIR:=$(cd "$(dirname "$0")/../.." && pwd)}"
. "$SRCDIR/tests/tap.sh"
. "$SRCDIR/tests/imgstats/table.sh"

# Both right: 1, 2; only the first: 3, 4; only the second: 5; neither: 6 (they agree); unlabelled: 7 (they agree), 8;
# failed in the second: 9; only in the first: 10; only in the second: 11, 12.
table small.tsv '1|a|a|0.9|b|0.1' '2|b|b|0.8|a|0.2' '3|a|a|0.7|b|0.3' '4|b|b|0.95|a|0.05' '5|a|b|0.6|a|0.4' \
    '6|b|a|0.9|b|0.1' '7|~|a|0.9|b|0.1' '8|~|a|0.99|b|0.01' '9|a|a|0.9|b|0.1' '10|a|a|0.9|b|0.1'
mkdir runs
table runs/large.tsv '12|a|a|1|b|0' '8|~|b|0.98|a|0.02' '7|~|a|0.6|b|0.4' '6|b|a|0.7|b|0.3' '5|a|a|0.8|b|0.2' \
    '4|b|a|0.65|b|0.35' '3|a|b|0.75|a|0.25' '2|b|b|1|a|0' '1|a|a|1|b|0' '9|a|!error|not a picture' '11|a|a|1|b|0' \
    '1|a|b|1|a|0'
table expected 'score|rows_first|10' 'score|rows_second|12' 'score|only_in_first|1' 'score|only_in_second|2' \
    'score|repeated_first|0' 'score|repeated_second|1' 'score|relabelled|0' 'score|compared|8' 'score|agree|4' \
    'score|scored|6' 'score|both_right|2' 'score|only_first_right|2' 'score|only_second_right|1' 'score|neither_right|1' \
    'score|agreement|0.5' 'score|agreement_low|0.215216062214' 'score|agreement_high|0.784783937786' \
    'score|kappa|-0.0666666666667' 'score|top1_first|0.666666666667' 'score|top1_second|0.5' 'score|mcnemar|1' \
    'disagreement|8|~|a|0.99|b|0.98|' 'disagreement|3|a|a|0.7|b|0.75|first' 'disagreement|4|b|b|0.95|a|0.65|first' \
    'disagreement|5|a|b|0.6|a|0.8|second'
status 0 "two tables" imgstats compare -f tsv small.tsv runs/large.tsv
same "joined by key: counts, and disagreements, the surest first" out expected
cp out report
cat >expected <<'REPORT'
                   small     large
rows                  10        12
not in both            1         2
repeated keys          0         1
errors                 0         1

agreement        50.00 %  4 of 8, 95 % interval 21.52 .. 78.48 %; kappa -0.0667
top-1            66.67 %   50.00 %  of 6 rows with a label
only this              2         1  is right; both in 2, neither in 1
McNemar's test         1  is the probability of such a difference by chance

3 of 4 disagreements, the surest first
key  label            small            large
8           a       99.00 %  b       98.00 %
3    a      a       70.00 %  b       75.00 %
4    b      b       95.00 %  a       65.00 %
REPORT
status 0 "for a person, -n 3" imgstats compare -n 3 small.tsv runs/large.tsv
same "reads so" out expected
status 0 "one from standard input" sh -c 'imgstats compare -f tsv - runs/large.tsv <small.tsv'
same "is the same" out report
if command -v python3 >/dev/null; then
    imgstats compare -f json small.tsv runs/large.tsv >c.json
    ok "JSON says the same" python3 -c '
import json
report, found = json.load(open("c.json")), []
found = ["score\t%s\t%.12g" % pair for pair in report.items() if pair[0] != "disagreements"]
for one in report["disagreements"]:
    sides = [str(one[side][what]) for side in ("first", "second") for what in ("class", "probability")]
    found.append("\t".join(["disagreement", one["key"], one["label"]] + sides + [one["right"]]))
assert "\n".join(found) + "\n" == open("report").read(), found'
fi
status 0 "a table and itself" imgstats compare small.tsv small.tsv
contains "agree" out "agreement       100.00 %  10 of 10"
ok "and there is nothing to list" sh -c '! grep disagreements out'
table long.tsv 'validation/bär/0123456789abcdef01.jpg#12|a|a|0.9|b|0.1'
table other.tsv 'validation/bär/0123456789abcdef01.jpg#12|a|b|0.9|a|0.1'
imgstats compare long.tsv other.tsv >out
contains "of a long key its end is shown" out '~r/0123456789abcdef01.jpg#12  '
table other.tsv '1|b|a|0.9|b|0.1' '2|b|b|0.8|a|0.2'
imgstats compare small.tsv other.tsv >out
contains "labels that differ are told" out "1 rows have another label in the second: that of the first counts"
printf 'bad\n' >>other.tsv
status 3 "a line that is no prediction" imgstats compare small.tsv other.tsv
contains "is told with its place" err "imgstats: other.tsv:3: the row has 1 column"
contains "and the rest compared" out "agreement"
table alien.tsv 'x|b|a|0.9|b|0.1'
status 1 "no key in common" imgstats compare small.tsv alien.tsv
contains "says so" err "the two tables have no key in common"
status 2 "one table" imgstats compare small.tsv
contains "two are expected" err "compare: expected two tables of predictions"
status 4 "a table that is not there" imgstats compare small.tsv nowhere.tsv
tap_done
