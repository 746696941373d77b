#!/bin/sh
# Would break: rows lost, invented or put together wrongly when tables are joined.
: "${SRCDIR:=$(cd "$(dirname "$0")/../.." && pwd)}"
. "$SRCDIR/tests/tap.sh"

cat >boxes.csv <<'E'
ImageID,LabelName,Confidence,XMin,XMax,YMin,YMax
a1,/m/1,1,0.1,0.5,0.2,0.6
a1,/m/2,0.5,0,1,0,1
b2,/m/1,0.99,0.25,0.75,0.25,0.5
c3,/m/9,1,0.1,0.2,0.1,0.2
b2,/m/3,,0.3,0.4,0.3,0.4
E
printf '/m/1,Lion\n/m/2,"Jaguar (Animal)"\n/m/3,"Cat, ""big"""\n/m/4,Dog\n' >classes.csv
printf 'ImageID\tSubset\tNote\nb2\ttrain\tfirst\na1\ttest\ta\\tb\nb2\tval\tsecond\nz9\ttrain\tno box\n' >images.tsv
printf 'n,k\nLion,v1\n' >names.csv
printf 'id\na1\nb2\n' >ids.csv
printf 'ImageID,LabelName,v\na1,/m/1,yes\nb2,/m/2,no\n' >pairs.csv

# joined NAME EXPECTED-LINES ARGUMENT...: imgjoin -q gives these lines ("|" is a tab, "+" a newline)
joined() {
    tap_title=$1
    printf '%s\n' "$2" | tr '|+' '\t\n' >expected
    shift 2
    imgjoin -q "$@" >got 2>messages || echo "exit $?" >>got
    same "$tap_title" got expected
}
by_name() { # NAME EXPECTED ARGUMENT... [FILE]: the same with the table of classes
    tap_first=$1 tap_second=$2
    shift 2
    joined "$tap_first" "$tap_second" -t classes.csv --columns LabelName,Name "$@"
}

by_name 'inner: the column that both have, the first match' \
    'ImageID|LabelName|Confidence|XMin|XMax|YMin|YMax|Name+a1|/m/2|0.5|0|1|0|1|Jaguar (Animal)+b2|/m/3||0.3|0.4|0.3|0.4|Cat, "big"' \
    -w 'Name!=Lion' boxes.csv
joined '--select of the output' 'LabelName|ImageID|Name+/m/1|a1|Lion+/m/2|a1|Jaguar (Animal)+/m/1|b2|Lion+/m/3|b2|Cat, "big"' \
    --select LabelName,ImageID,Name -t classes.csv --columns LabelName,Name boxes.csv
joined 'left' 'ImageID|Name+a1|Lion+a1|Jaguar (Animal)+b2|Lion+c3|+b2|Cat, "big"' \
    --select ImageID,Name -t classes.csv --columns LabelName,Name --how left boxes.csv
joined 'semi' 'ImageID|LabelName+a1|/m/1+a1|/m/2+b2|/m/1+b2|/m/3' \
    --select ImageID,LabelName -t classes.csv --columns LabelName,Name --how semi boxes.csv
joined 'anti' 'ImageID|LabelName+c3|/m/9' --select ImageID,LabelName -t classes.csv --columns LabelName,Name --how anti boxes.csv
joined 'inner, by its name' 'ImageID|Subset+a1|test+a1|test+b2|train+b2|train' --select ImageID,Subset -t images.tsv --how inner boxes.csv
joined '--each: all matches, in the order of the table' \
    'ImageID|Confidence|Subset+a1|1|test+a1|0.5|test+b2|0.99|train+b2|0.99|val+b2||train+b2||val' \
    --select ImageID,Confidence,Subset -t images.tsv --each boxes.csv
joined '--each --how left' 'LabelName|Note+/m/1|a\tb+/m/2|a\tb+/m/1|first+/m/1|second+/m/9|+/m/3|first+/m/3|second' \
    --select LabelName,Note -t images.tsv --each --how left boxes.csv
joined 'columns of another name' 'id|what+b2|Lion' \
    -w Confidence=0.99 --select id=ImageID,what=Name -t classes.csv --columns c,Name --on LabelName=c boxes.csv
