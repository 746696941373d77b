# Hosts for the tests: network namespaces, each with an address, a link that can be cut, and an sshd of its own. They
# share this machine's files, as hosts share a mount; each has its own /run/full, for a disk of its own.
#
#   need_hosts NAME           exits the whole test with a SKIP where namespaces or sshd are not to be had
#   hosts_start N             starts N hosts; their addresses are in $hosts, separated by blanks; the options that ssh needs
#                             are in $ssh, a command
#   host_again I              starts its sshd again
#   on_host I COMMAND...      runs a command in host I's namespace, with its mounts
#   hosts_stop                (also at the end of the test)
# shellcheck shell=sh disable=SC2154 # tap_dir is of tap.sh

need_hosts() {
    why=''
    case $B in *asan*) why="the programs are checked without hosts" ;; esac
    for program in ip ssh ssh-keygen unshare nsenter; do
        command -v "$program" >/dev/null || why="no $program"
    done
    [ -x /usr/sbin/sshd ] || why="no sshd"
    [ "$(id -u)" = 0 ] || why="not root, which namespaces need"
    if [ -z "$why" ]; then
        hosts_net=10.$((64 + $$ / 250 % 128)).$(($$ % 250))
        if ip netns add "imgtry$$" 2>/dev/null && ip -n "imgtry$$" link add try type veth peer name yrt 2>/dev/null; then
            unshare -m true 2>/dev/null || why="mounts of one's own are not allowed here"
        else
            why="network namespaces are not allowed here"
        fi
        ip netns del "imgtry$$" 2>/dev/null
    fi
    [ -z "$why" ] || {
        echo "1..0 # SKIP $1: $why"
        exit 0
    }
}

hosts_start() { # N
    hosts='' hosts_count=$1
    keys=$tap_dir/ssh
    mkdir -p "$keys" /run/sshd
    ssh-keygen -q -t ed25519 -N '' -f "$keys/key" && ssh-keygen -q -t ed25519 -N '' -f "$keys/host" || return
    ssh="ssh -F none -i $keys/key -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR -o BatchMode=yes"
    ssh="$ssh -o ConnectTimeout=3 -o ServerAliveInterval=1 -o ServerAliveCountMax=3"
    trap 'hosts_stop; cd /; rm -rf "$tap_dir"' EXIT
    host=0
    while [ $host -lt "$1" ]; do
        host=$((host + 1))
        host_start $host || return
    done
}

host_start() { # I
    name=img$$h$1 near=$hosts_net.$(($1 * 4 + 1)) far=$hosts_net.$(($1 * 4 + 2))
    ip netns add "$name" &&
        ip link add "v$$n$1" type veth peer name "v$$f$1" netns "$name" &&
        ip addr add "$near/30" dev "v$$n$1" && ip link set "v$$n$1" up &&
        ip -n "$name" addr add "$far/30" dev "v$$f$1" && ip -n "$name" link set "v$$f$1" up &&
        ip -n "$name" link set lo up || return
    hosts="$hosts${hosts:+ }$far"
    host_again "$1"
}
# ip netns exec gives the host mounts of its own.
host_again() { # I: starts its sshd, after it was killed
    far=$hosts_net.$(($1 * 4 + 2))
    ip netns exec "img$$h$1" /usr/sbin/sshd -D -e -f /dev/null -p 22 -h "$keys/host" -o ListenAddress="$far" -o PidFile=none \
        -o AuthorizedKeysFile="$keys/key.pub" -o StrictModes=no -o PermitRootLogin=yes -o UsePAM=no -o MaxStartups=100 \
        -o SetEnv="PATH=$PATH HOME=$keys" 2>"$keys/sshd$1.log" &
    echo $! >"$keys/sshd$1"
    tries=0
    until $ssh "$far" true 2>/dev/null; do
        tries=$((tries + 1))
        [ $tries -lt 50 ] || return
        sleep 0.1
    done
}

on_host() { # I COMMAND...
    host_pid=$(cat "$keys/sshd$1")
    shift
    nsenter -n -m -t "$host_pid" "$@"
}

hosts_stop() {
    host=0
    while [ $host -lt "$hosts_count" ]; do
        host=$((host + 1))
        # shellcheck disable=SC2046 # a list of numbers; who dies last may have begun another
        while kill -9 $(ip netns pids "img$$h$host") 2>/dev/null; do sleep 0.05; done
        wait "$(cat "$keys/sshd$host")" 2>/dev/null
        ip link del "v$$n$host" 2>/dev/null
        ip netns del "img$$h$host" 2>/dev/null
    done
    hosts_count=0
}
