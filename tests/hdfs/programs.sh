# What our programs write on a mount must be what they write on a plain disk: in folder `plain`, where it is made first.
#
#   in_folder FOLDER COMMAND...   runs it there
#   make_all                      of shapes.tar and model.onnx in the current folder: all of $results
#   train ARGUMENT...             the training in it; `exec=exec train ...` takes the place of its shell
#   rows FILE                     the file without the column of a log that tells the speed
#   compare_results WHEN FOLDER   each of $results in FOLDER is the one in plain
# shellcheck shell=sh

in_folder() {
    (cd "$1" && shift && "$@")
}
exec=''
train() {
    $exec imgtrain -q -j 1 -n "$SRCDIR/models/mlp.net" --batch 6 --rate 0.002 "$@" test.its
}
make_all() {
    imgextract -o pics.its shapes.tar &&
        imgprep -q -m model.onnx -o test.its pics.its &&
        imgclassify -q -m model.onnx -o scores.tsv test.its &&
        imgfeat -q -m model.onnx -o features.its test.its &&
        imgstats labels -o labels.tsv pics.its &&
        imgstats eval -o eval.tsv scores.tsv &&
        imgcat -o copy.its pics.its &&
        imgjoin -o joined.its pics.its &&
        imgcat --tar -o again.tar pics.its &&
        train --epochs 2 --checkpoint state.its --log log.tsv --tensorboard runs -o trained.onnx
}
results='pics.its test.its scores.tsv features.its labels.tsv eval.tsv copy.its joined.its again.tar trained.onnx log.tsv'
rows() {
    cut -f 1-5,7- "$1"
}
compare_results() {
    for file in $results; do
        rows plain/"$file" >expected
        rows "$2"/"$file" >got
        same "$1: $file" got expected
    done
}
