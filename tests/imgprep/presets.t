#!/bin/sh
# If this fails, a preset is not what it is printed as, or no longer what its models were trained with.
: "${SRCDIR:=$(cd "$(dirname "$0")/../.." && pwd)}"
. "$SRCDIR/tests/tap.sh"

mkdir in
printf 'P6 4 2 255\n\012\024\036\310\144\000\001\002\003\377\376\375aaabbbcccddd' >in/a.ppm
imgextract in >in.its 2>err
recipe() { # OPTION...: the recipe
    imgprep -v "$@" -o out.its in.its 2>err
    sed -n 's/^imgprep: recipe: //p' err
}

head='dct=islow upsampling=fancy'
imagenet='colour=rgb type=u8 layout=hwc scale=0.003921569 mean=0.485,0.456,0.406 std=0.229,0.224,0.225'
cat >expected <<END
torchvision		$head resize=short:256:truncate filter=pil-bilinear crop=224x224:even $imagenet
torchvision-v2		$head resize=short:232:truncate filter=pil-bilinear crop=224x224:even $imagenet
keras-caffe	--size 224	$head resize=stretch:224x224 filter=pil-bilinear crop=none colour=bgr type=u8 layout=hwc scale=1 mean=103.939,116.779,123.68 std=1
keras-tf	--size 299	$head resize=stretch:299x299 filter=pil-bilinear crop=none colour=rgb type=u8 layout=hwc scale=1 mean=127.5 std=127.5
keras-torch	--size 224 --filter pil-nearest	$head resize=stretch:224x224 filter=pil-nearest crop=none $imagenet
onnx-zoo		$head resize=short:256:even filter=pil-bilinear crop=224x224:halves $imagenet
efficientnet-lite		$head exif=apply resize=short:256:truncate filter=cv-linear crop=224x224:truncate colour=rgb type=u8 layout=hwc scale=1 mean=127 std=128
opencv-stretch	--size 20x10	$head exif=apply resize=stretch:20x10 filter=cv-linear crop=none colour=bgr type=u8 layout=hwc scale=1 mean=0 std=1
none		$head resize=none filter=none crop=none colour=rgb type=u8 layout=hwc scale=1 mean=0 std=1
END
# shellcheck disable=SC2086 # the options are words
while IFS='	' read -r name more line; do
    case $more$line in --*) ;; *) line=$more$line more='' ;; esac # read takes two tabs for one
    equals "$name" "$(recipe --preset "$name" $more)" "$line"
    options=$(imgprep --print-preset "$name")
    # Without options nothing is asked for: that is what none is there to say.
    [ "$name" = none ] && options='--preset none'
    equals "  its options, typed" "$(recipe $options $more)" "$line"
done <expected
status 2 'a preset that there is not' imgprep --preset nothing in.its
equals 'names those that there are, which are all here' "$(sed -n 's/^.*there are: //p' err | tr -d ,)" \
    "$(cut -f 1 expected | tr '\n' ' ' | sed 's/ $//')"
tap_done
