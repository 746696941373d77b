/* If this fails, changes of pictures are not those that were asked for: pictures are learned from
 * that nobody would recognise, or always the same ones. */
#include "image/augment.h"

#include "tests/tap.h"

#include <math.h>

enum { SIDE = 4, CHANNELS = 3, SIZE = SIDE * SIDE * CHANNELS, FIRST = 15, DRAWS = 4000 };

static struct augment plain(int channels, enum recipe_colour colour)
{
    struct augment augment = {.channels = channels, .height = SIDE, .width = SIDE};
    struct recipe recipe;
    recipe_init(&recipe);
    recipe.scale = 1 / 255.0F;
    recipe.colour = colour;
    augment_colours(&augment, &recipe);
    return augment;
}

static void draw_picture(int channels, float *pixels)
{
    for (int i = 0; i < SIDE * SIDE * channels; i++)
        pixels[i] =
            channels == 1 ? (float)(i * 5 % 16) / 15 : (float)((i * i * 7 + i * 13) % 64) / 63;
}

/* torchvision 0.29.2 made the numbers (torchvision.transforms.v2.functional, f32): the first pixels
 * of the result, and its sum. The conformance tests compare many more with it. */
static const struct {
    const char *name;
    int channels;
    struct augment_change change;
    float first[FIRST];
    double sum;
} cases[] = {
    {"brightness 1.5",
     3,
     {.brightness = 1.5F, .contrast = 1, .saturation = 1},
     {0.0F, 0.4761905F, 1.0F, 0.9047619F, 0.8571429F, 1.0F, 0.2380953F, 1.0F, 0.952381F, 1.0F, 1.0F,
      0.7142857F, 0.2857143F, 0.1904762F, 0.4285715F},
     30.52381},
    {"contrast 0.5",
     3,
     {.brightness = 1, .contrast = 0.5F, .saturation = 1},
     {0.2318595F, 0.3905897F, 0.660431F, 0.5334468F, 0.5175738F, 0.6128119F, 0.3112246F, 0.6286849F,
      0.5493199F, 0.5810659F, 0.723923F, 0.4699548F, 0.3270976F, 0.2953516F, 0.3747167F},
     22.303861},
    {"saturation 1.8",
     3,
     {.brightness = 1, .contrast = 1, .saturation = 1.8F},
     {0.0F, 0.3441778F, 1.0F, 0.6036546F, 0.5465118F, 0.8893689F, 0.0F, 0.9600127F, 0.6742985F,
      0.5845639F, 1.0F, 0.1845638F, 0.2116216F, 0.09733587F, 0.3830502F},
     22.361194},
    {"brightness 1.3, then contrast 1.7, then saturation 0.4",
     3,
     {.brightness = 1.3F, .contrast = 1.7F, .saturation = 0.4F},
     {0.1741591F, 0.2942717F, 0.5741591F, 0.9116153F, 0.8835518F, 0.9389313F, 0.4206F, 0.8206F,
      0.8206F, 0.9760736F, 0.9760736F, 0.8365036F, 0.02712241F, 0.0192638F, 0.1113129F},
     25.907733},
    {"30 degrees",
     3,
     {.brightness = 1, .contrast = 1, .saturation = 1, .angle = 30},
     {0.2586701F, 0.2520763F, 0.3456963F, 0.2282966F, 0.7160566F, 0.6258855F, 0.459595F, 0.6842082F,
      0.5732907F, 0.2332724F, 0.1987481F, 0.2419723F, 0.314235F, 0.3534595F, 0.6149062F},
     18.869930},
    {"contrast 0.5 of grey",
     1,
     {.brightness = 1, .contrast = 0.5F, .saturation = 1},
     {0.25F, 0.4166667F, 0.5833334F, 0.75F, 0.3833333F, 0.55F, 0.7166667F, 0.35F, 0.5166667F,
      0.6833333F, 0.3166667F, 0.4833333F, 0.65F, 0.2833333F, 0.45F},
     8.0},
    {"saturation of grey", /* is nothing: the numbers are the picture's */
     1,
     {.brightness = 1, .contrast = 1, .saturation = 3},
     {0.0F, 0.3333333F, 0.6666667F, 1.0F, 0.2666667F, 0.6F, 0.9333333F, 0.2F, 0.5333334F,
      0.8666667F, 0.1333333F, 0.4666667F, 0.8F, 0.06666667F, 0.4F},
     8.0},
};

static double largest_difference(const float *a, const float *b, int count)
{
    double worst = 0;
    for (int i = 0; i < count; i++) {
        double difference = fabs((double)a[i] - (double)b[i]);
        if (!(difference <= worst)) /* a NaN is large */
            worst = difference;
    }
    return worst;
}

