#!/bin/sh
# Would break: the score that a user reads. By hand, and against another computation (score.py).
: "${SRCDIR:=$(cd "$(dirname "$0")/../.." && pwd)}"
. "$SRCDIR/tests/tap.sh"
. "$SRCDIR/tests/imgstats/table.sh"

score() { # NAME [FILE]: one value of the report
    imgstats eval -f tsv "${2:-p.tsv}" 2>/dev/null | awk -F '\t' -v name="$1" '$1 == "score" && $2 == name {print $3}'
}

# By hand: 3 right of 5; of a: precision 2/3, recall 2/2; of b: 1/2 and 1/3.
table p.tsv '1|a|a|0.9|b|0.1' '2|a|a|0.8|b|0.2' '3|b|a|0.7|b|0.3' '4|b|b|0.6|a|0.4' '5|b|c|0.5|a|0.3' \
    '6|~|a|0.5|b|0.5' '7|a|!error|not a picture' '8|~|!error|not a picture'
equals "top-1" "$(score top1)" 0.6
equals "top-5, of the classes that a row holds" "$(score top5)" 0.8
equals "rows" "$(score rows)" 8
equals "scored" "$(score scored)" 5
equals "errors" "$(score errors)" 2
equals "unlabelled" "$(score unlabelled)" 1
equals "classes" "$(imgstats eval -f tsv p.tsv | grep '^class' | cut -f 2-8)" "$(table /dev/stdout \
    'a|2|3|2|0.666666666667|1|0.8' 'b|3|1|1|1|0.333333333333|0.5' 'c|0|1|0|0|~|0')"
equals "macro precision" "$(score macro_precision)" 0.555555555556
cat >expected <<'REPORT'
rows                 8
scored               5
errors               2  not scored: these items failed
unlabelled           1  not scored: no label

top-1          60.00 %  3 of 5, 95 % interval 23.07 .. 88.24 %
top-5          80.00 %  4 of 5, 95 % interval 37.55 .. 96.38 % (the rows hold only 2 classes)

class           support  predicted  precision    recall        F1
a                     2          3    66.67 %  100.00 %   80.00 %
b                     3          1   100.00 %   33.33 %   50.00 %
c                     0          1     0.00 %         -    0.00 %
macro average                         55.56 %   44.44 %   43.33 %

confusion (row: label, column: prediction)
              a b c
a             2 . .
b             1 1 1
c             . . .

calibration: expected error 38.00 %, of the worst bin 70.00 %
confidence         rows       mean     right  95 % interval
 40 ..  50 %           1    50.00 %    0.00 %  0.00 .. 79.35 %
 50 ..  60 %           1    60.00 %  100.00 %  20.65 .. 100.00 %
 60 ..  70 %           1    70.00 %    0.00 %  0.00 .. 79.35 %
 70 ..  80 %           1    80.00 %  100.00 %  20.65 .. 100.00 %
 80 ..  90 %           1    90.00 %  100.00 %  20.65 .. 100.00 %
REPORT
status 0 "the report for a person" imgstats eval p.tsv
same "reads so" out expected
equals "nothing to complain of" "$(cat err)" ""
status 0 "from standard input, with -" sh -c 'imgstats eval - <p.tsv'
same "is the same" out expected
status 0 "from standard input, without" sh -c 'imgstats --format text eval <p.tsv'
same "is the same again" out expected
{ printf 'key\tlabel\tclass\tprobability\tclass\tprobability\r\n'; sed "s/\$/$(printf '\r')/" p.tsv; } >crlf.tsv
status 0 "with headings and CRLF" imgstats eval crlf.tsv
same "is the same, too" out expected
head -n 3 p.tsv >a.tsv
tail -n +4 p.tsv >b.tsv
status 0 "in two files" imgstats eval a.tsv b.tsv
same "is the same as in one" out expected
status 0 "to a file" imgstats eval -o report p.tsv
same "is what goes to standard output" report expected

# Two classes, or one against the rest: with the probabilities of b 0.1 (a) 0.3 (b) 0.3 (a) 0.6 (b), of four pairs three and a half
# are in order; by threshold the precisions are 1 and 2/3, each for half of the recall.
table two.tsv '1|a|a|0.9|b|0.1' '2|b|a|0.7|b|0.3' '3|a|a|0.7|b|0.3' '4|b|b|0.6|a|0.4'
equals "two classes: the second by name" "$(imgstats eval -f tsv two.tsv | awk '$2 == "positive" {print $3}')" b
equals "two classes: area under the ROC curve" "$(score roc_auc two.tsv)" 0.875
equals "two classes: average precision" "$(score average_precision two.tsv)" 0.833333333333
status 0 "--positive: another class" imgstats eval --positive a two.tsv
contains "is told" out "ROC AUC        87.50 %  of a"
table three.tsv '1|a|a|0.9|b|0.1|c|0' '2|b|b|0.7|a|0.2|c|0.1' '3|c|a|0.5|c|0.3|b|0.2' '4|a|b|0.6|a|0.4|c|0'
equals "--positive: one of three against the rest" "$(imgstats eval -f tsv --positive a three.tsv | awk '$2 == "roc_auc" {print $3}')" 0.75
cut -f 1-4 two.tsv >first.tsv
status 0 "rows that do not hold both classes" imgstats eval first.tsv
contains "have no such area" out "ROC AUC              -  of b (rows do not hold its probability: imgclassify -k 2 or more)"
equals "many classes: nobody asks" "$(imgstats eval p.tsv | grep -c ROC)" 0
status 0 "a class that is no label" imgstats eval --positive c two.tsv
contains "is told" err "no row has the label of --positive"

