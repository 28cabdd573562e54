/* A journal on the disk for the tests of replay: the one that a simulated gateway writes, or a
 * single segment with any bytes. */
#pragma once

#include "cli/cli_rig.h"

#include <dirent.h>
#include <unistd.h>

static char journal_dir[64];
static char journal_words[512];

static inline void journal_remove(void)
{
    DIR *dir = journal_dir[0] ? opendir(journal_dir) : NULL;
    for (struct dirent *entry; dir && (entry = readdir(dir));) {
        char path[512];
        snprintf(path, sizeof path, "%s/%s", journal_dir, entry->d_name);
        if (entry->d_name[0] != '.')
            CHECK(unlink(path) == 0);
    }
    if (dir) {
        closedir(dir);
        CHECK(rmdir(journal_dir) == 0);
    }
    journal_dir[0] = 0;
}

static inline void journal_make(void)
{
    journal_remove();
    snprintf(journal_dir, sizeof journal_dir, "/tmp/sekisho-journal-XXXXXX");
    CHECK(mkdtemp(journal_dir) != NULL);
}

/* words with every % the journal's directory. */
static inline const struct ran *run_journal(const char *words)
{
    size_t size = 0;
    for (; *words; words++) {
        if (*words == '%')
            size += (size_t)snprintf(journal_words + size, sizeof journal_words - size, "%s",
                                     journal_dir);
        else
            journal_words[size++] = *words;
        CHECK(size < sizeof journal_words - 1);
    }
    journal_words[size] = 0;
    return run_cli(journal_words);
}

static inline void journal_record(void)
{
    journal_make();
    run_journal("simulate examples/incident.yaml --journal %");
    CHECK(ran.status == CLI_FOUND);
}

static inline size_t journal_read(unsigned number, uint8_t *bytes, size_t cap)
{
    char path[512];
    snprintf(path, sizeof path, "%s/%08u.journal", journal_dir, number);
    FILE *file = fopen(path, "rb");
    size_t size = file ? fread(bytes, 1, cap, file) : 0;
    if (file)
        fclose(file);
    CHECK(size > 0);
    return size;
}

static inline void journal_write(unsigned number, const uint8_t *bytes, size_t size)
{
    char path[512];
    snprintf(path, sizeof path, "%s/%08u.journal", journal_dir, number);
    FILE *file = fopen(path, "wb");
    CHECK(file && fwrite(bytes, 1, size, file) == size);
    if (file)
        fclose(file);
}
