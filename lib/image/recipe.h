/* image/recipe: how an encoded picture becomes a model's input.
 *
 * A recipe is everything that decides about the numbers a network sees. imgprep writes it as one
 * canonical line into each record's attribute "recipe"; imgtrain stores that line in the model;
 * imgfeat and imgclassify compare the two and refuse a stream made for another model. An example:
 *
 *   dct=islow upsampling=fancy resize=short:256:truncate filter=pil-bilinear crop=224x224:even
 * colour=rgb type=u8 layout=hwc scale=0.003921569 mean=0.485,0.456,0.406 std=0.229,0.224,0.225 (one
 * line)
 *
 * value = (pixel * scale - mean) / std, with one mean and std per channel in the order of the
 * channels. Records of type f32 hold these values; records of type u8 hold the pixels, and the
 * network computes the values while loading.
 */
#ifndef IMAGE_RECIPE_H
#define IMAGE_RECIPE_H

#include "base/error.h"

/* How the JPEG decoder computes. Both names of a pair are libjpeg's. */
enum recipe_dct { DCT_ISLOW, DCT_IFAST };
enum recipe_upsampling { UPSAMPLING_FANCY, UPSAMPLING_PLAIN };

/* Fast: a JPEG that is to become much smaller is decoded to 1/2, 1/4 or 1/8 of its size, which must
 * still be at least what the resize makes of it. */
enum recipe_decoding { DECODING_FULL, DECODING_FAST };
/* The orientation that a camera writes into EXIF. */
enum recipe_exif { EXIF_IGNORE, EXIF_APPLY };

enum recipe_resize {
    RESIZE_NONE,    /* the picture keeps its size */
    RESIZE_STRETCH, /* to width x height, whatever its proportions were */
    RESIZE_SHORT,   /* the shorter side becomes `width` (= height), the other in proportion */
    RESIZE_FIT,     /* as large as fits into width x height with its proportions; both may grow */
};

/* How the side of RESIZE_SHORT and RESIZE_FIT that follows from the other, and the origin of a
 * crop, become whole numbers. Each is named for its rule; geometry.c has them all. */
enum recipe_rounding {
    ROUND_TRUNCATE, /* cut: torchvision's sizes; crops of users of OpenCV */
    ROUND_EVEN,     /* halves to the even neighbour: Pillow's and the ONNX zoo's sizes,
                       torchvision's crops */
    ROUND_HALVES,   /* crops only: picture / 2 - crop / 2, each cut: the ONNX zoo's */
};

/* The resize filters. A new one is a line here, a name in recipe.c, and code that resize.c finds.
 * The pil-... are those of Pillow up to 12, with which nearly all models were trained; the
 * pil13-... those of Pillow 13, which differ by one level in some pixels of some shapes. */
enum recipe_filter {
    FILTER_NONE, /* exactly where the resize is RESIZE_NONE */
    FILTER_PIL_NEAREST,
    FILTER_PIL_BOX,
    FILTER_PIL_BILINEAR,
    FILTER_PIL_HAMMING,
    FILTER_PIL_BICUBIC,
    FILTER_PIL_LANCZOS,
    FILTER_PIL13_BOX,
    FILTER_PIL13_BILINEAR,
    FILTER_PIL13_HAMMING,
    FILTER_PIL13_BICUBIC,
    FILTER_PIL13_LANCZOS,
    FILTER_CV_NEAREST,  /* OpenCV's INTER_NEAREST */
    FILTER_CV_LINEAR,   /* INTER_LINEAR: its default; shrinking is not antialiased */
    FILTER_CV_AREA,     /* INTER_AREA */
    FILTER_TF_BILINEAR, /* TensorFlow's tf.image.resize (version 2, no antialias): fractions */
    FILTER_TF_NEAREST,  /* the same with method "nearest" */
    FILTERS
};

