# Tables for the tests of imgstats.
# shellcheck shell=sh

table() { # FILE ROW...: in rows, | stands for a tab and ~ for an empty field
    file=$1
    shift
    printf '%s\n' "$@" | sed 's/|~|/||/g' | tr '|' '\t' >"$file"
}
