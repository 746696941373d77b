#!/bin/sh
# Would break: what a user sees of a data set, of mistakes and of scale-out without another program, and as a picture with gnuplot.
: "${SRCDIR:=$(cd "$(dirname "$0")/../.." && pwd)}"
. "$SRCDIR/tests/tap.sh"
. "$SRCDIR/tests/imgstats/table.sh"
unset COLUMNS LC_CTYPE LANG

# Labels of a stream: 3 cats, 2 dogs, an owl.
for name in cat/1 cat/2 cat/3 dog/1 dog/2 owl/1; do
    mkdir -p "pets/${name%/*}"
    printf 'P5\n1 1\n255\n.' >"pets/$name.pgm"
done
imgextract -o pets.its pets
cat >expected <<'PLOT'
pets.its
6 in 3 labels

cat         3  50.00 % #################
dog         2  33.33 % ###########
owl         1  16.67 % ######
PLOT
status 0 "how often each label occurs: a stream is known by itself" imgstats plot --width 40 pets.its
same "as bars" out expected
status 0 "from standard input with --kind" sh -c 'imgstats plot --kind labels --title pets.its --width 40 <pets.its'
same "the same" out expected
LC_ALL=C.UTF-8 imgstats plot --width 40 pets.its >out
contains "in eighths of a character where the locale has them" out "$(printf 'owl         1  16.67 %% \342\226\210\342\226\210\342\226\210\342\226\210\342\226\210\342\226\213')"
mkdir many
i=0
while [ $i -lt 50 ]; do
    mkdir "many/label$i"
    cp pets/cat/1.pgm "many/label$i/1.pgm"
    i=$((i + 1))
done
imgextract many | imgstats plot --kind labels >out
contains "of many labels the rare ones are one bar" out "(10 other labels)        10  20.00 %"
equals "so that there are 41" "$(grep -c '%' out)" 41
imgextract --label none -o none.its pets
status 3 "no label" imgstats plot none.its
contains "says so" err "there is no label to draw"

# Predictions: what is mistaken for what.
table p.tsv '1|a|a|0.9|b|0.1' '2|a|a|0.8|b|0.2' '3|b|a|0.7|b|0.3' '4|b|b|0.6|a|0.4' '5|b|c|0.5|a|0.3' '6|~|a|0.5|b|0.5'
cat >expected <<'PLOT'
p
60.00 % of 5 rows are right; rows: label, columns: prediction

  a b c
a 2 . .
b 1 1 1
c . . .
PLOT
status 0 "predictions are known by themselves" imgstats plot p.tsv
same "as a matrix" out expected
imgstats plot --kind confusion --title p <p.tsv >out
same "from standard input with --kind" out expected
awk 'BEGIN { OFS = "\t"; for (i = 0; i < 100; i++) print i, "class" i, i % 10 ? "class" i : "class" 99 - i, 0.9 }' >wide.tsv
imgstats plot --width 300 wide.tsv >wide
contains "of many classes those that are mistaken" wide "the classes most often mistaken"
ok "are all there" sh -c 'for i in 0 10 90 99 89 9; do grep -q "class$i " wide || exit; done'
equals "and not more than 40" "$(grep -c '^ *[0-9]* class' wide)" 40
table unscored.tsv '1|~|a|0.9'
status 3 "nothing is scored" imgstats plot unscored.tsv
contains "says so" err "nothing to draw: no row has a label and a class"

# Scale-out: repetitions count by their median; the ideal is as many times the first.
table s.tsv 'run|hosts|images_per_second' 'x|1|100' 'x|2|150' 'x|2|190' 'x|2|200' 'x|4|300'
status 0 "measurements are known by themselves" imgstats plot s.tsv
for text in "images per second" efficiency hosts "a s"; do
    contains "in it: $text" out "$text"
done
table t.tsv 'threads|seconds' '1|10' '4|5'
status 0 "seconds, and threads" imgstats plot t.tsv
contains "become runs per second" out "runs per second"
status 3 "tables that count other things" imgstats plot s.tsv t.tsv
contains "are not compared" err "s counts hosts, and t threads"
table bad.tsv 'hosts|images_per_second' '1|100' '2|fast' '0|5' '3' '4|300'
status 3 "damaged rows" imgstats plot bad.tsv
contains "a word" err "bad.tsv:3: 'fast' in column images_per_second is no number above 0"
contains "no hosts" err "bad.tsv:4: '0' in column hosts is no number above 0"
contains "a row that is cut" err "bad.tsv:5: the row has 1 column, and the headings 2"
contains "the rest is drawn" out efficiency
status 3 "--strict" imgstats plot --strict bad.tsv
head -n 1 s.tsv >empty.tsv
status 3 "no measurement" imgstats plot empty.tsv
contains "says so" err "empty: no measurement is in the table"
status 3 "other headings" imgstats plot --kind scaling p.tsv
contains "says which" err "p.tsv:1: expected headings: hosts, nodes, processes, processors, workers, jobs or threads, and images_per_second or seconds"

# Pictures.
if ! command -v gnuplot >/dev/null; then
    skip "pictures" "gnuplot is not installed"
else
    evil=$(printf "\001\377it's <b> \`touch evil\` \$(touch evil)")
    mkdir "pets/$evil"
    cp pets/cat/1.pgm "pets/$evil/1.pgm"
    imgextract -o evil.its pets
    sed "s/	c	/	it's <b> \`touch evil\` \$(touch evil)	/" p.tsv >evil.tsv
    draw() { # NAME FILE TEXT...
        name=$1 from=$2
        shift 2
        status 0 "$name: SVG" imgstats plot -o plot.svg "$from"
        equals "$name: nothing to complain of" "$(cat err)" ""
        for text; do
            contains "$name: text in it is text: $text" plot.svg ">$text</text>"
        done
        if command -v python3 >/dev/null; then
            ok "$name: is XML" python3 -c "import xml.dom.minidom; xml.dom.minidom.parse('plot.svg')"
        fi
        status 0 "$name: PNG" imgstats plot -o plot.png "$from"
        equals "$name: is one" "$(head -c 8 plot.png | od -An -tx1 | tr -d ' \n')" 89504e470d0a1a0a
    }
    draw labels evil.its evil.its '7 in 4 labels' cat dog '3  42.86 %' "??it's &lt;b> \`touch evil\` \$(touc~"
    draw confusion evil.tsv evil '60.00 % of 5 rows are right; rows: label, columns: prediction' a b 2 1 \
        "it's &lt;b> \`touch evil\` \$(~"
    draw scaling s.tsv s efficiency hosts ideal 300 '75 %'
    ok "nothing of a name runs" [ ! -e evil ]
fi
status 2 "a kind that there is not" imgstats plot --kind pie p.tsv
contains "says which there are" err "'pie' is no kind of plot: expected training, scaling, confusion or labels"
tap_done
