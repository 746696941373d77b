#!/bin/sh
# If this fails, an option of imgprep does not do what imgprep(1) says, or the recipe does not tell of it.
: "${SRCDIR:=$(cd "$(dirname "$0")/../.." && pwd)}"
. "$SRCDIR/tests/tap.sh"

mkdir in
printf 'P6 4 2 255\n\012\024\036\310\144\000\001\002\003\377\376\375aaabbbcccddd' >in/a.ppm
imgextract in >in.its 2>err

# gives NAME ROWS OPTION...: the first row(s) of the tensor's text
gives() {
    gives_name=$1 gives_rows=$2
    shift 2
    imgprep "$@" <in.its 2>err >out.its && imgcat --text out.its | grep "^$(printf '\t')" | tr -d '\t' | tr '\n' ' ' >rows
    gives_rows="$gives_rows "
    case $(cat rows) in
    "$gives_rows"*) tap_line 0 "$gives_name" ;;
    *)
        tap_line 1 "$gives_name"
        printf '#   got: %s\n#   expected: %s...\n' "$(head -c 300 rows)" "$gives_rows"
        sed 's/^/#   err: /' err
        ;;
    esac
}
# recipe NAME TEXT OPTION...: a part of the recipe
recipe() {
    recipe_name=$1 recipe_text=$2
    shift 2
    imgprep "$@" <in.its >out.its 2>err
    imgcat out.its >listing
    contains "$recipe_name" listing "$recipe_text"
}

gives 'the pixels as they are' '10 20 30 200 100 0 1 2 3 255 254 253' --preset none
gives '--size N: the mean of all' '94 75 56 119 112 105' --size 2x1
gives '-s is --size' '94 75 56 119 112 105' -s 2x1
gives '--short N keeps the proportions' '10 20 30 58 40 23' --short 4
recipe '--short in the recipe' 'resize=short:4:truncate filter=pil-bilinear' --short 4
contains '--short: 8x4' listing '4x8x3'
gives '--crop keeps the centre' '200 100 0 1 2 3 98 98 98 99 99 99' --crop 2x2
gives '--crop: halves go to the even side' '1 2 3' --crop 1
gives '--crop: rounding cut' '200 100 0' --crop 1:truncate
gives '--colour bgr' '30 20 10 0 100 200' --preset none --colour bgr
gives '--colour grey' '18 118 2 254 97 98 99 100' --preset none --colour grey
gives '--layout chw' '10 200 1 255 97 98 99 100 20 100' --preset none --layout chw
gives '--type f32 with --scale, --mean, --std' '19 18 14.25 399 98 -0.75' \
    --preset none --type f32 --scale 2 --mean 1,4,3 --std 1,2,4
gives '--type u8 leaves mean and std to the model' '10 20 30' --preset none --type u8 --mean 128 --std 128
recipe 'and says them' 'scale=1 mean=128 std=128' --preset none --type u8 --mean 128 --std 128
gives '--crop: both halves cut' '98 99' --crop 2x1:halves --colour grey
recipe '--short N:ROUNDING' 'resize=short:5:even' --short 5:even
contains '--short: rounded' listing '5x10x3'
recipe '--fit: what fits in there' 'resize=fit:3x3:even filter=pil-bilinear crop=none' --fit 3
contains '--fit: 1.5 rows rounded to the even side' listing "$(printf '\t2x3x3\t')"
recipe '--fit W x H:ROUNDING' 'resize=fit:3x7:truncate' --fit 3x7:truncate
contains '--fit: 1.5 rows cut' listing "$(printf '\t1x3x3\t')"
for filter in pil-nearest pil-box pil-bilinear pil-hamming pil-bicubic pil-lanczos \
    pil13-box pil13-bilinear pil13-hamming pil13-bicubic pil13-lanczos; do
    recipe "--filter $filter" "filter=$filter" --size 3 --filter "$filter"
done
gives '--filter cv-nearest' '10 20 30 1 2 3' --size 2 --filter cv-nearest
gives '--filter cv-linear' '69 65 61 100 75 50 156 156 155' --size 3x1 --filter cv-linear
gives '--filter cv-area' '101 79 56 114 114 114' --size 2x1 --filter cv-area
gives '--filter tf-nearest' '200 100 0 255 254 253' --size 2 --filter tf-nearest
gives '--filter tf-bilinear gives fractions' '69.41667 65.25 61.083332 99.5 74.75 50 156.25002' --size 3x1 --filter tf-bilinear
gives '--filter tf-bilinear with --scale, --mean, --std' '138.83334 32.125 25.041666 199 36.875 19.5' \
    --size 3x1 --filter tf-bilinear --scale 2 --mean 0,2,22 --std 1,4,4
