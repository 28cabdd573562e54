#include "run/http.h"

#include "tests/harness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* Where the library of that name was loaded from; "": it was not. */
static const char *mapped(const char *name)
{
    FILE *maps = fopen("/proc/self/maps", "re");
    static char line[512];
    const char *found = "";
    while (maps && !*found && fgets(line, sizeof line, maps)) {
        line[strcspn(line, "\n")] = '\0';
        found = strstr(line, name) ? strchr(line, '/') : "";
    }
    if (maps)
        fclose(maps);
    return found;
}

static bool is_mapped(const char *name)
{
    return *mapped(name) != '\0';
}

/* That is what it is for: nothing else may bring the library, or GnuTLS, into the process. */
static void it_is_not_there_before_it_is_asked_for(void)
{
    CHECK(!is_mapped("libmicrohttpd"));
    CHECK(!is_mapped("libgnutls"));
}

static void it_is_loaded_whole_and_once(void)
{
    const char *why = NULL;
    const struct http *http = http_load(&why);
    if (!http) {
        printf("# %s\n", why ? why : "no reason");
        CHECK(http != NULL);
        return;
    }
    CHECK(is_mapped("libmicrohttpd"));
#define FUNCTION(name) CHECK(http->name != NULL);
#include "run/http.def"
#undef FUNCTION
    CHECK(http_load(&why) == http);
}

enum { SAID_BYTES = 256 };

/* What http_load says where the loader looks into this folder first: of a process that begins
 * anew, as the loader reads its variables once. */
static void ask_with(const char *folder, char said[SAID_BYTES])
{
    int ends[2];
    CHECK(pipe(ends) == 0);
    fflush(stdout);
    pid_t pid = fork();
    if (pid == 0) {
        dup2(ends[1], STDOUT_FILENO);
        setenv("LD_LIBRARY_PATH", folder, 1);
        execl("/proc/self/exe", "http_test", "why", NULL);
        _exit(127);
    }
    close(ends[1]);
    ssize_t size = read(ends[0], said, SAID_BYTES - 1);
    said[size > 0 ? size : 0] = '\0';
    close(ends[0]);
    CHECK(waitpid(pid, NULL, 0) == pid);
}

static void one_that_lacks_something_is_told_of(void)
{
    static const char wanted[] = ": undefined symbol: MHD_add_response_header";
    char folder[] = "/tmp/http-XXXXXX", other[64], said[SAID_BYTES];
    CHECK(mkdtemp(folder) != NULL);
    snprintf(other, sizeof other, "%s/%s", folder, HTTP_LIBRARY);
    CHECK(symlink(mapped("/libc.so"), other) == 0);
    ask_with(folder, said);
    const char *lacks = strchr(said, ':');
    CHECK(said[0] == '/'); /* the library, as the loader calls it */
    CHECK_TEXT(lacks ? lacks : said, wanted);
    CHECK(unlink(other) == 0 && rmdir(folder) == 0);
}

int main(int argc, char *argv[])
{
    const char *why = "";
    if (argc == 2 && strcmp(argv[1], "why") == 0) {
        http_load(&why);
        fputs(why, stdout);
        return 0;
    }
    TEST(it_is_not_there_before_it_is_asked_for);
    TEST(it_is_loaded_whole_and_once);
    TEST(one_that_lacks_something_is_told_of);
    return harness_done();
}
