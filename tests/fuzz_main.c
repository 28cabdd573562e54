/* Runs a fuzz target over the files of its corpus, as an ordinary test: one claim a file. The
 * target itself asserts; a crash is the failure. libFuzzer brings a main of its own. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int run_file(const char *path)
{
    FILE *file = fopen(path, "rb");
    if (!file)
        return -1;
    size_t cap = 1 << 20, len = 0;
    uint8_t *bytes = malloc(cap);
    if (bytes)
        len = fread(bytes, 1, cap, file);
    fclose(file);
    if (!bytes)
        return -1;
    /* an exact-size copy, so that reading one byte too far is caught by the sanitizer */
    uint8_t *exact = malloc(len ? len : 1);
    for (size_t i = 0; exact && i < len; i++)
        exact[i] = bytes[i];
    free(bytes);
    LLVMFuzzerTestOneInput(exact, len);
    free(exact);
    return 0;
}

int main(int argc, char **argv)
{
    DIR *dir = argc > 1 ? opendir(argv[1]) : NULL;
    if (!dir) {
        printf("not ok 1 - corpus %s cannot be read\n1..1\n", argc > 1 ? argv[1] : "(none)");
        return 1;
    }
    int files = 0;
    char path[4096];
    for (struct dirent *entry; (entry = readdir(dir));) {
        if (entry->d_name[0] == '.')
            continue;
        snprintf(path, sizeof path, "%s/%s", argv[1], entry->d_name);
        if (run_file(path) == 0)
            files++;
    }
    closedir(dir);
    printf("%sok 1 - corpus of %d files\n1..1\n", files ? "" : "not ", files);
    return files == 0;
}
