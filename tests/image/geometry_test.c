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
    {"short:256:even", "224", 499, 373, 342, 256, 59, 16, 224, 224}, /* 342.5 to the even 342 */
    {"short:256", "224", 256, 256, 256, 256, 16, 16, 224, 224},
    {"stretch:10x11", "7x8", 3, 3, 10, 11, 2, 2, 7, 8}, /* 1.5 and 1.5 to 2 */
    {"stretch:10x11", "5x6", 3, 3, 10, 11, 2, 2, 5, 6}, /* 2.5 and 2.5 to 2 */
    {"stretch:10x11", "7x8:truncate", 3, 3, 10, 11, 1, 1, 7, 8},
    {"none", "5x5", 8, 6, 8, 6, 2, 0, 5, 5}, /* 1.5 to 2, 0.5 to 0 */
    {"none", "none", 8, 6, 8, 6, 0, 0, 8, 6},
    {"short:4", "none", 3, 10, 4, 13, 0, 0, 4, 13},
};

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
               g.window.width == cases[i].w && g.window.height == cases[i].h,
           "%dx%d, %s, crop %s: %dx%d, %dx%d at %d,%d", cases[i].width, cases[i].height,
           cases[i].resize, cases[i].crop, g.width, g.height, g.window.width, g.window.height,
           g.window.x, g.window.y);
    }
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
