/* Programs that a test runs: their words are parted by spaces, none reads anything. */
#pragma once

#include <fcntl.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define PROGRAM_UNUSED __attribute__((unused))

enum { PROGRAM_WORDS = 32 };

static pid_t program_spawn(const char *out, const char *format, va_list list)
{
    extern char **environ;
    char line[1024], *words[PROGRAM_WORDS + 1] = {NULL};
    unsigned count = 0;
    pid_t pid = 0;
    posix_spawn_file_actions_t files;
    vsnprintf(line, sizeof line, format, list);
    for (char *at = line; *at && count < PROGRAM_WORDS;) {
        words[count++] = at;
        at += strcspn(at, " ");
        if (*at)
            *at++ = '\0';
    }
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&files, 1, out, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    posix_spawn_file_actions_adddup2(&files, 1, 2);
    int error = posix_spawnp(&pid, words[0], &files, NULL, words, environ);
    posix_spawn_file_actions_destroy(&files);
    return error ? -1 : pid;
}

/* Starts a program whose words are parted by spaces; its output goes to the file. */
__attribute__((format(printf, 2, 3))) PROGRAM_UNUSED static pid_t program_begin(const char *out,
                                                                                const char *format,
                                                                                ...)
{
    va_list list;
    va_start(list, format);
    pid_t pid = program_spawn(out, format, list);
    va_end(list);
    return pid;
}

/* Its exit status; -1: it could not be started, or was killed. */
__attribute__((format(printf, 1, 2))) PROGRAM_UNUSED static int program_run(const char *format, ...)
{
    va_list list;
    int status = -1;
    va_start(list, format);
    pid_t pid = program_spawn("/dev/null", format, list);
    va_end(list);
    if (pid < 0 || waitpid(pid, &status, 0) != pid || !WIFEXITED(status))
        return -1;
    return WEXITSTATUS(status);
}
