/* Reading, writing, and output files that appear only when they are complete. */
#include "base/folder.h"
#include "base/io.h"
#include "base/memory.h"
#include "tests/tap.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

static int exists(const char *path)
{
    struct stat info;
    return lstat(path, &info) == 0;
}

static int files_here(void)
{
    DIR *dir = opendir(".");
    int count = 0;
    while (dir && readdir(dir))
        count++;
    if (dir)
        closedir(dir);
    return count - 2;
}

static void test_output(void)
{
    struct output output;
    struct error err;
    char *kept, *text;
    size_t size;
    output_open(&output, "result", &err);
    io_write(output.fd, output.name, "half", 4, &err);
    ok(!exists("result"), "an output is not there before it is complete");
    same_int(output_commit(&output, &err), STATUS_OK, "commit");
    ok(exists("result") && files_here() == 1, "then it is, and nothing else");
    output_discard(&output);
    ok(exists("result"), "discard after commit does nothing");
    output_open(&output, "result", &err);
    io_write(output.fd, output.name, "other", 5, &err);
    output_discard(&output);
    io_slurp("result", 100, &text, &size, &err);
    ok(size == 4 && strcmp(text, "half") == 0 && files_here() == 1,
       "a discarded output leaves the old one");
    free(text);
    output_open(&output, "result", &err);
    same_int(output_part(&output, &kept, &err), STATUS_OK, "part");
    same_text(kept, "result.part", "says its name");
    ok(exists("result.part") && files_here() == 2, "and is there");
    free(kept);
    same_int(output_open(&output, "no/such/folder/x", &err), STATUS_SYSTEM,
             "a folder that is not there");
    ok(strstr(err.text, "no/such/folder/x") != NULL, "is named: %s", err.text);
    mkdir("folder", 0777);
    same_int(output_open(&output, "folder", &err), STATUS_SYSTEM, "a folder is not replaced");
    ok(files_here() == 3, "and nothing is left behind");
    same_int(output_open(&output, "/dev/null", &err), STATUS_OK, "a device is written as it is");
    same_int(output_commit(&output, &err), STATUS_OK, "and closed");
    ok(exists("/dev/null"), "and still there");
    rmdir("folder");
    unlink("result");
    unlink("result.part");
}

static void test_pieces(void)
{
    enum { LARGE = 300000 };
    unsigned char *large = memory_array(LARGE, 1), *got = memory_array(LARGE + 10, 1);
    struct iovec pieces[4] = {{"ab", 2}, {NULL, 0}, {large, LARGE}, {"yz", 2}};
    int ends[2], wrong = 0;
    size_t size = 0;
    for (int i = 0; i < LARGE; i++)
        large[i] = (unsigned char)(i % 251);
    if (pipe(ends) != 0)
        return;
    if (fork() == 0) {
        close(ends[0]);
        fcntl(ends[1], F_SETFL,
              O_NONBLOCK); /* more than a pipe holds, so it must wait in between */
        _exit(io_write_pieces(ends[1], "pipe", pieces, 4, NULL) != STATUS_OK);
    }
    close(ends[1]);
    io_read(ends[0], "pipe", got, LARGE + 10, &size, NULL);
    close(ends[0]);
    for (int i = 0; i < LARGE; i++)
        wrong += got[i + 2] != large[i];
    ok(size == LARGE + 4 && wrong == 0 && memcmp(got, "ab", 2) == 0 &&
           memcmp(got + LARGE + 2, "yz", 2) == 0,
       "pieces arrive whole and in order (%zu bytes)", size);
    free(large);
    free(got);
}

static void test_slurp(void)
{
    struct error err;
    char *text = NULL;
    size_t size;
    int fd = open("file", O_WRONLY | O_CREAT, 0666);
    io_write(fd, "file", "0123456789", 10, &err);
    close(fd);
    same_int(io_slurp("file", 10, &text, &size, &err), STATUS_OK, "a file of the limit's size");
    ok(size == 10 && strcmp(text, "0123456789") == 0, "is read whole");
    free(text);
    same_int(io_slurp("file", 9, &text, &size, &err), STATUS_DAMAGED, "a larger one is refused");
    same_int(io_slurp("none", 9, &text, &size, &err), STATUS_SYSTEM, "one that is not there too");
    unlink("file");
}

static void test_failures(void)
{
    struct error err;
    int ends[2], full = open("/dev/full", O_WRONLY);
    size_t got;
    char byte;
    if (full >= 0) {
        same_int(io_write(full, "the disk", "x", 1, &err), STATUS_SYSTEM, "a full disk");
        ok(strstr(err.text, "the disk: ") != NULL, "is named: %s", err.text);
        close(full);
    }
    signal(SIGPIPE, SIG_IGN);
    if (pipe(ends) == 0) {
        close(ends[0]);
        same_int(io_write(ends[1], "pipe", "x", 1, &err), STATUS_CLOSED,
                 "a pipe that nobody reads");
        close(ends[1]);
    }
    same_int(io_read(-1, "nothing", &byte, 1, &got, &err), STATUS_SYSTEM, "no descriptor");
    same_int((long long)got, 0, "gives nothing");
}

static void test_folder(void)
{
    static const struct {
        const char *name, *path; /* NULL: refused */
    } cases[] = {
        {"a", "a"},     {"a/b.jpg", "a/b.jpg"}, {"/a//b/", "a/b"}, {"./a/./b", "a/b"},
        {"...", "..."}, {"..a/b..", "..a/b.."}, {"..", NULL},      {"../a", NULL},
        {"a/..", NULL}, {"a/../b", NULL},       {"", NULL},        {"/", NULL},
        {".", NULL},    {"./.", NULL},
    };
    struct buffer path = {0};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct error err;
        enum status status = folder_path(cases[i].name, &path, &err);
        if (cases[i].path)
            same_text(status == STATUS_OK ? (char *)path.data : err.text, cases[i].path,
                      cases[i].name);
        else
            same_int(status, STATUS_FAILED, cases[i].name);
    }
    buffer_free(&path);
}

int main(void)
{
    char scratch[] = "/tmp/io_test.XXXXXX";
    if (!mkdtemp(scratch) || chdir(scratch) != 0)
        return 1;
    test_output();
    test_pieces();
    test_slurp();
    test_failures();
    test_folder();
    if (chdir("/") != 0 || rmdir(scratch) != 0)
        ok(0, "the scratch folder is empty in the end");
    return tap_done();
}
