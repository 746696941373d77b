/* nn/dims: the shape of what networks are made for. */
#ifndef NN_DIMS_H
#define NN_DIMS_H

/* One picture's shape, or a feature vector's (height = width = 1). */
struct dims {
    int channels, height, width;
};

#endif