static void check_goldens(void)
{
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct augment augment =
            plain(cases[i].channels, cases[i].channels == 1 ? COLOUR_GREY : COLOUR_RGB);
        struct augment_change change = cases[i].change;
        float from[SIZE], to[SIZE];
        double sum = 0;
        change.window_height = change.window_width = SIDE;
        draw_picture(cases[i].channels, from);
        augment_apply(&augment, &change, from, to);
        for (int p = 0; p < SIDE * SIDE * cases[i].channels; p++)
            sum += (double)to[p];
        near(largest_difference(to, cases[i].first, FIRST), 0, 2e-6, cases[i].name);
        near(sum, cases[i].sum, 2e-5, "sum");
    }
}

/* The picture is the same, its numbers are not: another recipe, and blue first. */
static void check_normalised(void)
{
    struct augment rgb = plain(3, COLOUR_RGB), bgr = plain(3, COLOUR_BGR);
    struct augment_change change = cases[3].change;
    struct recipe recipe;
    float from[SIZE], expected[SIZE], to[SIZE], back[SIZE];
    recipe_init(&recipe);
    recipe.colour = COLOUR_BGR;
    for (int c = 0; c < RECIPE_CHANNELS; c++) {
        recipe.mean[c] = 100 + 10 * (float)c;
        recipe.std[c] = 50 + (float)c;
    }
    augment_colours(&bgr, &recipe);
    change.window_height = change.window_width = SIDE;
    draw_picture(3, from);
    for (int p = 0; p < SIZE; p += 3)
        for (int c = 0; c < 3; c++)
            to[p + c] = (255 * from[p + 2 - c] - recipe.mean[c]) / recipe.std[c];
    augment_apply(&rgb, &change, from, expected);
    augment_apply(&bgr, &change, to, from);
    for (int p = 0; p < SIZE; p += 3)
        for (int c = 0; c < 3; c++)
            back[p + 2 - c] = (from[p + c] * recipe.std[c] + recipe.mean[c]) / 255;
    near(largest_difference(back, expected, SIZE), 0, 2e-6,
         "mean, std and the order of channels do not change what is seen");
}

static int same(const float *a, const float *b)
{
    return memcmp(a, b, SIZE * sizeof *a) == 0;
}

static void check_places(void)
{
    struct augment augment = plain(3, COLOUR_RGB);
    struct augment_change change;
    float picture[SIZE], from[SIZE], to[SIZE];
    draw_picture(3, picture);
    augment_still(&augment, &change);
    memcpy(from, picture, sizeof from);
    augment_apply(&augment, &change, from, to);
    ok(same(to, picture), "without a change nothing changes");
    change.flip = 1;
    augment_apply(&augment, &change, picture, from);
    ok(!same(from, picture), "a flip changes something");
    ok(memcmp(from, picture + (SIDE - 1) * CHANNELS, CHANNELS * sizeof *from) == 0,
       "the last pixel of the first row comes first");
    augment_apply(&augment, &change, from, to);
    ok(same(to, picture), "flipped twice is the picture again");
    augment_still(&augment, &change);
    change.turns = 1;
    augment_apply(&augment, &change, picture, to);
    ok(memcmp(to, picture + (SIDE - 1) * CHANNELS, CHANNELS * sizeof *to) == 0,
       "turned counter-clockwise, the corner on the right is on the left");
    for (int i = 0; i < 3; i++) {
        memcpy(from, to, sizeof from);
        augment_apply(&augment, &change, from, to);
    }
    ok(same(to, picture), "turned four times is the picture again");
    augment_still(&augment, &change);
    change.top = -1, change.left = 2;
    augment_apply(&augment, &change, picture, to);
    ok(to[0] == 0 && to[SIDE * CHANNELS - 1] == 0, "above the picture all is 0");
    ok(memcmp(to + SIDE * CHANNELS, picture + 2 * CHANNELS, 2 * CHANNELS * sizeof *to) == 0,
       "the window lies one row higher and two columns further right");
    ok(to[(SIDE + 2) * CHANNELS] == 0, "and reaches beyond the right edge");
}

static void check_windows(void)
{
    struct augment augment = plain(1, COLOUR_GREY);
    struct augment_change change;
    float from[SIDE * SIDE], to[SIDE * SIDE];
    augment.crop = 2;
    augment_still(&augment, &change);
    draw_picture(1, from);
    augment_apply(&augment, &change, from, to);
    ok(to[0] == from[5] && to[1] == from[6] && to[2] == from[9] && to[3] == from[10],
       "the centre of 2x2");
    augment.crop = 0;
    augment_still(&augment, &change);
    change.window_height = change.window_width = 2;
    change.top = change.left = 0;
    augment_apply(&augment, &change, from, to);
    near((double)to[0], (double)from[0], 1e-7, "a window enlarged to twice its size: its corner");
    near((double)to[1], 0.75 * (double)from[0] + 0.25 * (double)from[1], 1e-7,
         "then three parts of the first pixel and one of the second");
    augment.cutout = 2;
    augment_still(&augment, &change);
    augment_apply(&augment, &change, from, to);
    ok(memcmp(from, to, sizeof to) == 0, "nothing is cut out where nothing is changed");
    change.cut_top = -1;
    change.cut_left = 2;
    augment_apply(&augment, &change, from, to);
    ok(to[2] == 0 && to[3] == 0 && to[1] == from[1] && to[7] == from[7] && to[6] == from[6],
       "a square is cut out as far as it lies in the picture");
}

