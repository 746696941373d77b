#!/bin/sh
# Would break: the picture that a user makes of a training's log.
: "${SRCDIR:=$(cd "$(dirname "$0")/../.." && pwd)}"
. "$SRCDIR/tests/tap.sh"
unset COLUMNS LC_CTYPE LANG

log() { # FILE FINAL-LOSS: 200 steps in 4 epochs
    awk -v final="$2" 'BEGIN {
        OFS = "\t"
        print "epoch", "step", "loss", "accuracy", "rate", "images_per_second", "validation_loss", "validation_accuracy"
        for (i = 1; i <= 200; i++) {
            loss = final + 2 * exp(-i / 40)
            print int((i + 49) / 50), i, loss + (i % 2 ? 0.1 : -0.1), 1 - loss / 4, 0.1 * (200 - i), 1000 + i,
                i % 50 ? "" : loss + 0.2, i % 50 ? "" : 0.9 - loss / 4
        }
    }' >"$1"
}
log net.tsv 0.3
log other.tsv 0.5

status 0 "text, into a pipe" imgstats plot net.tsv
equals "nothing to complain of" "$(cat err)" ""
equals "the title is the log's name" "$(head -n 1 out)" net
equals "how it was smoothed" "$(sed -n 2p out)" \
    "4 epochs, 200 steps; lines: mean of 5 steps (images per second: median)"
for panel in loss accuracy "learning rate" "images per second"; do
    contains "a panel: $panel" out "           $panel"
done
equals "ASCII where the locale has no more" "$(LC_ALL=C tr -d '\n -~' <out)" ""
widest() { # of the panels: FILE
    awk 'NR > 3 && length > most { most = length } END { print most }' "$1"
}
equals "80 columns" "$(widest out)" 80
cp out plain
equals "the marks of the validation: one for each epoch" "$(sed -n '4,/accuracy/p' out | tr -dc o | wc -c | tr -d ' ')" 5
COLUMNS=60 imgstats plot net.tsv >out
equals "COLUMNS" "$(widest out)" 60
imgstats plot --width 100 net.tsv >out
equals "--width" "$(widest out)" 100
COLUMNS=3 imgstats plot net.tsv >out
equals "not narrower than 30" "$(widest out)" 30
LC_ALL=C.UTF-8 imgstats plot net.tsv >out
contains "Braille where the locale has it" out "$(printf '\342\240')"
imgstats plot --smooth 1 net.tsv >out
contains "--smooth 1: each step" out "lines: each step"
imgstats plot --smooth 50 net.tsv >out
contains "--smooth N: the next odd number" out "mean of 51 steps"
imgstats plot --title "A title" net.tsv >out
equals "--title" "$(head -n 1 out)" "A title"
imgstats plot <net.tsv >out
same "from standard input, the same curves" "$(tail -n +2 out >a && echo a)" "$(tail -n +2 plain >b && echo b)"
imgstats plot -o curves.txt net.tsv
same "-o NAME.txt: the same" curves.txt plain
sed 's/$/\r/' net.tsv >crlf.tsv
imgstats plot --title net crlf.tsv >out
same "CRLF: the same" out plain
cut -f 1-3 net.tsv >few.tsv
status 0 "columns may be missing" imgstats plot few.tsv
ok "then their panels are" sh -c '! grep accuracy out'
head -n 2 net.tsv >one.tsv
status 0 "a log of one step" imgstats plot one.tsv
contains "is one point" out "1 epoch, 1 step; lines: each step"
awk 'NR == 1 || $2 <= 120' net.tsv >resumed.tsv
awk 'NR == 1 || $2 > 100' net.tsv >>resumed.tsv
imgstats plot --title net resumed.tsv >out
same "a training that was resumed reads as one" out plain

status 0 "two logs" imgstats plot net.tsv other.tsv
contains "have a legend" out "a net   b other   A, B ... validation"
equals "and their names as the title" "$(head -n 1 out)" "net, other"
mkdir runs
cp other.tsv runs/net.tsv
imgstats plot net.tsv runs/net.tsv >out
contains "logs of the same name are told apart by their paths" out "a net   b runs/net "

# Pictures.
if ! command -v gnuplot >/dev/null; then
    skip "pictures" "gnuplot is not installed"
