/* The program in this process: words in, streams as texts out. The tests run in the source's root,
 * so examples are at hand. */
#pragma once

#include "cli/cli.h"
#include "tests/harness.h"

#include <stdlib.h>

enum { RIG_WORDS = 16 };

static struct ran {
    int status;
    char *out, *err;
} ran;

/* words: without the program's name, divided by blanks. input: NULL: none. */
static inline const struct ran *run_input(const char *words, const char *input, size_t size)
{
    char copy[1024], *argv[RIG_WORDS + 1] = {(char *)(uintptr_t) "sekisho"};
    size_t out_size, err_size;
    int argc = 1;
    snprintf(copy, sizeof copy, "%s", words);
    for (char *at = copy; *at && argc < RIG_WORDS;) {
        argv[argc++] = at;
        at += strcspn(at, " ");
        if (*at)
            *at++ = 0;
    }
    free(ran.out);
    free(ran.err);
    struct cli cli = {.in = fmemopen((char *)(uintptr_t)(size ? input : "x"), size ? size : 1, "r"),
                      .out = {.out = open_memstream(&ran.out, &out_size), .width = 100},
                      .err = {.out = open_memstream(&ran.err, &err_size), .width = 100}};
    CHECK(cli.in && cli.out.out && cli.err.out);
    ran.status = cli_run(&cli, argc, argv);
    fclose(cli.in);
    fclose(cli.out.out);
    fclose(cli.err.out);
    return &ran;
}

static inline const struct ran *run_cli(const char *words)
{
    return run_input(words, NULL, 0);
}

static inline bool contains(const char *text, const char *part)
{
    return strstr(text, part) != NULL;
}

/* A user's mistake: status 2, one sentence on standard error, nothing else. */
static inline void check_mistake(const char *words, const char *sentence)
{
    const struct ran *mistake = run_cli(words);
    CHECK_EQUAL(mistake->status, CLI_USAGE);
    CHECK_TEXT(mistake->out, "");
    CHECK_TEXT(mistake->err, sentence);
}

static inline int rig_done(void)
{
    free(ran.out);
    free(ran.err);
    return harness_done();
}