/* Draws: how often, how far, where. */
struct seen {
    double flips, factor, lowest, highest, angle, steepest;
    int turns[4], tops[2 * SIDE + 1], cuts[SIDE];
};

static void draw_many(const struct augment *augment, struct seen *seen)
{
    memset(seen, 0, sizeof *seen);
    seen->lowest = 1;
    for (uint64_t seed = 0; seed < DRAWS; seed++) {
        struct augment_change change;
        double factor;
        augment_draw(augment, seed, &change);
        factor = (double)change.contrast;
        seen->flips += change.flip;
        seen->factor += factor;
        seen->lowest = fmin(seen->lowest, factor);
        seen->highest = fmax(seen->highest, factor);
        seen->angle += change.angle;
        seen->steepest = fmax(seen->steepest, fabs(change.angle));
        seen->turns[change.turns]++;
        seen->tops[change.top + SIDE]++;
        seen->cuts[change.cut_top + 1]++; /* a square of 3: from -1 on */
    }
}

static int even(const int *counts, int count)
{
    for (int i = 0; i < count; i++) /* of 800 or 1000: five standard deviations */
        if (abs(counts[i] - DRAWS / count) > 140)
            return 0;
    return 1;
}

static void check_draws(void)
{
    struct augment augment = plain(3, COLOUR_RGB);
    struct augment_change change, again;
    struct seen seen;
    augment.flip = augment.turn = 1;
    augment.shift = 2;
    augment.contrast = 0.4;
    augment.rotate = 10;
    augment.cutout = 3;
    draw_many(&augment, &seen);
    near(seen.flips / DRAWS, 0.5, 0.04, "every other picture is mirrored");
    near(seen.factor / DRAWS, 1, 0.02, "contrast is 1 on average");
    ok(seen.lowest >= 0.6 - 1e-6 && seen.lowest < 0.61, "at least 0.6");
    ok(seen.highest <= 1.4 + 1e-6 && seen.highest > 1.39, "at most 1.4");
    near(seen.angle / DRAWS, 0, 0.5, "no angle is preferred");
    ok(seen.steepest <= 10 && seen.steepest > 9.9, "up to 10 degrees");
    ok(even(seen.turns, 4), "each right angle as often as the others");
    ok(even(seen.tops + SIDE - 2, 5), "each place from -2 to 2 as often as the others");
    ok(even(seen.cuts, SIDE), "squares are centred anywhere");
    augment.contrast = 3;
    draw_many(&augment, &seen);
    ok(seen.lowest >= 0 && seen.lowest < 0.01 && seen.highest > 3.9, "factors begin at 0");
    augment_draw(&augment, 7, &change);
    augment_draw(&augment, 7, &again);
    ok(memcmp(&change, &again, sizeof change) == 0, "a seed stands for one change");
    augment_draw(&augment, 8, &again);
    ok(memcmp(&change, &again, sizeof change) != 0, "another seed for another");
}

static void check_resized(void)
{
    struct augment augment = {
        .channels = 1, .height = 60, .width = 90, .resized_crop = 0.25, .crop = 32};
    double least = 1, most = 0, narrow = 9, wide = 0;
    int outside = 0;
    for (uint64_t seed = 0; seed < DRAWS; seed++) {
        struct augment_change change;
        double share, ratio;
        augment_draw(&augment, seed, &change);
        share = change.window_height * change.window_width / (60.0 * 90.0);
        ratio = (double)change.window_width / change.window_height;
        least = fmin(least, share), most = fmax(most, share);
        narrow = fmin(narrow, ratio), wide = fmax(wide, ratio);
        outside += change.top < 0 || change.left < 0 || change.top + change.window_height > 60 ||
                   change.left + change.window_width > 90;
    }
    same_int(outside, 0, "windows lie in the picture");
    ok(least > 0.24 && least < 0.27 && most > 0.85 && most <= 1,
       "of a quarter of its area and more");
    ok(narrow > 0.73 && narrow < 0.78 && wide > 1.28 && wide < 1.36, "between 3:4 and 4:3");
}

