#include "run/http.h"

#include "tests/harness.h"

#include <stdio.h>
#include <string.h>

static bool is_mapped(const char *name)
{
    FILE *maps = fopen("/proc/self/maps", "re");
    char line[512];
    bool found = false;
    while (maps && fgets(line, sizeof line, maps))
        found |= strstr(line, name) != NULL;
    if (maps)
        fclose(maps);
    return found;
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

int main(void)
{
    TEST(it_is_not_there_before_it_is_asked_for);
    TEST(it_is_loaded_whole_and_once);
    return harness_done();
}
