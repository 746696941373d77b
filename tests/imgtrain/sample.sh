# Sourced by the tests here: `colours FOLDER COUNT SEED [STRENGTH]` draws COUNT noisy 8x8 pictures each of three
# colours, which any network can tell apart (strength 120; with 20 it learns them by heart); small.net is such a network.
# shellcheck shell=sh
colours() {
    mkdir -p "$1/red" "$1/green" "$1/blue"
    awk -v folder="$1" -v count="$2" -v seed="$3" -v strength="${4:-120}" 'BEGIN {
        srand(seed)
        split("red green blue", name, " ")
        for (c = 1; c <= 3; c++) for (n = 1; n <= count; n++) {
            file = sprintf("%s/%s/%02d.ppm", folder, name[c], n)
            printf "P3 8 8 255\n" > file
            for (i = 0; i < 192; i++) printf "%d ", int(rand() * (240 - strength)) + (i % 3 == c - 1 ? strength : 0) > file
            close(file)
        }
    }'
    imgextract "$1" | imgprep --size 8 -o "$1.its"
}
cat >small.net <<'EOF'
BatchNormalization
Conv channels=8 kernel_shape=3 pads=1
Relu
GlobalAveragePool
Flatten
logits: Gemm units=$classes
EOF

# `features COUNT CLASSES [SEED]` prints COUNT vectors of 6 numbers as its-text: of different sizes, correlated, and noisy enough
# that no line tells the classes apart.
features() {
    awk -v count="$1" -v classes="$2" -v seed="${3:-1}" '
        function rand1() { seed = (seed * 16807) % 2147483647; return seed / 2147483647 }
        function noise() { return rand1() + rand1() + rand1() + rand1() - 2 }
        BEGIN {
            print "its-text 1"
            for (n = 0; n < count; n++) {
                common = noise()
                best = -1e9
                for (i = 1; i <= 6; i++) x[i] = sprintf("%.3f", (noise() + common + i / 2) * 2 ^ (i - 3))
                for (c = 0; c < classes; c++) {
                    score = 1.5 * x[c % 3 + 2] / 2 ^ (c % 3 - 1) + noise() * 2 + c / 4
                    if (score > best) { best = score; class = c }
                }
                printf "tensor\tn%03d\tf32\t6\tlabel=c%d\n\t%s %s %s %s %s %s\n", n, class, x[1], x[2], x[3], x[4], x[5], x[6]
            }
            print "end\t0/0\t0"
        }'
}
