#!/bin/sh
# If this fails, training sets made ahead with imgprep --augment are not what they say: other changes than asked for, not
# the same ones again, other pixels than imgtrain would learn from, or copies that cannot be told apart.
: "${SRCDIR:=$(cd "$(dirname "$0")/../.." && pwd)}"
. "$SRCDIR/tests/tap.sh"

# Ten pictures of 7x5 of two labels; one is grey, one no picture.
awk 'BEGIN {
    srand(5)
    for (n = 0; n < 10; n++) {
        file = sprintf("%s%d.ppm", n % 2 ? "odd/" : "even/", n)
        if (n < 2) system("mkdir -p " (n ? "odd" : "even"))
        print n == 4 ? "P2 7 5 255" : "P3 7 5 255" > file
        for (i = 0; i < (n == 4 ? 35 : 105); i++) print int(rand() * 256) > file
        close(file)
    }
}'
mkdir in
mv even odd in/
imgextract -o good.its in
echo 'GIF89a' >in/odd/z.gif
imgextract -o in.its in
all=flip,turn,shift=2,rotate=20,brightness=0.5,contrast=0.5,saturation=0.5,cutout=3

# What comes out.
status 1 'a picture that fails, fails once' imgprep --size 7x5 --augment "$all" --copies 3 --original -o three.its in.its
imgcat three.its >listing
equals 'four records for each of the others' "$(imgcat --count three.its)" 41
ok 'the end mark counts them' imgcat --check three.its
equals 'the picture, then its copies, each with its own key' "$(cut -f 1 listing | head -n 4 | tr '\n' ' ')" \
    'even/0.ppm even/0.ppm+1 even/0.ppm+2 even/0.ppm+3 '
equals 'with its label' "$(cut -f 5 listing | sort | uniq -c | tr -s ' \n' ' ')" ' 20 even 21 odd '
cat >drawn <<'END'
seed=1 copy=1 brightness=1.1105299 contrast=1.2133801 saturation=0.64170134 turns=2 angle=19.28641 flip=1 window=7x5-1-1 cutout=3x3+0+3
seed=1 copy=2 brightness=1.2297146 contrast=0.9435216 saturation=1.220717 turns=2 angle=-15.622715 flip=1 window=7x5+1-1 cutout=3x3+3-1
END
equals 'how it was made' "$(sed -n 's/.*augment=//p' listing | head -n 2)" "$(cat drawn)"
equals 'the recipe is that of the picture itself' "$(sed -n 's/.*recipe=\(.*\)	width.*/\1/p' listing | sort | uniq -c | tr -s ' ')" \
    ' 40 dct=islow upsampling=fancy resize=stretch:7x5 filter=pil-bilinear crop=none colour=rgb type=u8 layout=hwc scale=1 mean=0 std=1'
status 1 'error records pass on' imgprep -q --size 7x5 --augment flip --copies 3 -o again.its three.its
equals 'each once' "$(imgcat --count again.its)" 41

# The attribute is enough to make a copy again. This does, from what the text of the stream says, and knows nothing of imgutils.
cat >repeat.py <<'END'
import math, re, sys

def records(path):
    found = []
    for line in open(path):
        word = line.rstrip("\n").split("\t")
        if word[0] == "tensor":
            fields = dict(w.split("=", 1) for w in word[4:])
            record = dict(key=word[1], size=[int(n) for n in word[3].split("x")], text=fields, numbers=[])
            found.append(record)
        elif word[0] == "":
            record["numbers"] += [float(n) for n in word[1].split()]
    return found

def numbers(recipe, name):
    values = [float(n) for n in recipe[name].split(",")]
    return values * 3 if len(values) == 1 else values

def picture(record):  # [row][column][channel], values as the network has them
    recipe = dict(w.split("=") for w in record["text"]["recipe"].split())
    mean, std, scale = numbers(recipe, "mean"), numbers(recipe, "std"), float(recipe["scale"])
    c, h, w = record["size"] if recipe["layout"] == "chw" else record["size"][2:] + record["size"][:2]
    at = (lambda y, x, k: (k * h + y) * w + x) if recipe["layout"] == "chw" else (lambda y, x, k: (y * w + x) * c + k)
    value = lambda n, k: n if recipe["type"] == "f32" else (n * scale - mean[k]) / std[k]
    pixels = [[[value(record["numbers"][at(y, x, k)], k) for k in range(c)] for x in range(w)] for y in range(h)]
    level = [abs(scale / std[k]) for k in range(c)]  # one level of a pixel
    ends = [((0 - mean[k]) / std[k], (255 * scale - mean[k]) / std[k]) for k in range(c)]
    return pixels, level, ends, recipe

