/* The files of an export: every *.json below a directory, in the order of their names. */
#include "import/import.h"

#include "base/sort.h"
#include "network/memory.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { FOLDERS_DEEP = 8, NAME_BYTES = 4096 };

struct walk {
    const char *top;
    char **names; /* of files, below top */
    size_t count, cap;
    bool too_many;
};

static char *printed(const char *format, const char *one, const char *two)
{
    int size = snprintf(NULL, 0, format, one, two);
    char *text = memory_zeroed((size_t)size + 1, 1);
    snprintf(text, (size_t)size + 1, format, one, two);
    return text;
}

static bool is_json(const char *name)
{
    size_t size = strlen(name);
    return size > 5 && strcmp(name + size - 5, ".json") == 0;
}

static void walk_folder(struct walk *walk, const char *folder, unsigned depth);

/* Links are followed to files and not to folders, so that there is no way back. */
static void walk_entry(struct walk *walk, const char *folder, const char *entry, unsigned depth)
{
    struct stat about, link;
    char *name = *folder ? printed("%s/%s", folder, entry) : printed("%s", entry, "");
    char *path = printed("%s/%s", walk->top, name);
    bool there = entry[0] != '.' && lstat(path, &link) == 0 && stat(path, &about) == 0;
    free(path);
    if (there && S_ISDIR(link.st_mode) && depth < FOLDERS_DEEP) {
        walk_folder(walk, name, depth + 1);
    } else if (there && S_ISREG(about.st_mode) && is_json(entry)) {
        walk->too_many = walk->count == IMPORT_FILES_MAX;
        if (!walk->too_many) {
            walk->names = memory_grow(walk->names, walk->count, &walk->cap, sizeof *walk->names);
            walk->names[walk->count++] = name;
            return;
        }
    }
    free(name);
}

static void walk_folder(struct walk *walk, const char *folder, unsigned depth)
{
    char *path = *folder ? printed("%s/%s", walk->top, folder) : printed("%s", walk->top, "");
    DIR *dir = opendir(path);
    free(path);
    for (struct dirent *entry; dir && !walk->too_many && (entry = readdir(dir));)
        walk_entry(walk, folder, entry->d_name, depth);
    if (dir)
        closedir(dir);
}

static int compare_names(const void *left, const void *right, const void *ctx)
{
    (void)ctx;
    return strcmp(*(char *const *)left, *(char *const *)right);
}

/* One byte more than allowed is read, so that what is too large is known to be. NULL: errno. */
static char *slurp(const char *path, size_t *ret_size)
{
    FILE *in = fopen(path, "re");
    size_t size = 0, cap = 1 << 16;
    char *bytes = in ? malloc(cap) : NULL;
    while (bytes) {
        size += fread(bytes + size, 1, cap - size, in);
        if (size < cap || size > IMPORT_FILE_MAX)
            break;
        cap *= 2;
        char *longer = realloc(bytes, cap);
        if (!longer)
            free(bytes);
        bytes = longer;
    }
    if (bytes && ferror(in)) {
        free(bytes);
        bytes = NULL;
    }
    int error = errno;
    if (in)
        fclose(in);
    errno = error;
    *ret_size = size;
    return bytes;
}

static void take_file(struct import *import, const char *path, const char *name)
{
    size_t size;
    errno = 0;
    char *bytes = slurp(path, &size);
    if (bytes)
        import_take(import, name, (struct slice){(const uint8_t *)bytes, size});
    else
        import_unreadable(import, name, strerror(errno));
    free(bytes);
}

static void take_folder(struct import *import, const char *top)
{
    struct walk walk = {.top = top};
    walk_folder(&walk, "", 0);
    char **scratch = memory_zeroed(walk.count, sizeof *scratch);
    sort_stable(walk.names, walk.count, sizeof *scratch, scratch, compare_names, NULL);
    free(scratch);
    for (size_t i = 0; i < walk.count; i++) {
        char *path = printed("%s/%s", top, walk.names[i]);
        take_file(import, path, walk.names[i]);
        free(path);
        free(walk.names[i]);
    }
    free(walk.names);
    if (walk.too_many)
        import_unreadable(import, NULL, "more files than are read; the others are left out");
}

/* A snapshot of Batfish has other folders beside it. */
static char *configs_in(const char *path)
{
    struct stat about;
    char *inner = printed("%s/%s", path, "aws_configs");
    if (stat(inner, &about) == 0 && S_ISDIR(about.st_mode))
        return inner;
    free(inner);
    return printed("%s", path, "");
}

bool import_take_path(struct import *import, const char *path, char **ret_problem)
{
    struct stat about;
    if (stat(path, &about) != 0) {
        *ret_problem = printed("%s", strerror(errno), "");
        return false;
    }
    const char *slash = strrchr(path, '/');
    char *top = S_ISDIR(about.st_mode) ? configs_in(path) : NULL;
    if (top)
        take_folder(import, top);
    else if (S_ISREG(about.st_mode))
        take_file(import, path, slash ? slash + 1 : path);
    free(top);
    if (import_file_count(import) > 0)
        return true;
    *ret_problem = printed("%s",
                           S_ISDIR(about.st_mode)
                               ? "there is no *.json in it; expected answers of aws ec2 describe-*"
                               : "neither a directory nor a file",
                           "");
    return false;
}
