#include "run/journal_folder.h"

#include "base/sort.h"
#include "network/memory.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *const suffixes[] = {".journal", ".checkpoint", ".checkpoint.partial"};

enum { NUMBER_DIGITS = 8, NUMBER_MAX = 99999999 };

void journal_folder_name(const struct journal_folder *folder, enum folder_file file,
                         uint32_t number, char path[static FOLDER_FILE])
{
    snprintf(path, FOLDER_FILE, "%s/%0*u%s", folder->path, NUMBER_DIGITS, number, suffixes[file]);
}

/* -- making it -- */

/* The directories above it are everybody's to pass, itself is its owner's. */
int journal_folder_make(const char *path)
{
    char above[FOLDER_PATH];
    snprintf(above, sizeof above, "%s", path);
    for (char *slash = strchr(above + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        if (mkdir(above, 0755) && errno != EEXIST && errno != EROFS && errno != EACCES)
            return errno;
        *slash = '/';
    }
    return mkdir(path, 0700) && errno != EEXIST ? errno : 0;
}

static bool refuse(char why[static 256], const char *path, const char *sentence)
{
    snprintf(why, 256, "%.180s: %s", path, sentence);
    return false;
}

static bool take(struct journal_folder *folder, char why[static 256])
{
    char path[FOLDER_FILE];
    struct stat status;
    int failed = journal_folder_make(folder->path);
    if (failed)
        return refuse(why, folder->path, strerror(failed));
    if (stat(folder->path, &status))
        return refuse(why, folder->path, strerror(errno));
    if (!S_ISDIR(status.st_mode))
        return refuse(why, folder->path, "is no directory");
    snprintf(path, sizeof path, "%s/lock", folder->path);
    folder->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (folder->lock < 0)
        return refuse(why, path, strerror(errno));
    if (flock(folder->lock, LOCK_EX | LOCK_NB) == 0)
        return true;
    close(folder->lock);
    folder->lock = -1;
    return refuse(why, folder->path, "another daemon writes its journal there");
}

/* -- what is there -- */

/* 0: no file of a journal. */
static uint32_t number_of(const char *name, enum folder_file *ret_file)
{
    uint32_t number = 0;
    for (int i = 0; i < NUMBER_DIGITS; i++) {
        if (name[i] < '0' || name[i] > '9')
            return 0;
        number = number * 10 + (uint32_t)(name[i] - '0');
    }
    for (int i = 0; i < (int)(sizeof suffixes / sizeof *suffixes); i++) {
        if (strcmp(name + NUMBER_DIGITS, suffixes[i]) == 0) {
            *ret_file = (enum folder_file)i;
            return number;
        }
    }
    return 0;
}

static int compare(const void *left, const void *right, const void *context)
{
    const uint32_t *one = left, *other = right;
    (void)context;
    return (*one > *other) - (*one < *other);
}

static void sort(struct journal_folder *folder)
{
    uint32_t *scratch = memory_zeroed(folder->number_count + 1, sizeof *scratch);
    sort_stable(folder->numbers, folder->number_count, sizeof *scratch, scratch, compare, NULL);
    free(scratch);
    size_t kept = 0;
    for (size_t i = 0; i < folder->number_count; i++) { /* a segment and its checkpoint are one */
        if (kept == 0 || folder->numbers[kept - 1] != folder->numbers[i])
            folder->numbers[kept++] = folder->numbers[i];
    }
    folder->number_count = kept;
}

static bool survey(struct journal_folder *folder, char why[static 256])
{
    DIR *dir = opendir(folder->path);
    size_t cap = 0;
    if (!dir)
        return refuse(why, folder->path, strerror(errno));
    for (struct dirent *entry; (entry = readdir(dir));) {
        char path[FOLDER_FILE];
        struct stat status;
        enum folder_file file;
        uint32_t number = number_of(entry->d_name, &file);
        if (number == 0)
            continue;
        journal_folder_name(folder, file, number, path);
        if (file == FOLDER_PARTIAL) {
            (void)unlink(path);
            continue;
        }
        folder->bytes += lstat(path, &status) == 0 ? (uint64_t)status.st_size : 0;
        folder->numbers =
            memory_grow(folder->numbers, folder->number_count, &cap, sizeof *folder->numbers);
        folder->numbers[folder->number_count++] = number;
    }
    closedir(dir);
    sort(folder);
    folder->last = folder->number_count ? folder->numbers[folder->number_count - 1] : 0;
    return folder->last < NUMBER_MAX / 2 ||
           refuse(why, folder->path, "its segments' numbers come to an end; empty it");
}

bool journal_folder_open(struct journal_folder *folder, const char *path, char why[static 256])
{
    *folder = (struct journal_folder){.lock = -1};
    if (strlen(path) >= sizeof folder->path)
        return refuse(why, path, "the name is too long");
    memcpy(folder->path, path, strlen(path) + 1);
    if (take(folder, why) && survey(folder, why))
        return true;
    journal_folder_close(folder);
    return false;
}

void journal_folder_close(struct journal_folder *folder)
{
    if (folder->lock >= 0)
        close(folder->lock);
    folder->lock = -1;
    free(folder->numbers);
    folder->numbers = NULL;
}

/* -- throwing away -- */

uint32_t journal_folder_count(const struct journal_folder *folder)
{
    uint32_t own = folder->first ? folder->last - folder->first + 1 : 0;
    return own + (uint32_t)(folder->number_count - folder->number_at);
}

static uint64_t size_of(const struct journal_folder *folder, enum folder_file file, uint32_t number)
{
    char path[FOLDER_FILE];
    struct stat status;
    journal_folder_name(folder, file, number, path);
    return lstat(path, &status) == 0 ? (uint64_t)status.st_size : 0;
}

static uint64_t sizes_of(const struct journal_folder *folder, uint32_t number)
{
    return size_of(folder, FOLDER_SEGMENT, number) + size_of(folder, FOLDER_CHECKPOINT, number);
}

/* Somebody else may have removed some. */
static void recount(struct journal_folder *folder)
{
    folder->bytes = 0;
    for (size_t i = folder->number_at; i < folder->number_count; i++)
        folder->bytes += sizes_of(folder, folder->numbers[i]);
    for (uint32_t i = folder->first; i != 0 && i < folder->last; i++)
        folder->bytes += sizes_of(folder, i);
    if (folder->first)
        folder->bytes += size_of(folder, FOLDER_CHECKPOINT, folder->last);
}

/* The oldest there is; 0: it is needed. */
static uint32_t oldest(const struct journal_folder *folder, bool much)
{
    uint32_t number = folder->number_at < folder->number_count ? folder->numbers[folder->number_at]
                                                               : folder->first;
    uint32_t needed = much ? folder->last : folder->state;
    return number && number < needed ? number : 0;
}

static void remove_oldest(struct journal_folder *folder, uint32_t number)
{
    char path[FOLDER_FILE];
    journal_folder_name(folder, FOLDER_CHECKPOINT, number, path);
    (void)unlink(path);
    journal_folder_name(folder, FOLDER_SEGMENT, number, path);
    (void)unlink(path);
    if (folder->number_at < folder->number_count)
        folder->number_at++;
    else
        folder->first++;
}

void journal_folder_trim(struct journal_folder *folder, uint64_t present, uint64_t limit)
{
    uint32_t number;
    if (folder->bytes + present <= limit)
        return;
    recount(folder);
    while (folder->bytes + present > limit &&
           (number = oldest(folder, folder->bytes + present > 2 * limit))) {
        uint64_t size = sizes_of(folder, number);
        remove_oldest(folder, number);
        folder->bytes -= size < folder->bytes ? size : folder->bytes;
    }
}