recipe '--filter tf-bilinear: f32 is the default' 'type=f32' --size 3 --filter tf-bilinear
recipe '--dct' 'dct=ifast' --size 3 --dct ifast
recipe '--upsampling' 'upsampling=plain' --size 3 --upsampling plain
recipe 'width and height of the original' "$(printf '\twidth=4\theight=2')" --size 3
recipe '--preset torchvision' 'resize=short:256:truncate filter=pil-bilinear crop=224x224:even colour=rgb type=u8 layout=hwc scale=0.003921569 mean=0.485,0.456,0.406 std=0.229,0.224,0.225' \
    --preset torchvision
recipe '--preset keras-tf with a size' 'resize=stretch:5x5 filter=pil-bilinear crop=none colour=rgb type=u8 layout=hwc scale=1 mean=127.5 std=127.5' \
    --size 5 --preset keras-tf
recipe 'an option over the preset, whatever the order' 'crop=192x192:even' --crop 192 --preset torchvision
recipe "a fit replaces a preset's crop" 'resize=fit:99x99:even filter=pil-bilinear crop=none' --preset torchvision --fit 99
recipe "a size replaces a preset's crop too" 'resize=stretch:99x99 filter=pil-bilinear crop=none' --preset torchvision --size 99

status 0 '--print-preset' imgprep --print-preset torchvision
equals '--print-preset prints options' "$(cat out)" \
    '--short 256 --filter pil-bilinear --crop 224 --colour rgb --scale 0.003921569 --mean 0.485,0.456,0.406 --std 0.229,0.224,0.225'
# shellcheck disable=SC2046 # the options are words
imgprep $(cat out) in.its >printed.its
imgprep --preset torchvision in.its >preset.its
same 'the printed options do what the preset does' printed.its preset.its

status 0 '-o' imgprep --size 3 -o file.its in.its
imgprep --size 3 <in.its >stdout.its
same '-o writes what goes to standard output' file.its stdout.its
status 0 '-v says the recipe' imgprep -v --size 3 -o file.its in.its
contains '-v says the recipe' err 'recipe: dct=islow upsampling=fancy resize=stretch:3x3'
status 0 '-h' imgprep -h
contains '-h is a usage' out 'usage: imgprep [OPTION]... [FILE]...'
status 0 '-V' imgprep -V

# wrong LINE OPTION...: exit 2 and the message
wrong() {
    wrong_text=$1
    shift
    status 2 "wrong usage: $*" imgprep "$@" in.its
    contains "says why: $wrong_text" err "$wrong_text"
}
wrong 'which size?'
wrong 'which size?' --mean 3
wrong 'which size? The preset keras-tf does not say one: add --size' --preset keras-tf
wrong "--size: '12x' is not a size" --size 12x
wrong "--short: 'short:7x7' is none of" --short 7x7
wrong '--size and --short contradict each other' --size 3 --short 3
wrong '--short and --fit contradict each other' --short 3 --fit 3
wrong "--fit: '0' is not a size" --fit 0
wrong "'halves' is none of: truncate, even" --short 3:halves
wrong "'up' is none of: truncate, even, halves" --crop 3:up
wrong "--pad: '1,2' is not a colour" --fit 3 --pad 1,2
wrong "--background: '300' is not a colour: expected V or R,G,B" --size 3 --background 300
wrong 'pad is for a picture that was made to fit' --size 3 --pad 0
wrong 'pad and crop contradict each other' --fit 3 --pad 0 --crop 2
wrong "--exif: 'turn' is none of: ignore, apply" --size 3 --exif turn
wrong "--filter: 'bicubic' is none of: pil-nearest, pil-box, pil-bilinear, pil-hamming, pil-bicubic, pil-lanczos, pil13-box" --size 3 --filter bicubic
wrong 'tf-bilinear gives fractions: the type must be f32' --size 3 --filter tf-bilinear --type u8
wrong 'contradict' --preset none --filter pil-bilinear
wrong "--colour: 'red' is none of: rgb, bgr, grey" --size 3 --colour red
wrong "--type: 'f16' is none of: u8, f32" --size 3 --type f16
wrong "--layout: 'nchw' is none of: hwc, chw" --size 3 --layout nchw
wrong 'std is 0' --size 3 --std 0
wrong "--mean: '1,2' has 2 numbers" --size 3 --mean 1,2
wrong "--scale: 'x' is not a number" --size 3 --scale x
wrong 'grey pictures are one number' --size 3 --colour grey --mean 1,2,3
wrong 'the crop 4x4 is larger than the picture of 3x3' --size 3 --crop 4
wrong "no preset 'x'; there are: torchvision" --preset x
wrong "no preset 'x'" --print-preset x
wrong '--jpeg-warnings no: expected error, record or ignore' --size 3 --jpeg-warnings no
wrong "'0' is not a whole number" --size 3 --max-pixels 0
wrong "'-1' is not a whole number" --size 3 --max-scans -1
wrong 'the size 60000x60000 is more than' --size 60000
tap_done