joined 'columns by number, and no header' '/m/1|Lion+/m/2|Jaguar (Animal)+/m/1|Lion+/m/3|Cat, "big"' \
    --no-header --select 2,Name -t classes.csv --columns LabelName,Name --on 2=1 boxes.csv
joined 'two tables, one after the other' 'ImageID|Name|Subset+a1|Lion|test+a1|Jaguar (Animal)|test+b2|Lion|train+b2|Cat, "big"|train' \
    --select ImageID,Name,Subset -t classes.csv --columns LabelName,Name -t images.tsv boxes.csv
joined 'a table joined on a column of the one before it' 'Note|Name|k+first|Lion|v1+second|Lion|v1' \
    --select Note,Name,k -w ImageID=b2 -t classes.csv --columns LabelName,Name -t images.tsv --each -t names.csv --on Name=n --select k boxes.csv
joined 'a filter of what was joined, before the first -t' 'ImageID|Name+a1|Jaguar (Animal)' \
    --select ImageID,Name -w 'Name=Jaguar (Animal)' -t classes.csv --columns LabelName,Name boxes.csv
joined 'a filter behind a -t of a column that only the left table has' 'ImageID|Name+b2|Lion' \
    --select ImageID,Name -t classes.csv --columns LabelName,Name -w Confidence=0.99 boxes.csv
joined 'two columns' 'ImageID|v+a1|yes' --select ImageID,v -t pairs.csv --on ImageID,LabelName boxes.csv
joined 'names that there are already' 'ImageID|LabelName|v|LabelName.2+a1|/m/1|yes|/m/1+a1|/m/2|yes|/m/1+b2|/m/1|no|/m/2+b2|/m/3|no|/m/2' \
    --select ImageID,LabelName,v,LabelName.2 -t pairs.csv --on ImageID boxes.csv
joined '--select of a table' 'ImageID|w+a1|yes' --select ImageID,w -w LabelName=/m/1 -t pairs.csv --on ImageID --select w=v -w 'v=yes' boxes.csv
joined '--box, --label' 'ImageID|box|label+a1|0.1,0.2,0.5,0.6|/m/1+b2|0.25,0.25,0.75,0.5|/m/1' \
    --select ImageID -w LabelName=/m/1 --box XMin,YMin,XMax,YMax --label LabelName boxes.csv
joined '--box of the table' 'id|box+a1|0.1,0.2,0.5,0.6+b2|0.25,0.25,0.75,0.5' \
    --select id,box -t boxes.csv -w LabelName=/m/1 --box XMin,YMin,XMax,YMax --on id=ImageID ids.csv
joined '--distinct' 'ImageID+a1+b2+c3' --select ImageID --distinct ImageID boxes.csv
joined '--distinct of what is written, not of what is read' 'ImageID|Name+a1|Jaguar (Animal)+b2|Cat, "big"' \
    --select ImageID,Name --distinct ImageID -t classes.csv --columns LabelName,Name -w 'Name!=Lion' boxes.csv
joined '--distinct of two columns' 'ImageID|LabelName+a1|/m/1+a1|/m/2+b2|/m/1+c3|/m/9+b2|/m/3' \
    --select ImageID,LabelName --distinct ImageID,LabelName boxes.csv boxes.csv
joined '--distinct of a table' 'ImageID|Note+a1|a\tb+b2|first' \
    --select ImageID,Note --distinct ImageID -t images.tsv --each --distinct Subset boxes.csv
joined 'several files with one header' 'ImageID+a1+a1+b2+c3+b2+a1+a1+b2+c3+b2' --select ImageID boxes.csv boxes.csv
equals 'what was not used is told' "$(imgjoin -t images.tsv boxes.csv 2>&1 >/dev/null | tr '\n' ' ')" \
    "imgjoin: images.tsv: 1 rows have the key of one before them and were not used (--each uses them) \
imgjoin: 1 rows have no match in images.tsv (such as 'c3') \
imgjoin: images.tsv: 1 of its 3 keys were not asked for (such as 'z9') "
imgjoin -v -w 'Confidence>0' --distinct ImageID -t images.tsv boxes.csv >/dev/null 2>messages
contains '-v: rows of the table' messages 'images.tsv: 4 rows, 4 kept'
contains '-v: rows of all' messages '5 read, 1 left out by filters, 1 repeated, 2 written'
status 1 '--strict' imgjoin --strict -t images.tsv boxes.csv
contains 'names the key' err "'c3' is not in images.tsv"
status 1 '--strict, the other side' imgjoin --strict -w ImageID!=c3 -t images.tsv boxes.csv
contains 'names the key' err "not asked for (such as 'z9')"

