#!/bin/sh
# Would break: what a user looks up. Each program has a page and a short -h, which name the same options.
: "${SRCDIR:=$(cd "$(dirname "$0")/../.." && pwd)}"
. "$SRCDIR/tests/tap.sh"

HELP_LINES=80 # a line for each option, and imgtrain has more than fifty
HELP_COLUMNS=110

# The options that -h lists, one a line: "letter long" or "- long".
help_options() {
    sed -nE 's/^  (-(.), |    )--([a-z0-9-]+).*/\2 \3/p' "$1" | sed 's/^ /- /'
}
# The section OPTIONS as plain words, and the long options of its tags (the lines after .TP).
page_words() {
    awk '/^\.SH/ {options = /OPTIONS/} options' "$1" | sed -E 's/\\-/-/g; s/\\f[BIRP]//g; s/[",]//g'
}
page_tags() {
    awk 'last == ".TP" {for (i = 1; i <= NF; i++) if ($i ~ /^--/) print substr($i, 3)} {last = $1}' "$1"
}
undescribed() { # the options of the file help that are not among the words: neither the long nor the short one
    help_options help | while read -r short long; do
        grep -qE -- "(^| )--$long( |=|$)" words || { [ "$short" != - ] && grep -q -- "-$short\( \|\$\)" words; } || echo "--$long"
    done
}
unlisted() { # the options of the page that -h does not list
    page_tags words | while read -r long; do
        grep -q -- "--$long\( \|\$\)" help || echo "--$long"
    done
}

PATH=$PATH:$SRCDIR/scripts
for source in "$SRCDIR"/tools/img*.c "$SRCDIR/scripts/img-map"; do
    tool=${source##*/}
    tool=${tool%.c}
    page=$SRCDIR/man/$tool.1
    ok "$tool has a manual page" test -f "$page"
    status 0 "$tool -h" "$tool" -h
    cp out help
    ok "$tool -h is short" test "$(wc -l <help)" -le $HELP_LINES
    ok "$tool -h fits a terminal" test "$(wc -L <help)" -le $HELP_COLUMNS
    contains "$tool -h points to the page" help "See $tool(1), imgutils(7)."
    status 0 "$tool --help" "$tool" --help
    same "$tool --help is -h" out help
    status 0 "$tool --version" "$tool" --version
    contains "$tool --version names it" out "$tool (imgutils) "
    status 2 "$tool with an option that there is not" "$tool" --no-such-option
    contains "$tool names it" err "--no-such-option is not an option"
    [ -f "$page" ] || continue
    page_words "$page" >words
    equals "$tool.1 describes every option of -h" "$(undescribed)" ""
    equals "$tool -h lists every option of $tool.1" "$(unlisted)" ""
    for section in NAME SYNOPSIS DESCRIPTION OPTIONS '"EXIT STATUS"' EXAMPLES '"SEE ALSO"'; do
        ok "$tool.1 has the section $section" grep -qE "^\.SH $section" "$page"
    done
done

for page in "$SRCDIR"/man/*.[1-8]; do
    name=${page##*/}
    case $name in
    *.1) ok "$name is of a program" test -f "$SRCDIR/tools/${name%.1}.c" -o -f "$SRCDIR/scripts/${name%.1}" ;;
    esac
    # Our own names only: img..., its, getmodel.
    sed -nE '/^\.SH "?SEE ALSO/,/^\.SH/s/^\.BR? +((img[a-z]+|its|getmodel) \(?[1-8]).*/\1/p' "$page" | tr -d '(' |
        while read -r other section; do
            [ -f "$SRCDIR/man/$other.$section" ] || echo "$other($section)"
        done >absent
    equals "$name: the pages of SEE ALSO exist" "$(cat absent)" ""
    if command -v mandoc >/dev/null; then
        mandoc -T lint -W warning "$page" >found 2>&1
        equals "$name: mandoc finds nothing" "$(head -n 3 found)" ""
    fi
done
command -v mandoc >/dev/null || skip "mandoc finds nothing" "mandoc is not installed"
tap_done