enum recipe_colour { COLOUR_RGB, COLOUR_BGR, COLOUR_GREY };
enum recipe_type { TYPE_U8, TYPE_F32 };
enum recipe_layout { LAYOUT_HWC, LAYOUT_CHW };

enum { RECIPE_CHANNELS = 3 };

struct recipe {
    enum recipe_dct dct;
    enum recipe_upsampling upsampling;
    enum recipe_decoding decoding;
    enum recipe_exif exif;
    int has_background; /* transparent pixels are blended on this; 0: alpha is dropped */
    unsigned char background[RECIPE_CHANNELS]; /* R, G, B */
    enum recipe_resize resize;
    int width, height; /* of the resize, 1..65535; both the short side for RESIZE_SHORT */
    enum recipe_rounding size_rounding; /* of RESIZE_SHORT and RESIZE_FIT */
    enum recipe_filter filter;
    int padded; /* RESIZE_FIT only: the picture is centred in width x height of this colour */
    unsigned char pad[RECIPE_CHANNELS]; /* R, G, B, whatever `colour` is; for grey all the same */
    int crop_width, crop_height;        /* of the centre crop; 0: none */
    enum recipe_rounding crop_rounding;
    enum recipe_colour colour;
    enum recipe_type type;
    enum recipe_layout layout;
    float scale;                 /* not 0 */
    float mean[RECIPE_CHANNELS]; /* [channel]; for grey, [0] counts and the others equal it */
    float std[RECIPE_CHANNELS];  /* likewise; not 0 */
};

/* islow, fancy, full decoding, EXIF ignored, alpha dropped, no resize, no crop, rgb, u8, hwc,
 * values = pixels. */
void recipe_init(struct recipe *recipe);

int recipe_channels(const struct recipe *recipe); /* 1 for grey, else 3 */
/* 1 and the size of every picture made by it; 0 when that depends on the picture. */
int recipe_fixed_size(const struct recipe *recipe, int *width, int *height);

enum { RECIPE_TEXT = 1024 };
/* The canonical line, without a newline: equal recipes give equal lines. Fields that older versions
 * did not know (decoding, exif, background, pad) are there only when they are not the default, so
 * that lines of older versions stay canonical. Returns text. */
const char *recipe_format(const struct recipe *recipe, char text[RECIPE_TEXT]);
/* The recipe of a line; every other field must be there once, in any order. STATUS_DAMAGED says
 * which field is missing, unknown, repeated or wrong. */
enum status recipe_parse(const char *line, struct recipe *recipe, struct error *err);
/* Sets one field from its text in the line ("filter", "pil-bilinear"): what the options of a
 * program do. scale, mean and std are as in the line: mean and std one number, or one per channel.
 * STATUS_USAGE; the message begins with the field's name. */
enum status recipe_set(struct recipe *recipe, const char *name, const char *value,
                       struct error *err);
/* Does it make sense as a whole? STATUS_USAGE says what contradicts what. recipe_parse has checked
 * it. */
enum status recipe_check(const struct recipe *recipe, struct error *err);

/* 0 when pictures made by both mean the same to a network; else 1, and text says the first
 * difference in words and names the others: "the order of the colours (colour) is bgr, expected
 * rgb; it also differs in mean, std". Type and layout are only transport and are not compared. */
int recipe_difference(const struct recipe *found, const struct recipe *expected,
                      char text[RECIPE_TEXT]);

/* As in the line. */
const char *recipe_filter_name(enum recipe_filter filter);
/* The filter gives fractions, so that records of type u8 cannot hold what it makes. */
int recipe_fractions(const struct recipe *recipe);

/* The value of a pixel of channel c, rounded to f32 after each of the three operations. */
float recipe_value(const struct recipe *recipe, int c, float pixel);
/* The values of all 256 pixels, per channel, rounded to f32 after each of the three operations. */
void recipe_values(const struct recipe *recipe, float values[RECIPE_CHANNELS][256]);

#endif
