# Writes the examples of a manual page, each .EX block of its section EXAMPLES, to PREFIX.1, PREFIX.2 ...
# usage: awk -v prefix=PREFIX -f examples.awk PAGE
function plain(line) {
    gsub(/\\&/, "", line)
    gsub(/\\-/, "-", line)
    gsub(/\\\(aq/, "'", line)
    gsub(/\\\(dq/, "\"", line)
    gsub(/\\\(ha/, "^", line)
    gsub(/\\\(ti/, "~", line)
    gsub(/\\\(ga/, "`", line)
    gsub(/\\f[BIRP]/, "", line)
    gsub(/\\(e|\(rs)/, "\\", line)
    return line
}
/^\.S[HS]/ { if ($1 == ".SH") examples = /EXAMPLES/ }
/^\.EE/ { if (open) close(file); open = 0 }
open { print plain($0) > file }
/^\.EX/ && examples { open = 1; file = prefix "." ++count }
