/* A directory for the tests of the journal, and what lies in it. */
#pragma once

#include "run/run_rig.h"

#include <dirent.h>
#include <sys/stat.h>

static char journal_dir[64] RIG_UNUSED;

RIG_UNUSED static const char *journal_file(const char *name)
{
    static char path[512];
    snprintf(path, sizeof path, "%s/%s", journal_dir, name);
    return path;
}

RIG_UNUSED static void journal_clear(void)
{
    DIR *dir = journal_dir[0] ? opendir(journal_dir) : NULL;
    for (struct dirent *entry; dir && (entry = readdir(dir));) {
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            unlink(journal_file(entry->d_name));
    }
    if (dir) {
        closedir(dir);
        rmdir(journal_dir);
    }
}

static pid_t journal_owner RIG_UNUSED; /* children end as well */

RIG_UNUSED static void journal_clear_at_exit(void)
{
    if (getpid() == journal_owner)
        journal_clear();
}

/* A name that is nobody's; what the test before had is gone, and at the end nothing is left. */
RIG_UNUSED static const char *journal_new(void)
{
    journal_clear();
    snprintf(journal_dir, sizeof journal_dir, "/tmp/sekishod-journal-%d", (int)getpid());
    if (!journal_owner)
        atexit(journal_clear_at_exit);
    journal_owner = getpid();
    return journal_dir;
}

/* -1: there is none. */
RIG_UNUSED static long long journal_size(const char *name)
{
    struct stat status;
    return lstat(journal_file(name), &status) == 0 ? (long long)status.st_size : -1;
}

RIG_UNUSED static void journal_put(const char *name, size_t size)
{
    FILE *out = fopen(journal_file(name), "we");
    CHECK(out);
    for (size_t i = 0; out && i < size; i++)
        fputc('x', out);
    if (out)
        fclose(out);
}
