#!/bin/sh
# Would break: the page that people send round. What is in it, that nothing of a name becomes code, and, where there is Chromium, that
# it works: no error, filters, at the width of a desk and of a phone, light and dark.
: "${SRCDIR:=$(cd "$(dirname "$0")/../.." && pwd)}"
. "$SRCDIR/tests/tap.sh"
. "$SRCDIR/tests/imgstats/table.sh"

lines() { # FILE TEXT: how many hold it
    grep -cF -- "$2" "$1"
}

# Sixty pictures. The first model takes every 5th for the next class, the second every 4th; by hand: 12 errors, 15 errors, of 3 rows
# (20, 40, 60) both are the same error; so they disagree in 9 + 12 = 21.
drawshapes -s 2 -n 60 >test.tar
imgextract -o pics.its test.tar
imgprep --size 24 -o small.its pics.its
imgprep -m "$SRCDIR/models/shapes.onnx" pics.its | imgclassify -m "$SRCDIR/models/shapes.onnx" -k 1 | cut -f 1,2 >keys.tsv
predict() { # EVERY
    cut -f 2 keys.tsv | sort -u >names
    awk -v every="$1" 'BEGIN { FS = OFS = "\t"; while ((getline name < "names") > 0) { next_of[before] = name; before = name; if (!first) first = name }
            next_of[before] = first }
        { wrong = NR % every == 0; print $1, $2, wrong ? next_of[$2] : $2, (wrong ? 0.95 : 0.9) - NR / 1000, wrong ? $2 : next_of[$2], 0.01 }' keys.tsv
}
predict 5 >first.tsv
predict 4 >second.tsv
awk 'BEGIN { OFS = "\t"; print "epoch", "step", "loss", "accuracy"; for (i = 1; i <= 50; i++) print int((i + 24) / 25), i, 2 / i, 1 - 1 / (i + 1) }' >log.tsv

