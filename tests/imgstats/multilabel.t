#!/bin/sh
# Would break: the scores of predictions where an item has any number of labels. By hand; scikit-learn: tests/conformance.
: "${SRCDIR:=$(cd "$(dirname "$0")/../.." && pwd)}"
. "$SRCDIR/tests/tap.sh"
. "$SRCDIR/tests/imgstats/table.sh"

table p.tsv '1|a,b|a|0.9|b|0.6|c|0.2' '2|a|b|0.7|a|0.6|c|0.1' '3|-|c|0.55|a|0.4|b|0.3' '4|b,c|b|0.8|c|0.4|a|0.2' \
    '5|~|a|0.9|b|0.1|c|0.1' '6|a|!error|not a picture'
status 0 "labels that are sets" imgstats eval -f tsv p.tsv
table expected 'score|rows|6' 'score|scored|4' 'score|errors|1' 'score|unlabelled|1' 'score|malformed|0' \
    'score|threshold|0.5' 'score|subset_accuracy|0.25' \
    'score|micro_precision|0.666666666667' 'score|micro_recall|0.8' 'score|micro_f1|0.727272727273' \
    'score|micro_average_precision|0.845' 'score|micro_roc_auc|0.871428571429' \
    'score|macro_precision|0.555555555556' 'score|macro_recall|0.666666666667' 'score|macro_f1|0.6' \
    'score|macro_average_precision|0.777777777778' 'score|macro_roc_auc|0.805555555556' \
    'label|a|2|2|2|1|1|1|1|1' 'label|b|2|3|2|0.666666666667|1|0.8|0.833333333333|0.75' 'label|c|1|1|0|0|0|0|0.5|0.666666666667'
same "are scored label by label" out expected
cp out report
imgstats eval -v p.tsv >out 2>err
contains "-v says how they are taken" err "the labels are sets of names"
cat >expected <<'REPORT'
rows                    6
scored                  4
errors                  1  not scored: these items failed
unlabelled              1  not scored: no label

subset accuracy   25.00 %  1 of 4 rows have all labels right, at the threshold 0.5

label          support predicted precision   recall       F1       AP  ROC AUC
a                    2         2  100.00 % 100.00 % 100.00 % 100.00 % 100.00 %
b                    2         3   66.67 % 100.00 %  80.00 %  83.33 %  75.00 %
c                    1         1    0.00 %   0.00 %   0.00 %  50.00 %  66.67 %
micro average        5         6   66.67 %  80.00 %  72.73 %  84.50 %  87.14 %
macro average                      55.56 %  66.67 %  60.00 %  77.78 %  80.56 %
REPORT
same "the report for a person" out expected
if command -v python3 >/dev/null; then
    imgstats eval -f json p.tsv >p.json
    ok "JSON says the same" python3 -c '
import json
report, found = json.load(open("p.json")), []
names = ["precision", "recall", "f1", "average_precision", "roc_auc"]
for name in ["rows", "scored", "errors", "unlabelled", "malformed", "threshold", "subset_accuracy"]:
    found.append("score\t%s\t%.12g" % (name, report[name]))
for group in ["micro", "macro"]:
    found += ["score\t%s_%s\t%.12g" % (group, name, report[group][name]) for name in names]
for one in report["labels"]:
    found.append("\t".join(["label", one["label"]] + ["%.12g" % one[name] for name in ["support", "predicted", "right"] + names]))
assert "\n".join(found) + "\n" == open("report").read(), found'
fi
imgstats eval --threshold 0.4 -f tsv p.tsv >out
equals "--threshold: from there on" "$(awk '$1 == "label" {print $2, $4}' out | tr '\n' ' ')" "a 3 b 3 c 2 "
equals "--threshold does not matter to average precision" "$(grep average_precision out)" "$(grep average_precision report)"

# Rows of one name each.
table q.tsv '1|a|a|0.9|b|0.6' '2|b|b|0.7|a|0.6' '3|-|a|0.4|b|0.3'
imgstats eval -f tsv q.tsv >out
contains "rows of single names are taken for names" out top1
status 0 "--multilabel" imgstats eval --multilabel -f tsv q.tsv
contains "says that they are sets" out "$(printf 'score\tsubset_accuracy\t0.333333333333')"
table names.tsv '1|tench, Tinca tinca|tench, Tinca tinca|0.9|b|0.1' '2|b|b|0.7|tench, Tinca tinca|0.1'
imgstats eval -f tsv names.tsv >out
contains "a comma in a name is no set" out "$(printf 'score\ttop1\t1')"
{
    awk 'BEGIN {for (i = 0; i < 900; i++) printf "%d\ta\ta\t0.9\tb\t0.8\n", i}'
    cat p.tsv
} >late.tsv
imgstats eval -f tsv late.tsv >out
contains "the first set may come late" out "$(printf 'score\tscored\t904')"
contains "what was before it counts" out "$(printf 'label\ta\t902\t902\t902\t1\t1\t1\t1')"

# What is not in a row has the probability 0; what is not known does not count.
table few.tsv '1|a,b|a|0.9' '2|b|a|0.8' '3|-|b|0.7' '4|a,b|b|0.6'
imgstats eval --multilabel -f tsv few.tsv >out
# a: there in 1, 4; 0.9 yes, 0.8 no, then 0: 1/2 * 1 + 1/2 * 2/4. b: in 1, 2, 4; 0.7 no, 0.6 yes: 1/3 * 1/2 + 2/3 * 3/4.
equals "classes that a row does not hold" "$(awk '$1 == "label" {print $2, $3, $4, $5, $9}' out | tr '\n' ' ')" \
    'a 2 2 1 0.75 b 3 2 1 0.666666666667 '
table unknown.tsv '1|a,?b|b|0.9|a|0.8' '2|?a|a|0.9|b|0.1' '3|b|b|0.9|a|0.1' '4|a|a|0.8|b|0.2'
imgstats eval --multilabel -f tsv unknown.tsv >out
equals "labels that are not known" "$(awk '$1 == "label" {print $2, $3, $4, $5, $9}' out | tr '\n' ' ')" \
    'a 2 2 2 1 b 1 1 1 1 '
contains "nor are they wrong" out "$(printf 'score\tsubset_accuracy\t1')"

# Damage and usage.
table bad.tsv '1|a,b|a|0.9|b|0.8' '2|a,,b|a|0.9|b|0.8' '3|a|a|0.9|b|0.1'
status 3 "a set with an empty name" imgstats eval -f tsv bad.tsv
contains "is told with its line" err "bad.tsv:2: the set of labels 'a,,b' has an empty name"
contains "and counted" out "$(printf 'score\tmalformed\t1')"
contains "the rest is scored" out "$(printf 'score\tscored\t2')"
table none.tsv '1|~|a|0.9|b|0.8'
status 1 "nothing to score" imgstats eval --multilabel none.tsv
contains "is told" err "nothing to score"
status 2 "a threshold that is no probability" imgstats eval --threshold 2 p.tsv
tap_done
