#!/bin/sh
# shellcheck disable=SC2154 # hosts and ssh are of hosts.sh
# Would break: learning in rounds on hosts. A host that dies in the middle would end the training, or change its model.
: "${SRCDIR:=$(cd "$(dirname "$0")/../.." && pwd)}"
. "$SRCDIR/tests/tap.sh"
. "$SRCDIR/tests/img-map/hosts.sh"
need_hosts 'learning on hosts'
. "$SRCDIR/tests/img-train-rounds/sample.sh"
hosts_start 2 || {
    echo '1..0 # SKIP the hosts do not start'
    exit 0
}
both=$(echo "$hosts" | tr ' ' ',')

by_hand 3 --epochs 3 --batch 5 --rate 0.02
rounds() { # OPTION...
    img-train-rounds -n net.net --epochs 3 --seed 3 --train '--batch 5 --rate 0.02' --ssh "$ssh" "$@" s1.its s2.its s3.its s4.its
}
for via in parallel pdsh; do
    command -v $via >/dev/null || {
        skip "$via" "it is not installed"
        continue
    }
    status 0 "two hosts by $via" rounds --hosts "$both" --via $via -o run.$via
    same "$via: the model is what the rounds by hand give" run.$via/model.onnx hand.onnx
    equals "$via: two parts, from two hosts" "$(sed -n 's/.*done    part-[12]  on \([0-9.]*\):.*/\1/p' run.$via/img-train-rounds.log | sort | uniq | wc -l)" 2
done

# The second host's link is cut after the first round.
if command -v parallel >/dev/null; then
    {
        tries=0
        until [ -e cuts/.rounds/models/1.onnx ] || [ $tries -ge 300 ]; do
            sleep 0.1
            tries=$((tries + 1))
        done
        ip link set "v$$n2" down
    } &
    cutter=$!
    status 0 'a host whose link is cut' rounds --retries 3 --hosts "$both" --via parallel -o cuts
    wait $cutter
    same 'does not change the model' cuts/model.onnx hand.onnx
    contains 'it is told' err "$(echo "$hosts" | cut -d ' ' -f 2) is left out"
else
    skip 'a host whose link is cut' 'no GNU parallel'
fi
hosts_stop
tap_done
