# A real HDFS for the tests: a NameNode and two DataNodes on 127.0.0.1, and mounts of it by rclone. All of it lives in the
# test's scratch folder and ends with the test.
#
#   need_hdfs NAME              exits the whole test with a SKIP where it cannot be had
#   hdfs_start                  starts it; what the daemons say is in hdfs/*.log
#   hdfs_mount FOLDER           mounts it there, $! is the mount's process; `rm -rf` of a mount would remove what is in HDFS, so the test's end unmounts
#   datanodes_kill, datanodes_start
#
# Two DataNodes, since rclone before 1.64 ends with "replication in progress" when it is quicker than the DataNode's word to
# the NameNode; dfs.namenode.file.close.num-committed-allowed helps only where a block has more than one replica.
# shellcheck shell=sh disable=SC2154 # tap_dir is of tap.sh

hadoop=$SRCDIR/build/hadoop

need_hdfs() {
    why=''
    for program in java rclone curl fusermount3; do
        command -v $program >/dev/null || why="no $program"
    done
    [ "$(id -u)" = 0 ] || why="not root, which mounts here"
    [ -c /dev/fuse ] || why="no /dev/fuse"
    case $B in *asan*) why="the sanitizers see the same programs elsewhere" ;; esac
    if [ -z "$why" ] && ! sh "$SRCDIR/tests/hdfs/fetch" "$hadoop" 2>fetch.log; then
        why="Hadoop cannot be fetched: $(head -n 1 fetch.log)"
    fi
    [ -z "$why" ] || {
        echo "1..0 # SKIP $1: $why"
        exit 0
    }
}

property() { # NAME VALUE
    printf '<property><name>%s</name><value>%s</value></property>\n' "$1" "$2"
}
configure() { # FIRST-PORT
    hdfs_port=$1
    mkdir -p hdfs/webapps/hdfs hdfs/webapps/datanode # a place for web pages, which the archives lack
    cat >hdfs/log4j.properties <<'END'
log4j.rootLogger=WARN,out
log4j.appender.out=org.apache.log4j.ConsoleAppender
log4j.appender.out.layout=org.apache.log4j.PatternLayout
log4j.appender.out.layout.ConversionPattern=%d %p %c: %m%n
END
    {
        echo '<configuration>'
        property fs.defaultFS "hdfs://127.0.0.1:$1"
        echo '</configuration>'
    } >hdfs/core-site.xml
    for node in 0 1 2; do
        mkdir -p "hdfs/$node"
        {
            echo '<configuration>'
            property dfs.replication 2
            property dfs.permissions.enabled false
            property dfs.namenode.name.dir "$tap_dir/hdfs/name"
            property dfs.namenode.http-address 127.0.0.1:0
            property dfs.namenode.safemode.extension 0
            property dfs.namenode.file.close.num-committed-allowed 1
            # a DataNode that is silent is given up after 10 seconds, not minutes
            property dfs.heartbeat.interval 1
            property dfs.namenode.heartbeat.recheck-interval 500
            property dfs.datanode.data.dir "$tap_dir/hdfs/data$node"
            property dfs.datanode.address "127.0.0.1:$(($1 + node * 2 + 1))"
            property dfs.datanode.ipc.address "127.0.0.1:$(($1 + node * 2 + 2))"
            property dfs.datanode.http.address 127.0.0.1:0
            echo '</configuration>'
        } >hdfs/$node/hdfs-site.xml
    done
}
hadoop_run() { # NODE CLASS ARGUMENT...: in place of this shell
    node=$1
    shift
    exec java -Xmx128m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -cp "hdfs/$node:hdfs:$hadoop/*" "$@"
}

namenode=org.apache.hadoop.hdfs.server.namenode.NameNode
hdfs_start() {
    trap 'hdfs_stop; cd /; rm -rf --one-file-system "$tap_dir"' EXIT
    hdfs_pids='' hdfs_mounts=''
    configure $((20000 + $$ % 1200 * 8))
    # rclone's remote, as its environment
    export RCLONE_CONFIG="$tap_dir/hdfs/rclone.conf" RCLONE_LOW_LEVEL_RETRIES=3 RCLONE_RETRIES=1 RCLONE_CONFIG_HDFS_TYPE=hdfs \
        RCLONE_CONFIG_HDFS_NAMENODE="127.0.0.1:$hdfs_port" RCLONE_CONFIG_HDFS_USERNAME=root
    : >"$RCLONE_CONFIG"
    (hadoop_run 0 $namenode -format -nonInteractive) >hdfs/format.log 2>&1 || return
    (hadoop_run 0 $namenode) >hdfs/namenode.log 2>&1 &
    hdfs_pids=$!
    datanodes_start
}
hdfs_stop() {
    # shellcheck disable=SC2086 # words
    for folder in $hdfs_mounts; do fusermount3 -uz "$folder" 2>/dev/null; done
    # shellcheck disable=SC2086
    kill -9 $hdfs_pids $datanode_pids 2>/dev/null
    # shellcheck disable=SC2086
    wait $hdfs_pids $datanode_pids 2>/dev/null
}
datanode_pids=''
datanodes_start() {
    datanode_pids=''
    for node in 1 2; do
        (hadoop_run $node org.apache.hadoop.hdfs.server.datanode.DataNode) >>hdfs/datanode$node.log 2>&1 &
        datanode_pids="$datanode_pids $!"
    done
    # they are there when a file can be written
    tries=0
    until echo x | rclone rcat hdfs:/ready >hdfs/ready.log 2>&1; do
        tries=$((tries + 1))
        [ $tries -lt 100 ] || return
        sleep 0.2
    done
}
datanodes_kill() {
    # shellcheck disable=SC2086 # words
    kill -9 $datanode_pids
    # shellcheck disable=SC2086
    wait $datanode_pids 2>/dev/null
}

hdfs_mount() { # FOLDER
    mkdir -p "$1" || return
    rclone mount hdfs:/ "$1" --vfs-cache-mode off --dir-cache-time 1s --attr-timeout 0s \
        --log-file "$tap_dir/hdfs/mount.log" &
    hdfs_pids="$hdfs_pids $!" hdfs_mounts="$hdfs_mounts $1"
    tries=0
    until mountpoint -q "$1"; do
        tries=$((tries + 1))
        [ $tries -lt 100 ] || return
        sleep 0.1
    done
}