def clamp(v):
    return min(max(v, 0), 1)

def colour(pixels, ends, bgr, factor):
    c = len(ends)
    share = [1] if c == 1 else [0.114, 0.587, 0.2989] if bgr else [0.2989, 0.587, 0.114]
    grey = lambda p: sum(s * v for s, v in zip(share, p))
    unit = [[clamp((v - low) / (high - low) * factor["brightness"]) for v, (low, high) in zip(p, ends)] for row in pixels for p in row]
    middle = sum(map(grey, unit)) / len(unit)
    unit = [[clamp(factor["contrast"] * v + (1 - factor["contrast"]) * middle) for v in p] for p in unit]
    if c == 3:
        unit = [[clamp(factor["saturation"] * v + (1 - factor["saturation"]) * grey(p)) for v in p] for p in unit]
    unit = [[low + v * (high - low) for v, (low, high) in zip(p, ends)] for p in unit]
    return [unit[i:i + len(pixels[0])] for i in range(0, len(unit), len(pixels[0]))]

def sample(pixels, y, x, edge):  # bilinear; beyond the edge 0, or the edge goes on
    h, w = len(pixels), len(pixels[0])
    if edge:
        y, x = min(max(y, 0), h - 1), min(max(x, 0), w - 1)
    top, left = math.floor(y), math.floor(x)
    total = [0.0] * len(pixels[0][0])
    for i in (top, top + 1):
        for j in (left, left + 1):
            part = (1 - abs(y - i)) * (1 - abs(x - j))
            if part > 1e-9 and 0 <= i < h and 0 <= j < w:
                total = [t + part * v for t, v in zip(total, pixels[i][j])]
    return total

def geometry(text, word, otherwise):
    return [int(n) for n in re.fullmatch(r"(\d+)x(\d+)([+-]\d+)([+-]\d+)", text[word]).groups()] if word in text else otherwise

def repeat(pixels, ends, recipe, made, h, w):
    text = dict(part.split("=") for part in made.split())
    number = lambda name, otherwise=0: float(text.get(name, otherwise))
    names = ("brightness", "contrast", "saturation")
    if any(name in text for name in names):
        pixels = colour(pixels, ends, recipe["colour"] == "bgr", {name: number(name, 1) for name in names})
    in_h, in_w = len(pixels), len(pixels[0])
    wide, high, left, top = geometry(text, "window", [in_w, in_h, 0, 0])
    turn = math.radians(90 * number("turns") + number("angle"))
    cut = geometry(text, "cutout", [0, 0, 0, 0])
    rows = []
    for row in range(h):
        rows.append([])
        for column in range(w):
            y = top + (row + 0.5) * high / h - in_h / 2
            x = left + (column + 0.5) * wide / w - in_w / 2
            x = -x if number("flip") else x
            from_y = in_h / 2 + math.sin(turn) * x + math.cos(turn) * y - 0.5
            from_x = in_w / 2 + math.cos(turn) * x - math.sin(turn) * y - 0.5
            inside = cut[2] <= column < cut[2] + cut[0] and cut[3] <= row < cut[3] + cut[1]
            new = sample(pixels, from_y, from_x, not number("angle") and (wide, high) != (w, h))
            rows[-1].append([0.0] * len(new) if inside else new)
    return rows

whole = {record["key"]: picture(record) for record in records(sys.argv[1])}
worst, count, changed = 0, 0, 0
for record in records(sys.argv[2]):
    pixels, _, ends, _ = whole[record["key"].rpartition("+")[0]]
    got, level, ends, recipe = picture(record)
    same = repeat(pixels, ends, recipe, record["text"]["augment"], len(got), len(got[0]))
    tolerance = 0.502 if recipe["type"] == "u8" else 0.002  # the nearest level; 7 digits of f32
    for a, b in zip(sum(got, []), sum(same, [])):
        for k in range(len(level)):
            low, high = sorted(ends[k])
            # pixels cannot say what lies beyond black and white
            far = abs(a[k] - (min(max(b[k], low), high) if recipe["type"] == "u8" else b[k])) / level[k]
            worst = max(worst, far / tolerance)
    count += 1
    changed += got != pixels
