# What the scripts that fan work out share; each sources it from its own folder, with its name in $program.
# shellcheck shell=sh
LC_ALL=C
export LC_ALL
tab=$(printf '\t')

tell() {
    printf '%s: %s\n' "${program:?}" "$*" >&2
}
say() {
    [ -n "${quiet:-}" ] || tell "$@"
}
die() { # STATUS WORD...
    code=$1
    shift
    tell "$@"
    exit "$code"
}

# A word as a shell must read it.
quote() {
    case $1 in
    '' | *[!A-Za-z0-9_./:=,+-]*) printf "'%s'" "$(printf %s "$1" | sed "s/'/'\\\\''/g")" ;;
    *) printf %s "$1" ;;
    esac
}

number() { # OPTION VALUE FIRST
    case $2 in
    '' | *[!0-9]* | ??????????*) die 2 "$1 $2: expected a whole number from $3" ;;
    esac
    [ "$2" -ge "$3" ] || die 2 "$1 $2: expected a whole number from $3"
}

# Operands, one a line in $operands.
operands=''
operand() {
    case $1 in
    *"$tab"* | *'
'*) die 2 "$(printf %s "$1" | tr '\t\n' '??'): a name may hold neither tab nor newline" ;;
    esac
    operands="$operands$1
"
}

absolute() {
    case $1 in /*) printf %s "$1" ;; *) printf %s "$PWD/$1" ;; esac
}

# The hosts of --hosts or --hostfile, one a line: [N/][USER@]HOST.
read_hosts() { # HOSTS HOSTFILE
    if [ -n "$2" ]; then
        sed 's/#.*//; s/[[:space:]]//g; /^$/d' "$2"
    else
        printf '%s\n' "$1" | tr ',' '\n' | sed '/^$/d'
    fi
}

version() {
    imgcat --version | sed "s/^imgcat/$program/"
}

# Puts standard input at the end of a file, also where, as on some mounts of HDFS, only whole files can be written.
append() { # FILE
    cat >"${tmp:?}/added"
    cat "$tmp/added" 2>/dev/null >>"$1" || {
        { [ ! -e "$1" ] || cat "$1"; } >"$tmp/whole" && cat "$tmp/added" >>"$tmp/whole" && rm -f "$1" && cp "$tmp/whole" "$1"
    }
} 2>/dev/null