else
    status 0 "SVG" imgstats plot -o net.svg net.tsv
    equals "nothing to complain of" "$(cat err)" ""
    for text in net "each step" training validation loss accuracy "learning rate" "images per second" step \
        "4 epochs, 200 steps; lines: mean of 5 steps (images per second: median)" "80 %"; do
        contains "text in it is text: $text" net.svg ">$text</text>"
    done
    contains "the last validation loss is told" net.svg ">0.51</text>"
    contains "on white" net.svg "#ffffff"
    status 0 "SVG to standard output" imgstats plot -f svg net.tsv
    same "the same" out net.svg
    status 0 "a hostile name" imgstats plot -o evil.svg --title "it's <b> & \`touch evil\` \$(touch evil) @evil $(printf '\001\377')" net.tsv
    contains "is only text" evil.svg ">it's &lt;b> &amp; \`touch evil\` \$(touch evil) @evil ??</text>"
    ok "and nothing runs" [ ! -e evil ]
    status 0 "two logs" imgstats plot --width 700 -o two.svg net.tsv other.tsv
    contains "are named" two.svg ">other</text>"
    contains "--width: pixels" two.svg 'width="700"'
    if command -v python3 >/dev/null; then
        for file in net evil two; do
            ok "$file.svg is XML" python3 -c "import xml.dom.minidom, sys; xml.dom.minidom.parse('$file.svg')"
        done
    fi
    status 0 "PNG" imgstats plot -o net.png net.tsv
    equals "is one" "$(head -c 8 net.png | od -An -tx1 | tr -d ' \n')" 89504e470d0a1a0a
    imgextract --label none net.png | imgprep --size 32 | imgcat >/dev/null 2>err
    equals "and can be read" "$?" 0
    printf '#!/bin/sh\necho half\nexit 7\n' >gnuplot
    chmod +x gnuplot
    status 4 "gnuplot fails" env PATH="$PWD:$PATH" imgstats plot -o half.svg net.tsv
    contains "says how" err "gnuplot ended with exit status 7"
    ok "half a picture does not appear" sh -c '! ls half.svg* 2>/dev/null'
    rm gnuplot
fi
status 4 "without gnuplot" env PATH="$(dirname "$(command -v imgstats)")" imgstats plot -o net2.svg net.tsv
contains "says so" err "gnuplot, which draws SVG and PNG, is not installed"
ok "and leaves nothing" sh -c '! ls net2.svg* 2>/dev/null'

# Damage: what is good is drawn, the exit status is 3.
bad() { # NAME LINE TEXT
    { head -n 20 net.tsv; printf '%s\n' "$2" | tr '|' '\t'; tail -n +21 net.tsv; } >bad.tsv
    status 3 "$1" imgstats plot bad.tsv
    contains "$1: told with its line" err "imgstats: bad.tsv:21: $3"
    contains "$1: the rest is drawn" out "200 steps"
}
bad "a word for a number" '1|20|lots|0.5|1|1||' "'lots' in column loss is no number"
bad "a row that is cut" '1|20|0.5' "the row has 3 columns, and the headings 8"
status 3 "--strict" imgstats plot --strict bad.tsv
equals "--strict: no plot" "$(cat out)" ""
status 3 "-o of a damaged log" imgstats plot -o bad.txt bad.tsv
ok "does not appear under its name" [ ! -e bad.txt ]
ok "but as a part" [ -s bad.txt.part ]
head -c -5 net.tsv >cut.tsv
status 3 "a last line that is cut off" imgstats plot cut.tsv
contains "is told" err "cut.tsv:201: the last line is cut off"
sed 1d net.tsv >headless.tsv
status 3 "no headings" imgstats plot headless.tsv
contains "says what is missing" err "headless.tsv:1: no column 'step' among the headings"
cut -f 1,2,4 net.tsv >lossless.tsv
status 3 "no loss" imgstats plot lossless.tsv
contains "says so" err "no column 'loss'"
head -n 1 net.tsv >none.tsv
status 3 "no step" imgstats plot none.tsv
contains "says so" err "none: no step is in the log"
: >empty.tsv
status 3 "an empty file" imgstats plot empty.tsv

# Usage.
status 2 "more logs than colours" imgstats plot net.tsv net.tsv net.tsv net.tsv net.tsv net.tsv net.tsv net.tsv
contains "says how many" err "8 logs: one picture holds at most 7"
status 2 "a name that says no format" imgstats plot -o net.gif net.tsv
contains "says which there are" err "net.gif: expected a name that ends with .svg, .png or .txt"
status 2 "a format that there is not" imgstats plot -f tsv net.tsv
contains "says which there are" err "'tsv' is no format of plots: expected text, svg or png"
status 2 "a picture of no width" imgstats plot --width 40 -o net.svg net.tsv
contains "says the least" err "at least 600 pixels"
status 2 "smoothing by nothing" imgstats plot --smooth 0 net.tsv
status 4 "a file that is not there" imgstats plot nowhere.tsv
tap_done