static void check_refusals(void)
{
    struct augment augment = {.channels = 3, .height = 8, .width = 6, .brightness = 0.5};
    struct error err;
    same_int(augment_check(&augment, &err), STATUS_USAGE, "colours of what has no recipe");
    augment.brightness = 0;
    augment.crop = 7;
    same_int(augment_check(&augment, &err), STATUS_USAGE, "a window larger than the picture");
    augment.shift = 1;
    same_int(augment_check(&augment, &err), STATUS_OK, "which may reach beyond it");
    augment.resized_crop = 0.5;
    same_int(augment_check(&augment, &err), STATUS_USAGE, "a resized window does not");
    augment.shift = 0;
    same_int(augment_check(&augment, &err), STATUS_OK, "it may become larger than the picture");
}

/* What the options of the programs say, and the records' attribute. */
static void check_names(void)
{
    static const struct {
        const char *list, *error;
    } wrong[] = {
        {"mixup=1", "no change 'mixup'; there are flip, shift, turn, rotate, random-crop"},
        {"", "no change ''"},
        {"flip,,turn", "no change ''"},
        {"flip=1", "flip: it takes no number"},
        {"rotate", "rotate: it needs a number: rotate=N"},
        {"flip,rotate=200", "rotate: 200 is not within 0 to 180"},
        {"rotate=", "rotate: '' is not a number"},
        {"shift=1.5", "shift: '1.5' is not a whole number from 0 to 1024"},
    };
    struct augment augment = {0};
    struct error err;
    char text[2000];
    same_int(augment_parse(&augment,
                           "flip,turn,shift=2,rotate=10.5,random-crop=7,resized-crop=0.25,"
                           "brightness=0.5,contrast=0.25,saturation=2,cutout=8",
                           &err),
             STATUS_OK, "all changes by name");
    ok(augment.flip == 1 && augment.turn == 1 && augment.shift == 2 && augment.crop == 7 &&
           augment.cutout == 8,
       "flip, turn, shift, random-crop, cutout");
    ok(augment.rotate == 10.5 && augment.resized_crop == 0.25, "rotate, resized-crop");
    ok(augment.brightness == 0.5 && augment.contrast == 0.25 && augment.saturation == 2,
       "brightness, contrast, saturation");
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        same_int(augment_parse(&augment, wrong[i].list, &err), STATUS_USAGE, wrong[i].list);
        ok(strncmp(err.text, wrong[i].error, strlen(wrong[i].error)) == 0, "it says why: %s",
           err.text);
    }
    memset(text, ',', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    same_int(augment_parse(&augment, text, &err), STATUS_USAGE, "a list without end");
}

static void check_text(void)
{
    struct augment augment = {.height = 9, .width = 9};
    struct augment_change change = {.brightness = 0.5F,
                                    .contrast = 1.1F,
                                    .saturation = 1e-9F,
                                    .turns = 3,
                                    .angle = -2.5,
                                    .flip = 1,
                                    .top = -1,
                                    .left = 2,
                                    .window_height = 7,
                                    .window_width = 8,
                                    .cut_top = 0,
                                    .cut_left = -4};
    struct error err;
    char text[AUGMENT_TEXT];
    same_text(augment_describe(&augment, &change, text), "", "of nothing there is nothing to say");
    augment_parse(&augment, "flip", &err);
    same_text(augment_describe(&augment, &change, text), "flip=1", "of one change nothing else");
    augment_parse(&augment, "turn,shift=2,rotate=10,brightness=1,contrast=1,saturation=1,cutout=5",
                  &err);
    same_text(augment_describe(&augment, &change, text),
              "brightness=0.5 contrast=1.1 saturation=1e-09 turns=3 angle=-2.5 flip=1 "
              "window=8x7+2-1 cutout=5x5-4+0",
              "all of them");
}

/* Windows of pictures that are cropped already, to another size, and to their own. */
static void check_recipe(void)
{
    struct augment augment = {0};
    struct recipe recipe;
    recipe_init(&recipe);
    recipe.crop_width = recipe.crop_height = 8;
    recipe.crop_rounding = ROUND_TRUNCATE;
    augment_recipe(&augment, &recipe);
    ok(recipe.crop_width == 8, "without windows the crop stays");
    augment.crop = 8;
    augment_recipe(&augment, &recipe);
    same_int(recipe.crop_rounding, ROUND_TRUNCATE, "a crop of their size stays as it is");
    augment.crop = 6;
    augment_recipe(&augment, &recipe);
    ok(recipe.crop_width == 6 && recipe.crop_height == 6 && recipe.crop_rounding == ROUND_EVEN,
       "another becomes theirs");
}

int main(void)
{
    check_names();
    check_text();
    check_recipe();
    check_goldens();
    check_normalised();
    check_places();
    check_windows();
    check_draws();
    check_resized();
    check_refusals();
    return tap_done();
}
