/* If this fails, chips are cut elsewhere than the boxes say, or padding is not where Pillow puts
 * it. */
#include "image/box.h"

#include "image/prep.h"
#include "tests/tap.h"

static struct error err;

static void windows(void)
{
    static const struct {
        const char *text;
        int width, height;
        struct window window; /* width 0: refused */
        const char *complaint;
    } cases[] = {
        {"0,0,1,1", 640, 480, {0, 0, 640, 480}, NULL},
        {"0.25,0.5,0.75,1", 8, 6, {2, 3, 4, 3}, NULL},
        {"0.1,0.1,0.9,0.9", 5, 25, {0, 2, 4, 20}, NULL}, /* halves: 0.5, 4.5, 2.5, 22.5 */
        {"0.3,0.3,0.7,0.7", 5, 5, {2, 2, 2, 2}, NULL},   /* halves: 1.5, 3.5 */
        {"-3,-0.1,1.01,2e9", 10, 10, {0, 0, 10, 10}, NULL},
        {"0.5,0,0.5,1", 10, 10, {0}, "the box 0.5,0,0.5,1 holds no pixel of the picture, 10x10"},
        {"0,0.9,1,0.1", 10, 10, {0}, "the box 0,0.9,1,0.1 holds no pixel"},
        {"0.51,0,0.54,1", 10, 10, {0}, "holds no pixel"},
        {"1,1,2,2", 10, 10, {0}, "holds no pixel"},
        {"1,2,3", 1, 1, {0}, "the box '1,2,3' is not x0,y0,x1,y1"},
        {"0,0,1,1,1", 1, 1, {0}, "the box '0,0,1,1,1' is not"},
        {"0,0,1,x", 1, 1, {0}, "the box '0,0,1,x' is not"},
        {"0,0,1,nan", 1, 1, {0}, "the box '0,0,1,nan' is not"},
        {"", 1, 1, {0}, "the box '' is not"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct box box;
        struct window window;
        enum status status = box_parse(cases[i].text, &box, &err);
        if (status == STATUS_OK)
            status = box_window(&box, cases[i].width, cases[i].height, &window, &err);
        if (cases[i].complaint)
            ok(status == STATUS_FAILED && strstr(err.text, cases[i].complaint), "'%s': %s",
               cases[i].text, status == STATUS_OK ? "(it was not refused)" : err.text);
        else
            ok(status == STATUS_OK && memcmp(&window, &cases[i].window, sizeof window) == 0,
               "%s of %dx%d", cases[i].text, cases[i].width, cases[i].height);
    }
}

#define HEAD "dct=islow upsampling=fancy "
#define TAIL " layout=hwc scale=1 mean=0 std=1"

/* Of the picture 1 2 3 4 over 5 6 7 8. */
static const struct {
    const char *recipe, *box;
    int width, height, channels;
    float values[16];
} cases[] = {
    {HEAD "resize=none filter=none crop=none colour=grey type=u8" TAIL,
     "0.25,0,0.75,1",
     2,
     2,
     1,
     {2, 3, 6, 7}},
    {HEAD "resize=none filter=none crop=1x1:even colour=grey type=u8" TAIL,
     "0.5,0.5,1,1",
     1,
     1,
     1,
     {7}},
    {HEAD "resize=stretch:1x1 filter=pil-bilinear crop=none colour=grey type=f32" TAIL,
     "0.5,0,1,1",
     1,
     1,
     1,
     {6}}, /* the mean of 3 4 7 8, rounded up after the rows */
    {HEAD "resize=fit:4x4:even filter=pil-bilinear pad=9 crop=none colour=grey type=u8" TAIL,
     NULL,
     4,
     4,
     1,
     {9, 9, 9, 9, 1, 2, 3, 4, 5, 6, 7, 8, 9, 9, 9, 9}},
    {HEAD "resize=fit:2x5:even filter=pil-bilinear pad=10 crop=none colour=grey type=f32" TAIL,
     "0,0,0.5,1",
     2,
     5,
     1,
     {10, 10, 10, 10, 1, 2, 5, 6, 10, 10}}, /* 1.5 rows above become 2 */
    {HEAD "resize=fit:2x1:even filter=pil-bilinear pad=20,30,40 crop=none colour=bgr type=u8" TAIL,
     "0,0,0.25,0.5",
     2,
     1,
     3,
     {1, 1, 1, 40, 30, 20}},
};

static void chips(void)
{
    struct decode_options options;
    decode_init(&options);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        static const char file[] = "P5 4 2 255\n\1\2\3\4\5\6\7\10";
        struct recipe recipe;
        struct prep *prep;
        struct prep_picture picture = {0};
        struct box box;
        float floats[16] = {0};
        unsigned char *bytes = (unsigned char *)floats;
        int wrong = 0;
        if (recipe_parse(cases[i].recipe, &recipe, &err) != STATUS_OK ||
            prep_new(&recipe, &options, &prep, &err) != STATUS_OK) {
            ok(0, "%s", err.text);
            continue;
        }
        if (cases[i].box)
            box_parse(cases[i].box, &box, &err);
        prep_read(prep, file, sizeof file - 1, cases[i].box ? &box : NULL, &picture, &err);
        prep_write(prep, floats, &err);
        ok(picture.width == 4 && picture.height == 2 && picture.shape.dim[0] == cases[i].height &&
               picture.shape.dim[1] == cases[i].width && picture.shape.dim[2] == cases[i].channels,
           "%s, box %s: the shape", cases[i].recipe + sizeof HEAD - 1,
           cases[i].box ? cases[i].box : "none");
        for (int k = 0; k < cases[i].width * cases[i].height * cases[i].channels; k++) {
            float got = recipe.type == TYPE_U8 ? bytes[k] : floats[k];
            if (got != cases[i].values[k])
                printf("#   value %d is %g, expected %g\n", k, (double)got,
                       (double)cases[i].values[k]);
            wrong += got != cases[i].values[k];
        }
        same_int(wrong, 0, "its values");
        prep_free(prep);
    }
}

int main(void)
{
    windows();
    chips();
    return tap_done();
}
