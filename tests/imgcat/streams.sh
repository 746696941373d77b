# The streams that the tests of imgcat look at.
# shellcheck shell=sh

# pets.its: two images, two tensors, an error record.
make_pets() {
    imgcat --from-text >pets.its <<'TEXT'
its-text 1
image	cats/1.jpg	3	label=cat	src=pets.tar
	ffd8ff
image	dogs/2.jpg	4	label=dog
	89504e47
tensor	dogs/3	f32	2x2	label=dog
	1 2.5 -3 0x7fc00001
tensor	cats/4	f32	2x2	label=cat
	0.1 1e-05 0 -0
error	dogs/5	label=dog	stage=imgprep	error=no JPEG
end	0/0	0
TEXT
}

# numbers.its: tensors t0 ... t9 of 1x3, i16.
make_numbers() {
    {
        echo "its-text 1"
        for i in 0 1 2 3 4 5 6 7 8 9; do
            printf 'tensor\tt%s\ti16\t1x3\n\t%s 0 -%s\n' $i $i $i
        done
        printf 'end\t0/0\t0\n'
    } | imgcat --from-text >numbers.its
}
