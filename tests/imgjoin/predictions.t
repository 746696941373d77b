#!/bin/sh
# Would break: the comparison of two models.
: "${SRCDIR:=$(cd "$(dirname "$0")/../.." && pwd)}"
. "$SRCDIR/tests/tap.sh"

printf 'a.jpg\tcat\tcat\t0.9\tdog\t0.1\nb.jpg\tdog\tcat\t0.6\tdog\t0.4\nc.jpg\tcat\t!error\tno picture\nd.jpg\tdog\tdog\t0.8\tcat\t0.2\n' >a.tsv
printf 'key\tlabel\tclass\tprobability\nd.jpg\tdog\tdog\t0.7\na.jpg\tcat\tdog\t0.5\nc.jpg\tcat\tcat\t1\ne.jpg\tcat\tcat\t1\n' >b.tsv
imgjoin --predictions -t b.tsv --predictions a.tsv 2>messages | tr '\t' '|' >got
cat >expected <<'E'
key|label|class|probability|class2|probability2|label.2|class.2|probability.2|agree
a.jpg|cat|cat|0.9|dog|0.1|cat|dog|0.5|no
c.jpg|cat|!error|no picture|||cat|cat|1|
d.jpg|dog|dog|0.8|cat|0.2|dog|dog|0.7|yes
E
same 'both confidences, and whether they agree' got expected
contains 'left without right' messages "1 rows have no match in b.tsv (such as 'b.jpg')"
contains 'right without left' messages "b.tsv: 1 of its 4 keys were not asked for (such as 'e.jpg')"
equals 'only those that disagree' "$(imgjoin -q --predictions -t b.tsv --predictions a.tsv | imgjoin -w agree=no --select key,probability,probability.2 | tail -n 1)" \
    "$(printf 'a.jpg\t0.9\t0.5')"
equals 'a header is no prediction, in a second file neither' "$(imgjoin --predictions --select key b.tsv b.tsv | wc -l)" 9
printf 'id,truth\na,dog\nb,dog\n' >truth.csv
equals 'labels from a table' "$(imgjoin -q --predictions --key name -t truth.csv --label truth a.tsv | cut -f 1-4 | tr '\t\n' '|+')" \
    'key|label|class|probability+a.jpg|dog|cat|0.9+b.jpg|dog|cat|0.6+'
printf 'a,b\n' >no.csv
status 3 'no predictions' imgjoin --predictions no.csv
contains 'what is expected' err 'expected predictions, as imgclassify writes them'
tap_done
