"""imgprep against TensorFlow's tf.image.resize, and against Keras' own ways from a file to a model's input.

If this fails, Keras' published weights see other numbers here than where they were trained. Pillow up to 12, with which
that was. The pictures: the shared dogs-vs-cats where present, and generated ones (grey, odd sizes, from 1 pixel up).
"""

import io
import os
import random
import sys
import tempfile

sys.path.insert(0, os.path.join(os.environ["B"], "reference", "pillow12"))
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["KERAS_BACKEND"] = "tensorflow"

import numpy

import tap
from pictures import close, plain, shared

try:
    import keras
    import tensorflow
except ImportError as error:
    tap.skip("TensorFlow and Keras", str(error))
    tap.done()

# Keras' three kinds of values, for which its models have these presets.
MODES = {"keras-caffe": "caffe", "keras-tf": "tf", "keras-torch": "torch"}


def decoded(data):
    return tensorflow.io.decode_image(data, channels=3, expand_animations=False)


def resized(width, height, method):
    return lambda data: tensorflow.image.resize(decoded(data), (height, width), method=method).numpy()


def of_dataset(mode, size, pictures, folder):
    """image_dataset_from_directory, then preprocess_input: of the pictures one after the other."""
    files = os.path.join(folder, "files")
    os.makedirs(files, exist_ok=True)
    for i, (_, data) in enumerate(pictures):
        with open(os.path.join(files, "%06d.jpg" % i), "wb") as file: # decoded by what it holds
            file.write(data)
    made = iter(keras.utils.image_dataset_from_directory(files, labels=None, batch_size=None, image_size=(size, size),
                                                         shuffle=False, verbose=False).take(len(pictures)))
    return lambda _: keras.applications.imagenet_utils.preprocess_input(next(made).numpy(), mode=mode)


def of_load_img(mode, size, interpolation):
    """load_img, then preprocess_input."""
    def values(data):
        image = keras.utils.load_img(io.BytesIO(data), target_size=(size, size), interpolation=interpolation)
        return keras.applications.imagenet_utils.preprocess_input(keras.utils.img_to_array(image), mode=mode)
    return values


def filters(kind, pictures, folder):
    for width, height in ((224, 224), (299, 97), (33, 640), (640, 33), (1, 1)):
        for name, method in (("tf-bilinear", "bilinear"), ("tf-nearest", "nearest")):
            size = "%dx%d" % (width, height)
            close("%s %s %s" % (kind, name, size), pictures, ["--dct", "ifast", "--filter", name, "--size", size],
                  resized(width, height, method), folder)


def presets(kind, pictures, folder):
    for preset, mode in MODES.items():
        close("%s %s, image_dataset_from_directory" % (kind, preset), pictures,
              ["--preset", preset, "--dct", "ifast", "--filter", "tf-bilinear", "--size", "160"],
              of_dataset(mode, 160, pictures, folder), folder)
        for ours, theirs in (("pil-nearest", "nearest"), ("pil-bilinear", "bilinear")):
            close("%s %s, load_img with %s" % (kind, preset, theirs), pictures,
                  ["--preset", preset, "--filter", ours, "--size", "160"], of_load_img(mode, 160, theirs), folder)


def sizes(pictures, folder):
    """Odd sizes of both sides, up and down, fixed by a seed."""
    draw = random.Random(5)
    for _ in range(25):
        width, height = (draw.choice((1, 2, 3, 31, 32, 33, draw.randrange(1, 400))) for _ in range(2))
        some, size = draw.sample(pictures, 8), "%dx%d" % (width, height)
        for name, method in (("tf-bilinear", "bilinear"), ("tf-nearest", "nearest")):
            close("%s %s" % (name, size), some, ["--dct", "ifast", "--filter", name, "--size", size],
                  resized(width, height, method), folder)


def main():
    made = [p for p in plain(numpy.random.default_rng(1)) if p[0].startswith(("jpeg", "png"))]
    photos = shared("test", 320)
    tap.note("TensorFlow %s, Keras %s" % (tensorflow.__version__, keras.__version__))
    with tempfile.TemporaryDirectory() as folder:
        for kind, pictures in (("photos", photos), ("generated", made)):
            if pictures:
                filters(kind, pictures, folder)
                presets(kind, pictures, folder)
        sizes(photos + made, folder)
    tap.done()


main()
