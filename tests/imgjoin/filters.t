#!/bin/sh
# Would break: a filter that keeps what it should not.
: "${SRCDIR:=$(cd "$(dirname "$0")/../.." && pwd)}"
. "$SRCDIR/tests/tap.sh"

printf 'id,n,t\n1,1,Tiger\n2,1.0,Lion\n3,0.5,tiger\n4,-2,a|b\n5,1e2,Lion cub\n6,,\n' >t.csv
passes() { # EXPECTED-IDS FILTER...
    tap_expected=$1 tap_title=
    shift
    for tap_filter; do
        shift
        set -- "$@" -w "$tap_filter"
        tap_title="$tap_title $tap_filter"
    done
    equals "filter:$tap_title" "$(imgjoin --select id "$@" t.csv 2>&1 | tail -n +2 | tr -d '\n')" "$tap_expected"
}
passes 1 't=Tiger'
passes 12 't=Tiger|Lion'
passes 3456 't!=Tiger|Lion'
passes 4 't=a\|b'
passes 6 't='
passes 12345 't!='
passes 26 't=|Lion'
passes 1 'n=1'
passes 12 'n==1'
passes 12 'n==1e0'
passes 125 'n>=1'
passes 5 'n>1'
passes 34 'n<1'
passes 4 'n<=-2'
passes 256 't<M'
passes 34 't>=a'
passes 25 't~^L'
passes 2456 't!~[Tt]i'
passes 12 't~^(Tiger|Lion)$'
passes 2 'n>=1' 't=Lion'
passes 5 'n>=1' 't~^L' 'id!=2'
passes 2 '3=Lion'
seq 3000 | sed 's/^/v/' | tr '\n' '|' >many
equals 'thousands of alternatives' "$( (echo x && seq 5000 | sed 's/^/v/') | imgjoin --format csv -w "x=$(cat many)" | wc -l)" 3001

cat >hierarchy.json <<'E'
{ "LabelName" : "/m/0", "Subcategory": [
  {"Subcategory": [{"LabelName": "/m/lion"}, {"LabelName": "/m/\u0074iger", "Part": [{"LabelName": "/m/paw"}]}], "LabelName": "/m/cat"},
  {"LabelName": "/m/dog", "Note": [1, true, null, {"x": "}\"]"}], "Part": [{"LabelName": "/m/leg", "Subcategory": [{"LabelName": "/m/toe"}]}]},
  {"LabelName": "/m/pet", "Subcategory": [{"LabelName": "/m/dog"}]}
] }
E
printf '/m/cat,Cat\n/m/lion,Lion\n/m/tiger,"Tiger, big"\n/m/pet,Pet\n/m/dog,Dog\n/m/leg,Leg\n' >names.csv
printf 'c\n/m/cat\n/m/lion\n/m/tiger\n/m/dog\n/m/paw\n/m/leg\n/m/toe\nLion\n"Tiger, big"\nCat\nother\n' >c.csv
below() { # FILTER EXPECTED OPTION...
    tap_filter=$1 tap_expected=$2
    shift 2
    equals "below: $tap_filter $*" "$(imgjoin --hierarchy hierarchy.json "$@" -w "$tap_filter" c.csv 2>&1 | tail -n +2 | tr '\n' ' ')" "$tap_expected"
}
below c=/m/cat '/m/cat /m/lion /m/tiger '
below c=/m/pet '/m/dog '
below c=Cat 'Cat '
below c=/m/leg '/m/leg /m/toe '
below c=Cat '/m/cat /m/lion /m/tiger Lion Tiger, big Cat ' --class-names names.csv
below 'c=Pet|other' '/m/dog other ' --class-names names.csv
below 'c!=/m/0' '/m/paw /m/leg /m/toe Lion Tiger, big Cat other '
below 'c~cat' '/m/cat '

for bad in '' '[' '{"LabelName": 1}' '{"a": "b' '{} x' '{"Subcategory": [{}' '{"a" 1}' '{"a": "\u12"}'; do
    printf '%s' "$bad" >bad.json
    status 3 "no hierarchy: $bad" imgjoin --hierarchy bad.json c.csv
    contains 'the file and byte are named' err 'bad.json: byte '
done
awk 'BEGIN {for (i = 0; i < 1000; i++) printf "{\"Subcategory\":["}' >deep.json
status 3 'nested too deep' imgjoin --hierarchy deep.json c.csv
contains 'is told' err 'nested deeper than'

status 2 'no filter' imgjoin -w id t.csv
contains 'what is expected' err "'id' is no filter: expected COLUMN=VALUE"
status 2 'no such column' imgjoin -w nothing=1 t.csv
contains 'which there are' err "t.csv has no column 'nothing': it has id, n, t"
status 2 'a wrong expression' imgjoin -w 'id~(' t.csv
status 2 '== of no number' imgjoin -w 'id==x' t.csv
status 2 '--class-names alone' imgjoin --class-names names.csv t.csv
tap_done