# Against score.py.
if command -v python3 >/dev/null; then
    for shape in "1 12 1500 5" "2 40 1500 7" "3 1 20 1" "4 1000 3000 5"; do
        # shellcheck disable=SC2086
        python3 "$SRCDIR/tests/imgstats/score.py" make $shape >r.tsv
        status 0 "random table (seed, classes, rows, columns: $shape) as JSON" imgstats eval -f json r.tsv
        mv out r.json
        imgstats eval -f tsv r.tsv >r.report 2>err
        equals "is what another program computes ($shape)" \
            "$(python3 "$SRCDIR/tests/imgstats/score.py" check r.tsv r.json r.report)" same
        ok "fits a terminal ($shape)" sh -c 'imgstats eval r.tsv >wide && [ "$(wc -L <wide)" -le 100 ] && [ "$(wc -l <wide)" -le 70 ]'
    done
    imgstats eval -n 3 r.tsv >short
    contains "-n 3 of 1,000 classes" short "the 3 of "
    contains "and of the mistakes" short "the 3 most frequent"
else
    skip "against another computation" "no python3"
fi

# What is no prediction: named with file and line; the rest is scored; exit 3.
malformed() { # NAME ROW MESSAGE
    table bad.tsv '1|a|a|0.9' "$2" '3|a|a|0.9'
    status 3 "$1: exit 3" imgstats eval bad.tsv
    contains "$1: named" err "bad.tsv:2: $3"
    contains "$1: the rest is scored" out "2 of 2"
    contains "$1: counted" out "malformed            1"
}
malformed "three columns" '2|a|a' "the row has 3 columns"
malformed "a class without probability" '2|a|a|0.9|b' "the row has 5 columns: the last class has no probability"
malformed "NaN" '2|a|a|nan' "'nan' in column 4 is not a probability"
malformed "a word" '2|a|a|high' "'high' in column 4"
malformed "an empty line" '' "the row has 1 column"
malformed "not in order" '2|a|a|0.1|b|0.9' "the probability 0.9 in column 6 is larger than the one before it"
status 3 "--strict: exit 3" imgstats eval --strict bad.tsv
equals "--strict: no report" "$(cat out)" ""
printf '1\ta\ta\t0.9\n2\ta\tb\t0.' >cut.tsv
status 3 "a last line that is cut off" imgstats eval cut.tsv
contains "says so" err "cut.tsv:2: the last line is cut off"
contains "and is not scored" out "1 of 1"
status 3 "-o of a damaged table" imgstats eval -o report3 cut.tsv
ok "does not appear under its name" [ ! -e report3 ]
ok "but as a part" [ -s report3.part ]
i=0
while [ $i -lt 50 ]; do
    echo bad
    i=$((i + 1))
done >bad.tsv
status 3 "fifty bad lines" imgstats eval bad.tsv
equals "are not fifty messages" "$(grep -c 'bad.tsv:' err)" 10
sed 's/.*/{"key":"a","label":"b","top":[]}/' bad.tsv >jsonl
status 3 "fifty JSON lines" imgstats eval jsonl
equals "are one message" "$(grep jsonl err)" "imgstats: jsonl:1: this is JSON lines: give the TSV of imgclassify"
contains "and counted" out "malformed           50"
mkfifo endless
exec 3<>endless # never a byte, never the end
status 4 "-o in a folder that there is not: told before the work" timeout 10 imgstats eval -o no/report - <&3
exec 3>&-
: >empty.tsv
status 3 "an empty input" imgstats eval empty.tsv
contains "says that its writer died" err "empty.tsv is empty"
status 3 "an empty pipe" sh -c ': | imgstats eval'

# Nothing to score.
table none.tsv '1|~|a|0.9' '2|a|!error|broken'
status 1 "no row with label and class: exit 1" imgstats eval none.tsv
contains "says why" err "nothing to score"
contains "and counts" out "unlabelled           1"
status 1 "as JSON: null" imgstats eval -f json none.tsv
contains "no accuracy" out '"top1": null'
table other.tsv '1|0|cat|0.9' '2|1|dog|0.9'
status 0 "labels of another language" imgstats eval other.tsv
contains "are pointed out" err "no row holds its own label"

# Usage.
status 2 "no command" imgstats
contains "names them" err "expected a command: eval, compare, labels, summary, plot or report"
status 2 "a command that there is not" imgstats draw
status 2 "a format that there is not" imgstats eval -f xml p.tsv
contains "names them" err "'xml' is no format: expected text, tsv or json"
status 2 "a number that is none" imgstats eval -n many p.tsv
status 4 "a file that is not there" imgstats eval nowhere.tsv
contains "is named" err "cannot open nowhere.tsv"
ok "all options are taken" imgstats eval -j 2 -q -v --progress --pairs 5 --format tsv --output all.tsv p.tsv
tap_done
