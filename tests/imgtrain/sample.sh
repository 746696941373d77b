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
