# Sourced by tests/bench/engine and pipe with their arguments: builds engine.c, and puts the path of its model in the place of each
# NETWORK (models/NETWORK.net, with random weights). shellcheck shell=sh
make -s B="$B" all
case $B in /*) ;; *) B=$PWD/$B ;; esac
PATH=$B/bin:$PATH
mkdir -p "$B/bench"
"${CC:-gcc}" -std=c11 -O2 -D_POSIX_C_SOURCE=200809L -Ilib -I. -o "$B/bench/engine" tests/bench/engine.c "$B/libimgutils.a" -lz -lm -pthread
for name; do
    shift
    case $name in
    *.onnx) path=$name ;;
    *)
        path=$B/bench/$name.onnx
        imgtrain -q -n "models/$name.net" --epochs 0 -o "$path"
        ;;
    esac
    set -- "$@" "$path"
done