print(f"{count} copies", "differ from what they say" if worst > 1 else "are what they say", "" if changed > count / 3 else "but hardly changed")
END
# repeats NAME OPTION... -- CHANGES [OPTION...]: the options make the whole picture, the others are for the copies
repeats() {
    repeats_name=$1 repeats_options=
    shift
    while [ "$1" != -- ]; do
        repeats_options="$repeats_options $1"
        shift
    done
    shift
    # shellcheck disable=SC2086 # options and their arguments
    {
        imgprep --type f32 $repeats_options good.its | imgcat --text >whole.txt
        imgprep $repeats_options --copies 4 --augment "$@" good.its 2>err | imgcat --text >copies.txt
    }
    equals "$repeats_name" "$(python3 repeat.py whole.txt copies.txt)" '40 copies are what they say '
}
norm='--scale 0.01 --mean 1.2,1.1,1 --std 0.5,0.6,0.7'
for change in flip turn shift=3 rotate=45 resized-crop=0.3 brightness=0.7 contrast=0.7 cutout=4; do
    repeats "$change" --size 7x5 --mean 100 -- "$change"
done
repeats 'saturation (of grey it is nothing)' --size 9x6 -- saturation=0.9
repeats 'random-crop=4' --size 7x5 --mean 100 -- random-crop=4
repeats 'random-crop=5 beyond the edges' --size 7x5 --mean 100 -- random-crop=5,shift=1
repeats 'a resized window of another size' --size 12x10 --mean 100 -- resized-crop=0.2,random-crop=10
# shellcheck disable=SC2086
repeats 'all of them' --size 8 $norm -- "$all,random-crop=6"
# shellcheck disable=SC2086
repeats 'as f32' --size 8 $norm --type f32 -- "$all"
# shellcheck disable=SC2086
repeats 'blue first, in planes' --size 7x5 $norm --colour bgr --layout chw -- "$all"
# shellcheck disable=SC2086
repeats 'grey' --size 7x5 --scale 0.01 --mean 1.2 --colour grey -- "$all"
# shellcheck disable=SC2086
repeats 'of pictures of any size' --short 6 $norm --type f32 --layout chw -- "$all,random-crop=5"

# What they depend on: seed, key and number.
make() { # FILE OPTION...
    make_file=$1
    shift
    imgprep --size 7x5 --augment "$all" "$@" >"$make_file" 2>err || cat err
}
make one.its -j 1 --copies 3 good.its
make four.its -j 4 --copies 3 good.its
same 'the same bytes for any number of threads' four.its one.its
ok 'shards' imgextract --shard 1/2 -o a.its in/even in/odd/1.ppm in/odd/3.ppm
imgcat --key 'even/*' --its good.its >a.its
imgcat --key 'odd/*' --its good.its >b.its
make shards.its --copies 3 b.its a.its
equals 'the same copies from shards, in another order' "$(imgcat --checksum shards.its)" "$(imgcat --checksum one.its)"
make more.its --copies 5 good.its
imgcat --key '*+[123]' --its more.its >first.its
same 'more copies leave the first as they are' first.its one.its
make seed.its --copies 3 --seed 1 good.its
same 'the seed is 1' seed.its one.its
make other.its --copies 3 --seed 2 good.its
ok 'another seed, other copies' test "$(imgcat --checksum other.its)" != "$(imgcat --checksum one.its)"
equals 'all copies differ' "$(imgcat other.its one.its | sed 's/.*copy=. //' | sort -u | wc -l)" 60
ok 'one copy, unless told otherwise' imgprep --size 7x5 --augment flip,turn --augment shift=2 -o single.its good.its
equals 'a picture each' "$(imgcat --count single.its)" 10
contains 'lists add up' single.its turns=
contains 'lists add up: the second' single.its window=

# The picture itself, beside its copies, is what imgprep makes without any.
original() { # OPTION... [-- CHANGES]
    original_name="$*"
    imgprep "$@" good.its >plain.its
    imgprep "$@" --augment "$original_changes" --original --copies 2 good.its >both.its
    imgcat --key '*.ppm' --its both.its >itself.its
    same "the picture itself: $original_name" itself.its plain.its
}
original_changes=$all
original --size 7x5 --type f32 --layout chw
original --preset none --colour bgr --mean 1,2,3 --std 4
original_changes=$all,random-crop=4
original --size 7x5 --crop 4
original --size 7x5 --crop 4:truncate --layout chw --scale 0.003921569 --mean 0.485,0.456,0.406 --std 0.229,0.224,0.225
imgprep --size 7x5 --augment random-crop=4 good.its | imgcat | grep -c 'crop=4x4:even' >count
equals 'windows say the crop that takes the centre' "$(cat count)" 10

