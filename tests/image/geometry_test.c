/* If this fails, another part of a picture is looked at than torchvision and Pillow take, or a size
 * is off by one. */
#include "image/geometry.h"

#include "tests/tap.h"

#include <string.h>

static struct error err;

/* torchvision's sizes and crops: Resize(short), CenterCrop. */
static const struct {
    const char *resize, *crop;
    int width, height, new_width, new_height, x, y, w, h;
} cases[] = {
    {"short:256", "224", 500, 375, 341, 256, 58, 16, 224,
     224}, /* 341.33 cut; 117 / 2 = 58.5 to 58 */
    {"short:256", "224", 375, 500, 256, 341, 16, 58, 224, 224},
    {"short:256:even", "224", 500, 374, 342, 256, 59, 16, 224, 224}, /* 342.2 */
    {"short:256:even", "224", 513, 512, 256, 256, 16, 16, 224, 224}, /* 256.5 to the even 256 */
    {"short:256:even", "224", 512, 515, 256, 258, 16, 17, 224, 224}, /* 257.5 to the even 258 */
    {"short:256", "224", 256, 256, 256, 256, 16, 16, 224, 224},
    {"stretch:10x11", "7x8", 3, 3, 10, 11, 2, 2, 7, 8}, /* 1.5 and 1.5 to 2 */
    {"stretch:10x11", "5x6", 3, 3, 10, 11, 2, 2, 5, 6}, /* 2.5 and 2.5 to 2 */
    {"stretch:10x11", "7x8:truncate", 3, 3, 10, 11, 1, 1, 7, 8},
    {"none", "5x5", 8, 6, 8, 6, 2, 0, 5, 5}, /* 1.5 to 2, 0.5 to 0 */
    {"none", "none", 8, 6, 8, 6, 0, 0, 8, 6},
    {"short:4", "none", 3, 10, 4, 13, 0, 0, 4, 13},
    /* The ONNX zoo's crop: 341 / 2 - 224 / 2, each cut; torchvision's is 58 there too, not here. */
    {"short:256:even", "224:halves", 500, 375, 341, 256, 58, 16, 224, 224},
    {"stretch:10x11", "7x8:halves", 3, 3, 10, 11, 2, 1, 7, 8}, /* 5 - 3, 5 - 4 */
    {"stretch:10x11", "5x6:halves", 3, 3, 10, 11, 3, 2, 5, 6}, /* 5 - 2, 5 - 3 */
    {"fit:224", "none", 375, 500, 168, 224, 0, 0, 168, 224},
    {"fit:224:truncate", "none", 374, 500, 167, 224, 0, 0, 167, 224},
    {"fit:224", "100", 375, 500, 168, 224, 34, 62, 100, 100},
};

/* Pillow 13: ImageOps.contain and ImageOps.pad, centred. */
static const struct {
    int width, height, into_width, into_height, new_width, new_height, left, top;
} fits[] = {
    {500, 375, 224, 224, 224, 168, 0, 28},
    {375, 500, 224, 224, 168, 224, 28, 0},
    {500, 374, 320, 100, 134, 100, 93, 0},
    {3, 10, 7, 5, 2, 5, 2, 0}, /* 1.5 to the even 2, 2.5 to the even 2 */
    {100, 100, 60, 60, 60, 60, 0, 0},
    {20, 10, 33, 33, 33, 16, 0, 8}, /* 16.5 to 16, 8.5 to 8 */
    {1200, 400, 300, 100, 300, 100, 0, 0},
    {10, 6, 25, 40, 25, 15, 0, 12},
    {10, 7, 25, 40, 25, 18, 0, 11},
    /* Exactly 14.5 and 21.5, had Pillow not divided the sides first. */
    {448, 29, 224, 224, 224, 15, 0, 104},
    {598, 43, 299, 299, 299, 21, 0, 139},
    /* Pillow makes an empty picture. */
    {6000, 2, 64, 48, 64, 1, 0, 24},
};

static void fit(struct recipe *recipe)
{
    struct geometry g;
    char text[40];
    for (size_t i = 0; i < sizeof fits / sizeof *fits; i++) {
        recipe_init(recipe);
        snprintf(text, sizeof text, "fit:%dx%d", fits[i].into_width, fits[i].into_height);
        recipe_set(recipe, "resize", text, &err);
        recipe_set(recipe, "pad", "0", &err);
        geometry_of(recipe, fits[i].width, fits[i].height, 1000000, &g, &err);
        ok(g.width == fits[i].new_width && g.height == fits[i].new_height &&
               g.left == fits[i].left && g.top == fits[i].top && g.window.x == 0 &&
               g.window.y == 0 && g.window.width == g.width && g.window.height == g.height &&
               g.canvas_width == fits[i].into_width && g.canvas_height == fits[i].into_height,
           "%dx%d, %s: %dx%d at %d,%d", fits[i].width, fits[i].height, text, g.width, g.height,
           g.left, g.top);
    }
}

int main(void)
{
    struct recipe recipe;
    struct geometry g;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        recipe_init(&recipe);
        recipe_set(&recipe, "resize", cases[i].resize, &err);
        recipe_set(&recipe, "crop", cases[i].crop, &err);
        geometry_of(&recipe, cases[i].width, cases[i].height, 1000000, &g, &err);
        ok(g.width == cases[i].new_width && g.height == cases[i].new_height &&
               g.window.x == cases[i].x && g.window.y == cases[i].y &&
               g.window.width == cases[i].w && g.window.height == cases[i].h &&
               g.canvas_width == cases[i].w && g.canvas_height == cases[i].h && !g.left && !g.top,
           "%dx%d, %s, crop %s: %dx%d, %dx%d at %d,%d", cases[i].width, cases[i].height,
           cases[i].resize, cases[i].crop, g.width, g.height, g.window.width, g.window.height,
           g.window.x, g.window.y);
    }
    fit(&recipe);
    recipe_init(&recipe);
    recipe_set(&recipe, "resize", "short:256", &err);
    ok(geometry_of(&recipe, 1, 60000, 1000000, &g, &err) == STATUS_FAILED &&
           strstr(err.text, "256x15360000"),
       "a thread of a picture is not blown up: %s", err.text);
    recipe_set(&recipe, "crop", "300x200", &err);
    ok(geometry_of(&recipe, 200, 210, 1000000, &g, &err) == STATUS_FAILED &&
           strstr(err.text, "the crop 300x200 is larger than the picture, which is 256x268 here"),
       "a crop that does not fit: %s", err.text);
    return tap_done();
}