printf 'n,"t"\n1,"a,b"\n2,"say ""x"""\n3,"two\nlines"\n4, plain \n' >quoted.csv
printf 'n,t\n1,"a,b"\n2,"say ""x"""\n3,"two\nlines"\n4, plain \n' >expected
imgjoin --csv quoted.csv >got
same '--csv quotes what needs it' got expected
imgjoin quoted.csv >got.tsv
imgjoin --csv got.tsv >got
same 'CSV to TSV and back' got expected
gzip -c quoted.csv >a.csv.gz
cat a.csv.gz a.csv.gz >members.gz
imgjoin --csv a.csv.gz >got
same 'gzip' got expected
equals 'gzip of several members' "$(imgjoin --select n members.gz | tr '\n' ' ')" 'n 1 2 3 4 n 1 2 3 4 '
imgjoin --csv - <a.csv.gz >got
same 'gzip on standard input' got expected
printf '\357\273\277a;b\r\n1;"x;y"\r\n' >semicolon.csv
equals '--delimiter, CR LF, byte order mark' "$(imgjoin --delimiter ';' semicolon.csv | tr '\t\n' '|+')" 'a|b+1|x;y+'
equals 'a blank between columns' "$(printf 'a b\n1 2\n' | imgjoin --delimiter ' ' | tr '\t\n' '|+')" 'a|b+1|2+'
printf 'a\tb"c"\n1\t"2\n' >quotes.tsv
equals 'quotes mean nothing in TSV' "$(imgjoin quotes.tsv | tr '\t\n' '|+')" 'a|b"c"+1|"2+'
equals '--format' "$(printf 'one "field" with\ttab\n' | imgjoin --format csv --no-header)" 'one "field" with\ttab'
equals 'one column, of which some are empty' "$(printf 'a\n1\n\n2\n' | imgjoin --format csv | tr '\n' '+')" 'a+1++2+'
equals 'empty lines between rows' "$(printf 'a,b\n1,2\n\n3,4\n\n' | imgjoin | tr '\t\n' '|+')" 'a|b+1|2+3|4+'
equals 'no newline at the end' "$(printf 'a,b\n1,2' | imgjoin | tr '\t\n' '|+')" 'a|b+1|2+'
equals 'a header and no rows' "$(printf 'a,b\n' | imgjoin | tr '\t\n' '|+')" 'a|b+'

imgjoin --select ImageID -o out.tsv boxes.csv
equals '-o' "$(wc -l <out.tsv)" 6
ok '-j is taken' imgjoin -j 4 -o out.tsv boxes.csv
status 0 '--progress' imgjoin --progress -o out.tsv boxes.csv
awk 'BEGIN {print "k,v"; for (i = 0; i < 40000; i++) printf "%08d%024d,%08d\n", i, 0, i}' >many.csv
status 4 '--memory' imgjoin --memory 1 -t many.csv boxes.csv
contains 'how much is needed' err 'the rows kept of many.csv need --memory 3 (MiB), which is 1'
status 0 'and that is enough' imgjoin -q --memory 3 -t many.csv boxes.csv
status 4 '--memory of --distinct' imgjoin --memory 1 --distinct k -o out.tsv many.csv
contains 'how much' err '--distinct needs --memory'
status 2 '--on before the first -t' imgjoin --on a boxes.csv
contains 'where it belongs' err 'stands behind the -t that it is about'
for wrong in '--how outer' '--key folder' '--format json' '--delimiter ab' '--memory 0' '--select nothing' '--select a,,b' '--box XMin,YMin' \
    '--label nothing' '--distinct nothing' '--columns a,b' '-t ids.csv --how semi --each' '-t ids.csv --how anti --select id' '-t ids.csv --on id'; do
    # shellcheck disable=SC2086 # options
    status 2 "wrong: $wrong" imgjoin $wrong boxes.csv
done
status 4 'a table that is not there' imgjoin -t nothing.csv boxes.csv
tap_done