# What imgtrain learns from with its own options is among many copies: the loss of each picture tells them apart.
printf 'Flatten\nlogits: Gemm units=$classes\n' >linear.net
losses() { # FILE OPTION...
    losses_file=$1
    shift
    imgtrain -q -n linear.net --rate 0 --batch 1 --log log.tsv -o x.onnx "$@" 2>err || cat err
    sed 1d log.tsv | cut -f 3 | sort -u >"$losses_file"
}
imgcat --its --key even/0.ppm --key odd/1.ppm good.its >two.its
imgprep --size 6 --mean 128 --std 64 -o plain.its two.its
# among NAME COUNT CHANGES OPTION...: both see COUNT pictures or, of more, imgtrain none that is not among the copies
among() {
    among_name=$1 among_count=$2 among_changes=$3
    shift 3
    imgprep --size 6 --mean 128 --std 64 --augment "$among_changes" --copies 400 -o copies.its two.its
    losses all --epochs 1 copies.its
    losses seen --epochs 60 "$@" plain.its
    equals "$among_name: there are so many" "$(wc -l <all)" "$among_count"
    equals "$among_name: imgtrain has no others" "$(comm -23 seen all)" ''
    ok "$among_name: nor always the same" test "$(wc -l <seen)" -gt "$((among_count / 2))"
}
among 'turned and mirrored' 16 flip,turn --flip --turn
among 'moved' 18 shift=1 --shift 1
among 'windows' 8 random-crop=5 --random-crop 5
among 'cut out' 72 cutout=3 --cutout 3

# Of a model, whose recipe may crop.
ok 'a model of windows' imgtrain -q -n linear.net --epochs 1 --random-crop 5 -o crop.onnx plain.its
ok 'windows in place of its crop' imgprep -m crop.onnx --augment random-crop=5 --copies 2 -o copies.its two.its
ok 'are what it takes' imgclassify -m crop.onnx -o pred.tsv copies.its
equals 'each by its key' "$(cut -f 1 pred.tsv | tr '\n' ' ')" 'even/0.ppm+1 even/0.ppm+2 odd/1.ppm+1 odd/1.ppm+2 '

# wrong LINE OPTION...: exit 2 and the message
wrong() {
    wrong_text=$1
    shift
    status 2 "wrong usage: $*" imgprep "$@" -o no.its good.its
    contains "says why: $wrong_text" err "$wrong_text"
}
wrong "--augment: no change 'mixup'; there are flip, shift, turn, rotate, random-crop, resized-crop, brightness, contrast, saturation, cutout" \
    --size 8 --augment flip,mixup=1
wrong "--augment: no change ''" --size 8 --augment ''
wrong '--augment: flip: it takes no number' --size 8 --augment flip=1
wrong '--augment: rotate: it needs a number: rotate=N' --size 8 --augment rotate
wrong '--augment: brightness: -1 is not within 0 to 100' --size 8 --augment brightness=-1
wrong "--copies: '0' is not a whole number from 1 to 1000" --size 8 --augment flip --copies 0
wrong "--seed: 'x' is not a whole number" --size 8 --augment flip --seed x
wrong '--copies, --original and --seed go with --augment' --size 8 --copies 2
wrong '--copies, --original and --seed go with --augment' --size 8 --original
wrong '--copies, --original and --seed go with --augment' --size 8 --seed 1
wrong 'the crop 7x7 is larger than the picture of 8x6' --size 8x6 --augment random-crop=7
wrong 'a window that is resized lies within the picture' --size 8 --augment resized-crop=0.5,shift=1
wrong 'random-crop=4 takes the place of the crop, which is 5x5' -m crop.onnx --augment random-crop=4
wrong 'random-crop=4 would change the size of pictures that the model says: resized-crop does not' -m x.onnx --augment random-crop=4
wrong 'random-crop=4 takes the place of the crop, which is 6x6' --size 8 --crop 6 --augment random-crop=4
status 1 'windows larger than some pictures' imgprep --preset none --augment random-crop=6 -o small.its good.its
contains 'it says so of each' err 'even/0.ppm: pictures of 7x5 are too small for a window of 6x6'
equals 'and none is lost' "$(imgcat --count small.its)" 10
cut=$(printf '%04094d' 0)
sed 's/^image	even.0.ppm/image	'"$cut"'/' >long.txt <<END
$(imgcat --slice 0:1 --its good.its | imgcat --text)
END
ok 'a key that is as long as can be' imgcat --from-text -o long.its long.txt
status 1 'leaves no room for the number of a copy' imgprep --size 8 --augment flip --copies 10 -o no.its long.its
equals 'and none is made' "$(imgcat --count no.its)" 1
ok 'nine have room' imgprep --size 8 --augment flip --copies 9 -o no.its long.its
tap_done
