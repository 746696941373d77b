#!/bin/sh
# Would break: the answer to tables as they come: a clear message with file and line, and all that is good of them.
: "${SRCDIR:=$(cd "$(dirname "$0")/../.." && pwd)}"
. "$SRCDIR/tests/tap.sh"

# torture NAME STATUS MESSAGE ROWS BYTES OPTION...: the table of these bytes gives ROWS (joined by "+"; a carriage return is "^") and the message
torture() {
    tap_title=$1 tap_code=$2 tap_message=$3 tap_rows=$4
    # shellcheck disable=SC2059 # the bytes are a format
    printf "$5" >t.csv
    shift 5
    status "$tap_code" "$tap_title" imgjoin --csv "$@" t.csv
    equals "$tap_title: the rows that are good" "$(tr '\n\r' '+^' <out)" "$tap_rows"
    [ -z "$tap_message" ] || contains "$tap_title: told" err "$tap_message"
}
torture 'a column is missing' 1 't.csv:3: the row has 2 columns, not 3' 'a,b,c+1,2,3+6,7,8+' 'a,b,c\n1,2,3\n4,5\n6,7,8\n'
torture 'a column too many' 1 't.csv:2: the row has 4 columns, not 3' 'a,b,c+6,7,8+' 'a,b,c\n1,2,3,4\n6,7,8\n'
torture 'a column is missing behind those that are looked at' 1 't.csv:3: the row has 2 columns, not 3' 'a+1+6+' \
    'a,b,c\n1,2,3\n4,5\n6,7,8\n' --select a
torture 'NUL' 1 't.csv:2: the row holds a NUL byte' 'a,b+3,4+' 'a,b\n1,\0002\n3,4\n'
torture 'NUL between quotes' 1 't.csv:2: the row holds a NUL byte' 'a,b+3,4+' 'a,b\n1,"\000\n2"\n3,4\n'
torture 'text behind a quote' 1 't.csv:3: there is text after a closing quote in column 2' 'a,b+1,2+5,6+' 'a,b\n1,2\n3,"4"x\n5,6\n'
torture 'lines are counted between quotes' 1 't.csv:5: the row has 1 columns, not 2' 'a,b+1,"2++"+5,6+' 'a,b\n1,"2\n\n"\n3\n5,6\n' -v
torture 'a quote that is never closed' 3 't.csv:3: a quote is opened in this row and never closed' 'a,b+1,2+' 'a,b\n1,2\n3,"4\n5,6\n'
torture 'a wrong number' 1 "t.csv:3: column 'b': 'x2' is not a number" 'a,b+1,2+' 'a,b\n1,2\n3,x2\n5,0\n' -w 'b>=1'
torture 'no finite number' 1 "t.csv:2: column 'b': 'nan' is not a number" 'a,b+5,6+' 'a,b\n1,nan\n3,1e999\n5,6\n' -w 'b>=1'
torture 'a quote in the midst of a field is a quote' 0 '' 'a,b+1,"6"" nail"+' 'a,b\n1,6" nail\n'
torture 'carriage returns' 0 '' 'a,b+1,"2^3"+4,"5^+6"+' 'a,b\r\n1,2\r3\r\n4,"5\r\n6"\r\n'
torture 'two columns of one name' 3 "t.csv: the columns 1 and 3 are both 'a'" '' 'a,b,a\n1,2,3\n'
torture 'nothing' 3 't.csv is empty' '' ''
torture 'UTF-16' 3 't.csv is in UTF-16' '' '\377\376a\000'
torture 'TSV that was cut off' 3 't.csv:3: the last line is cut off: it has no newline' 'a,b+1,2+' 'a\tb\n1\t2\n3\t4'

seq 30 | sed '1s/^/a,b\n/; s/$//' >many.csv
status 1 'many wrong rows' imgjoin many.csv
equals 'not all are told one by one' "$(grep -c 'many.csv:' err)" 20
contains 'the others are counted' err '10 more rows are wrong'
status 1 'none with -q' imgjoin -q many.csv
equals 'none with -q' "$(cat err)" ''
status 1 '--strict' imgjoin --strict -o strict.tsv many.csv
ok 'no file' test ! -e strict.tsv

printf 'a,b\n1,2\n' >ab.csv
printf 'a,c\n3,4\n' >ac.csv
status 3 'another header' imgjoin ab.csv ac.csv
contains 'is told' err 'ac.csv:1: the header is another one than in the first file'
equals 'the first file was used' "$(tail -n 1 out | tr '\t' ,)" 1,2

gzip -c many.csv | head -c 60 >cut.gz
status 3 'gzip that ends early' imgjoin cut.gz
contains 'is told' err 'cut.gz: the gzip data ended early'
{ gzip -c ab.csv | head -c 30 && printf 'xxxxxxxx'; } >wrong.gz
status 3 'gzip with a wrong checksum' imgjoin wrong.gz
contains 'is told' err 'wrong.gz: the gzip data are damaged'
{ gzip -c ab.csv && echo more; } >more.gz
status 3 'something after gzip' imgjoin more.gz
contains 'is told' err 'more.gz: there is something after the gzip data'
status 3 'a damaged table of -t' imgjoin -t cut.gz ab.csv

# 100 MB in one field, quoted with newlines, and 30 MB without; memory stays small.
{
    echo a,b
    printf '1,"'
    yes "$(printf '%0999d' 0)" | head -c 100000000
    printf '"\n2,'
    head -c 30000000 /dev/zero | tr '\0' 'y'
    printf '\n3,4\n'
} >large.csv
status 1 'fields of 100 MB' imgjoin --csv large.csv
contains 'are told' err 'large.csv:2: the row is longer than 16 MiB'
contains 'and the next one' err 'large.csv:100003: the row is longer than 16 MiB'
equals 'what follows is read' "$(tr '\n' '+' <out)" 'a,b+3,4+'
if /usr/bin/time -f %M true 2>/dev/null; then
    case $B in *asan*) ;; *)
        /usr/bin/time -f %M -o peak imgjoin -q large.csv >/dev/null
        ok "in 100 MB ($(tail -n 1 peak) KB)" test "$(tail -n 1 peak)" -lt 100000
        ;;
    esac
fi
awk 'BEGIN {printf "a,\"b"; for (i = 0; i < 1600000; i++) printf "123456789\n"; print "\"\n1,2"}' >below.csv
equals 'a field of 16 MB is one' "$(imgjoin --select a below.csv | tr '\n' ' ')" 'a 1 '
awk 'BEGIN {for (i = 1; i < 5000; i++) printf "c%d,", i; print "last"; for (i = 1; i < 5000; i++) printf "%d,", i; print "end"}' >wide.csv
equals 'thousands of columns' "$(imgjoin --select c4999,last wide.csv | tail -n 1 | tr '\t' ,)" 4999,end
tap_done
