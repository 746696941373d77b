"""imgprep's presets against torchvision's own transforms, and the ONNX model zoo's: the values that a model gets.

If this fails, published weights see other numbers here than where their accuracy was measured. Pillow up to 12, with
which they were trained. The pictures: the shared dogs-vs-cats where present, and generated ones.
"""

import io
import os
import sys
import tempfile

sys.path.insert(0, os.path.join(os.environ["B"], "reference", "pillow12"))

import numpy
import PIL
import torchvision
from PIL import Image
from torchvision import transforms

import tap
from pictures import close, plain, shared

MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


def by(transform):
    return lambda data: transform(Image.open(io.BytesIO(data)).convert("RGB")).numpy().transpose(1, 2, 0)


def zoo(data):
    """onnx/models, imagenet_preprocess.py: preprocess."""
    image = Image.open(io.BytesIO(data)).convert("RGB")
    ratio = 256.0 / min(image.size)
    wide = image.size[0] > image.size[1]
    size = (int(round(ratio * image.size[0])), 256) if wide else (256, int(round(ratio * image.size[1])))
    pixels = numpy.asarray(image.resize(size, Image.BILINEAR))
    left, top = size[0] // 2 - 112, size[1] // 2 - 112
    pixels = pixels[top:top + 224, left:left + 224].astype(numpy.float32)
    return (pixels / 255 - numpy.array(MEAN)) / numpy.array(STD)


def classic(short, crop):
    return transforms.Compose([transforms.Resize(short), transforms.CenterCrop(crop), transforms.ToTensor(),
                               transforms.Normalize(MEAN, STD)])


def stretched(size):
    return transforms.Compose([transforms.Resize(size, transforms.InterpolationMode.BICUBIC), transforms.ToTensor(),
                               transforms.Normalize(MEAN, STD)])


def main():
    tap.note("torchvision %s, Pillow %s" % (torchvision.__version__, PIL.__version__))
    weights = torchvision.models.get_weight
    values = ["--scale", "0.003921569", "--mean", "0.485,0.456,0.406", "--std", "0.229,0.224,0.225"]
    with tempfile.TemporaryDirectory() as folder:
        for kind, pictures in (("photos", shared("train", 320)), ("generated", plain(numpy.random.default_rng(1)))):
            if not pictures:
                continue
            for preset, of in (("torchvision", "ResNet18_Weights.IMAGENET1K_V1"), ("torchvision-v2", "ResNet50_Weights.IMAGENET1K_V2")):
                close("%s %s: %s" % (kind, preset, of), pictures, ["--preset", preset], by(weights(of).transforms()), folder)
            close(kind + " torchvision: Resize, CenterCrop, ToTensor, Normalize", pictures, ["--preset", "torchvision"],
                  by(classic(256, 224)), folder)
            close(kind + " Resize and CenterCrop to odd sizes", pictures, ["--short", "75", "--crop", "64"] + values,
                  by(classic(75, 64)), folder)
            close(kind + " Resize bicubic to 97x61", pictures, ["--size", "97x61", "--filter", "pil-bicubic"] + values,
                  by(stretched((61, 97))), folder)
            close(kind + " onnx-zoo", pictures, ["--preset", "onnx-zoo"], zoo, folder)
    tap.done()


main()
