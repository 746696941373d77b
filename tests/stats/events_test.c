/* Would break: what TensorBoard shows. The bytes are those that the tensorboard package writes for
 * the same two events; tests/conformance/events.py reads a whole training's. */
#include "base/io.h"
#include "stats/events.h"
#include "tests/tap.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static const unsigned char golden[] = {
    0x18, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0xa3, 0x7f, 0x4b, 0x22, 0x09, 0x00, 0x00, 0x20,
    0x40, 0xfc, 0x54, 0xd9, 0x41, 0x1a, 0x0d, 0x62, 0x72, 0x61, 0x69, 0x6e, 0x2e, 0x45, 0x76, 0x65,
    0x6e, 0x74, 0x3a, 0x32, 0x2b, 0x35, 0x31, 0x10, 0x38, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
    0xa3, 0x79, 0x7d, 0x57, 0x09, 0x00, 0x00, 0x50, 0x40, 0xfc, 0x54, 0xd9, 0x41, 0x10, 0xac, 0x02,
    0x2a, 0x2a, 0x0a, 0x11, 0x0a, 0x0a, 0x74, 0x72, 0x61, 0x69, 0x6e, 0x2f, 0x6c, 0x6f, 0x73, 0x73,
    0x15, 0x00, 0x00, 0x10, 0x40, 0x0a, 0x15, 0x0a, 0x0e, 0x74, 0x72, 0x61, 0x69, 0x6e, 0x2f, 0x61,
    0x63, 0x63, 0x75, 0x72, 0x61, 0x63, 0x79, 0x15, 0x00, 0x00, 0x00, 0x3e, 0xdf, 0xb7, 0x81, 0xda};

static void bytes(const char *folder)
{
    static const struct event_scalar scalars[] = {{"train/loss", 2.25}, {"train/accuracy", 0.125}};
    char path[256], *text = NULL;
    size_t size = 0;
    struct events *events = NULL;
    struct error err = {0};
    same_int(events_open(folder, "host", 1700000000.5, &events, &err), STATUS_OK, "a new folder");
    same_int(events_add(events, 1700000001.25, 300, scalars, 2, &err), STATUS_OK, "an event");
    snprintf(path, sizeof path, "%s/events.out.tfevents.1700000000.host", folder);
    same_int(io_slurp(path, 1 << 20, &text, &size, &err), STATUS_OK,
             "the file is there while it is written");
    if (same_int((long long)size, (long long)sizeof golden, "its size"))
        ok(memcmp(text, golden, size) == 0, "its bytes");
    free(text);
    same_int(events_close(events, &err), STATUS_OK, "the end");
}

static void again(const char *folder)
{
    char path[256];
    struct stat info;
    struct events *events = NULL;
    struct error err = {0};
    same_int(events_open(folder, "host", 1700000000.5, &events, &err), STATUS_OK,
             "a second run in the same second");
    events_close(events, &err);
    snprintf(path, sizeof path, "%s/events.out.tfevents.1700000000.host.1", folder);
    ok(stat(path, &info) == 0, "has a file of its own");
    same_int(events_open("/no/such/folder", "host", 1, &events, &err), STATUS_SYSTEM,
             "a folder that cannot be made");
    ok(strstr(err.text, "/no/such/folder") != NULL, "is named");
}

int main(void)
{
    char folder[] = "/tmp/events_test.XXXXXX", inner[64], path[256];
    if (!mkdtemp(folder))
        return 1;
    snprintf(inner, sizeof inner, "%s/runs", folder);
    bytes(inner);
    again(inner);
    for (int i = 0; i < 2; i++) {
        snprintf(path, sizeof path, "%s/events.out.tfevents.1700000000.host%s", inner,
                 i ? ".1" : "");
        unlink(path);
    }
    rmdir(inner);
    rmdir(folder);
    return tap_done();
}