status 0 "a page of one model" imgstats report -o one.html first.tsv
equals "nothing to complain of" "$(cat err)" ""
equals "a card for each error" "$(lines one.html '<figure class="card"')" 12
equals "no choice of a model" "$(lines one.html 'name="list"')" 0
contains "the score" one.html '>80.00'
contains "its interval" one.html '68.22–88.17'
contains "what to do for pictures" one.html 'imgstats report --images FILE'
status 0 "-n: of each list" imgstats report -n 5 -o few.html first.tsv
equals "so many cards" "$(lines few.html '<figure class="card"')" 5
status 0 "a page of two" imgstats report --images pics.its --log log.tsv --title 'Two of them' -o two.html first.tsv second.tsv
equals "nothing to complain of" "$(cat err)" ""
equals "a card for each picture, not for each reason" "$(lines two.html '<figure class="card"')" 24
equals "and its picture" "$(lines two.html 'src="data:image/')" 24
contains "the title" two.html '<title>Two of them</title>'
contains "in how many they disagree" two.html 'of 12 errors of A, 15 of B and 21 disagreements'
contains "curves" two.html '<section id="training">'
equals "nothing is fetched" "$(grep -cE '(src|href)="?(https?:|//)|url\(|@import' two.html)" 0
imgstats report --images - --log log.tsv --title 'Two of them' first.tsv second.tsv <pics.its >again.html
same "the same once more, through pipes" again.html two.html
status 0 "pictures from tensors" imgstats report --images small.its -o small.html first.tsv
equals "are PNG" "$(lines small.html 'src="data:image/png;base64,iVBORw0KGgo')" 12
imgprep --size 24 --layout chw pics.its | imgstats report --images - -o chw.html first.tsv
same "in either layout the same" chw.html small.html
imgprep --size 24 --colour bgr pics.its | imgstats report --images - -o bgr.html first.tsv
same "in either order of the colours the same" bgr.html small.html
awk 'BEGIN { print "key,x0,y0,x1,y1" } { print $1 ",0.25,0.1,0.75,0.8" }' keys.tsv >boxes.csv
imgjoin --key whole -t boxes.csv --box x0,y0,x1,y1 -o boxed.its pics.its
imgprep --preset none boxed.its | imgstats report --images - -o chips.html first.tsv
imgstats report --images boxed.its -o boxed.html first.tsv
same "of a box what is in it, from pictures as from tensors" boxed.html chips.html
equals "and all of them" "$(lines boxed.html 'src="data:image/png')" 12
if command -v python3 >/dev/null; then
    ok "with the pixels of the tensor" python3 - chw.html "$SRCDIR" <<'PY'
import base64, re, subprocess, sys, zlib
page = open(sys.argv[1], encoding="utf-8").read()
cards = re.findall(r'<figure class="card".*?</figure>', page, re.S)
for card in cards:
    png = base64.b64decode(re.search(r"base64,([^\"]*)", card).group(1))
    key = re.search(r'class="path" title="([^"]*)"', card).group(1)
    rows = zlib.decompress(png[41:-16])
    assert len(rows) == 24 * 73 and all(rows[i * 73] == 2 for i in range(24)), key
    above, pixels = bytes(72), b""
    for i in range(24):
        above = bytes((a + b) & 255 for a, b in zip(above, rows[i * 73 + 1:i * 73 + 73]))
        pixels += above
    one = subprocess.run(["imgextract", "--include", key, "test.tar"], capture_output=True, check=True).stdout
    ready = subprocess.run(["imgprep", "--size", "24"], input=one, capture_output=True, check=True).stdout
    assert pixels in ready, key
assert len(cards) == 12
PY
else
    skip "with the pixels of the tensor" "no python3"
fi
tail -n 40 first.tsv >late.tsv
sed 's/^/x/' late.tsv >alien.tsv
status 0 "a stream of other pictures" imgstats report --images pics.its -o alien.html alien.tsv
contains "is told" err "pics.its: a picture for 0 of the 8 items to show"
contains "and the cards say so" alien.html 'no picture'
awk -F '\t' '{ OFS = "\t"; $3 = $2; print }' first.tsv >perfect.tsv
status 0 "no error" imgstats report -o perfect.html perfect.tsv
contains "says so" perfect.html '<p>No errors.</p>'

# Names that would be code.
evil="\"'><script>window.hacked=1</script><img src=x onerror=window.hacked=1>&amp;"
printf '%s\n' "a$evil	b$evil	c$evil	0.9	b$evil	0.1" "a	b$evil	b$evil	0.9	c$evil	0.1" \
    "$(printf 'c\001\377\302\205')	</style>	c$evil	0.8	b$evil	0.2" >evil.tsv
status 0 "hostile names" imgstats report --title "</title>$evil" -o evil.html evil.tsv
equals "are never tags" "$(lines evil.html '<img') $(lines evil.html '<script>') $(lines evil.html '</style>b')" "0 0 0"
equals "nor control characters" "$(tr -d '\n' <evil.html | tr -dc '\000-\037\177' | wc -c | tr -d ' ')" 0
contains "but text" evil.html "b&quot;&#39;&gt;&lt;script&gt;window.hacked=1&lt;/script&gt;"
if command -v python3 >/dev/null; then
    ok "and the page is UTF-8 throughout" python3 -c "open('evil.html', encoding='utf-8').read()"
fi

# In a browser. The page is used by report.js.
browser=$(command -v chromium || command -v chromium-browser || command -v google-chrome || :)
use() { # PAGE WIDTH SCHEME(0 dark, 1 light): what report.js tells, in the file seen
    { # the errors are listened to before anything else runs
        sed '/<script nonce="imgstats">/,$d; s/loading="lazy"//' "$1" # pictures are there before the page is used
        echo '<script nonce="imgstats">window.seen = []; for (const one of ["error", "unhandledrejection", "securitypolicyviolation"])'
        echo 'addEventListener(one, (event) => seen.push(`${one}: ${event.message ?? event.reason ?? event.blockedURI}`), true);</script>'
        sed -n '/<script nonce="imgstats">/,/<\/script>/p' "$1"
        echo '<script nonce="imgstats">'
        cat "$SRCDIR/tests/imgstats/report.js"
        echo '</script></body></html>'
    } >used.html
    # a window is never as narrow as a phone, but a frame is
    printf '%s\n' "<iframe width=$2 height=844 style='border: 0' src=used.html></iframe><pre></pre>" \
        '<script>onmessage = (event) => { document.querySelector("pre").textContent = event.data; };</script>' >frame.html
    browse frame.html "$3" | sed -n '/<pre>/,/<\/pre>/p' | sed 's/.*<pre>//; s/<.*//' >seen
}
browse() { # PAGE SCHEME: its text after a while
    HOME=$PWD timeout 120 "$browser" --headless=new --no-sandbox --disable-gpu --no-first-run --user-data-dir="$PWD/chromium" \
        --window-size=1400,900 --blink-settings=preferredColorScheme="$2" --virtual-time-budget=10000 --dump-dom "file://$PWD/$1" 2>browser.err
}
if [ -z "$browser" ]; then
    skip "in a browser" "Chromium is not installed"
elif ! echo works >try.html || ! browse try.html 1 | grep -q works; then
    skip "in a browser" "Chromium does not run here"
else
    first_name=$(head -n 1 names)
    of_label=$(awk -F '\t' -v name="$first_name" '$2 == name && (NR % 5 == 0 || NR % 4 == 0)' first.tsv | wc -l | tr -d ' ')
    use two.html 1280 1
    cat >expected <<SEEN
width=1280
dark=false
dark text=true
fits=true
pictures=24
cards=24
first=12
first only=true
second=15
second only=true
disagree=21
disagree only=true
of label=$of_label
of label only=true
told=true
reset=true
one model=1
other model=true
sorted=true
turned round=true
mistake=true
hacked=no
errors=[]
end
SEEN
    same "at a desk, light: filters, models, order, pictures" seen expected
    use two.html 390 0
    sed 's/^width=.*/width=390/; s/^dark=.*/dark=true/; s/^dark text=.*/dark text=false/' expected >phone
    same "on a phone, dark: the same" seen phone
    use evil.html 390 1
    contains "hostile names: nothing of them runs" seen "hacked=no"
    contains "nor is it tried" seen "errors=[]"
    contains "and the page is not wider for it" seen "fits=true"
    use small.html 1280 0
    contains "one model: pictures from tensors are shown" seen "pictures=12"
    contains "one model: no error" seen "errors=[]"
fi

# Damage and wrong usage.
printf 'bad\n' >>late.tsv
status 3 "a line that is no prediction" imgstats report -o late.html late.tsv
contains "is told with its place" err "late.tsv:41: the row has 1 column"
ok "the page is a part" [ -s late.html.part ]
head -c 20000 pics.its >cut.its
status 3 "a stream that was cut off" imgstats report --images cut.its -o cut.html first.tsv
ok "the page is a part, too" [ -s cut.html.part ]
table none.tsv '1|~|a|0.9' '2|a|!error|broken'
status 1 "nothing to score" imgstats report -o none.html none.tsv
contains "says so" err "nothing to score"
table other.tsv '1|0|cat|0.9' '2|1|dog|0.9'
status 0 "labels of another language" imgstats report -o other.html other.tsv
contains "are pointed out" err "no row holds its own label"
table sets.tsv '1|a,b|a|0.9|b|0.8'
status 2 "labels that are sets" imgstats report -o sets.html sets.tsv
contains "have no page" err "report: the labels are sets of names, for which there is only eval"
status 2 "no table" imgstats report -o x.html
status 2 "three tables" imgstats report first.tsv first.tsv first.tsv
contains "one or two" err "report: expected one or two tables of predictions"
status 2 "--format" imgstats report -f json first.tsv
status 4 "a stream that is not there" imgstats report --images nowhere.its first.tsv
status 4 "a log that is not there" imgstats report --log nowhere.tsv first.tsv
tap_done
