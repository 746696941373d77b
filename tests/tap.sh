# TAP for shell tests: `. "$SRCDIR/tests/tap.sh"` gives a scratch folder (the current one, removed
# at the end) and these checks. A test ends with `tap_done`.
#
#   ok NAME COMMAND...              passes when the command exits 0
#   status N NAME COMMAND...        passes when the command exits N; out and err are in files out, err
#   same NAME FILE EXPECTED-FILE    passes when the files are equal; shows the difference
#   equals NAME GOT EXPECTED        passes when the texts are equal
#   contains NAME FILE TEXT         passes when the file holds the text
#   skip NAME WHY
#   need_peak                       exits the whole test with a SKIP when peak memory cannot be measured
#   copies N FILE                   the stream in FILE N times; streams concatenate
#   least_peak MAKE COMMAND...      the least peak resident set in KB of 3 runs of MAKE | COMMAND (how many pages of the
#                                   shared libraries are mapped varies from run to run); MAKE is one shell word list
#   same_peak NAME FEW MANY         passes when MANY KB are within 5 % of FEW, and 256 KB of library pages that come and go:
#                                   of 100,000 records less than 4 bytes each may stay
#   need_shared NAME FILE           exits the whole test with a SKIP when the data file is absent
# shellcheck shell=sh
set -u
tap_count=0
tap_failures=0
: "${SRCDIR:=$(cd "$(dirname "$0")/../.." && pwd)}"
: "${SHARED:=$SRCDIR/../shared}"
: "${B:=$SRCDIR/build}"
PATH=$B/bin:$PATH
LC_ALL=C
export SRCDIR SHARED B PATH LC_ALL
tap_dir=$(mktemp -d)
trap 'cd /; rm -rf "$tap_dir"' EXIT
trap 'exit 1' HUP INT TERM
cd "$tap_dir" || exit 1

tap_line() { # PASSED(0/1) NAME
    tap_count=$((tap_count + 1))
    if [ "$1" = 0 ]; then
        echo "ok $tap_count - $2"
    else
        tap_failures=$((tap_failures + 1))
        echo "not ok $tap_count - $2"
        return 1
    fi
}
ok() {
    tap_name=$1
    shift
    if "$@" >out 2>err; then
        tap_line 0 "$tap_name"
    else
        tap_line 1 "$tap_name"
        echo "#   failed ($?): $*"
        head -n 5 err | sed 's/^/#   err: /'
    fi
}
status() {
    tap_want=$1 tap_name=$2
    shift 2
    "$@" >out 2>err
    tap_got=$?
    if [ "$tap_got" = "$tap_want" ]; then
        tap_line 0 "$tap_name"
    else
        tap_line 1 "$tap_name"
        echo "#   exit status $tap_got, expected $tap_want: $*"
        head -n 5 err | sed 's/^/#   err: /'
    fi
}
same() {
    if cmp -s "$2" "$3"; then
        tap_line 0 "$1"
    else
        tap_line 1 "$1"
        diff "$3" "$2" | head -n 10 | sed 's/^/#   /'
    fi
}
equals() {
    if [ "$2" = "$3" ]; then
        tap_line 0 "$1"
    else
        tap_line 1 "$1"
        printf '%s\n' "got: $2" "expected: $3" | sed 's/^/#   /'
    fi
}
contains() {
    if grep -qF -- "$3" "$2"; then
        tap_line 0 "$1"
    else
        tap_line 1 "$1"
        printf '%s\n' "no '$3' in $2:" "$(head -n 5 "$2")" | sed 's/^/#   /'
    fi
}
skip() {
    tap_count=$((tap_count + 1))
    echo "ok $tap_count - $1 # SKIP $2"
}
need_peak() {
    if ! /usr/bin/time -f %M true 2>/dev/null; then
        echo "1..0 # SKIP no GNU time"
        exit 0
    fi
    case $B in *asan*)
        echo "1..0 # SKIP the sanitizer's own memory grows"
        exit 0
        ;;
    esac
}
copies() {
    tap_left=$1
    while [ "$tap_left" -gt 0 ]; do
        cat "$2"
        tap_left=$((tap_left - 1))
    done
}
least_peak() {
    tap_make=$1
    shift
    for _ in 1 2 3; do
        $tap_make | /usr/bin/time -f %M -o tap_peak "$@" >/dev/null || echo "exit $?" >tap_peak
        tail -n 1 tap_peak
    done | sort -n | head -n 1
}
same_peak() {
    echo "# $1: $2 KB for few records, $3 KB for many"
    ok "$1" test "$3" -le $(($2 * 105 / 100 + 256))
}
need_shared() {
    if [ ! -e "$SHARED/data/$2" ]; then
        echo "1..0 # SKIP $1: no $2 in the shared data"
        exit 0
    fi
}
tap_done() {
    echo "1..$tap_count"
    [ "$tap_failures" = 0 ]
}
