"""Classifies a folder of JPEGs with Spark: spark_job.py FOLDER MODEL OUT. The job that tests/bench/spark measures."""
import io
import sys

import numpy as np
import onnxruntime
from PIL import Image
from pyspark.sql import SparkSession


def tensor(jpeg):
    picture = Image.open(io.BytesIO(jpeg)).convert("RGB").resize((224, 224), Image.Resampling.BILINEAR)
    return ((np.asarray(picture, np.float32) - 128) / 128).transpose(2, 0, 1)[None]


def classify(files):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(model.value, options, providers=["CPUExecutionProvider"])
    for path, jpeg in files:
        try:
            scores = session.run(None, {"input": tensor(jpeg)})[0][0]
            best = int(scores.argmax())
            yield "%s\t%d\t%.6f" % (path.rsplit("/", 1)[1], best, scores[best])
        except OSError as error:
            yield "%s\t!error\t%s" % (path.rsplit("/", 1)[1], error)


folder, path, out = sys.argv[1:]
# without the second setting all of a small folder becomes one task
spark = (SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false")
         .config("spark.files.maxPartitionBytes", "6m").getOrCreate())
with open(path, "rb") as file:
    model = spark.sparkContext.broadcast(file.read())
spark.sparkContext.binaryFiles(folder).mapPartitions(classify).saveAsTextFile(out)
spark.stop()
