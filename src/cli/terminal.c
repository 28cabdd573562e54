#include "cli/terminal.h"

#include <langinfo.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

static bool is_utf8(void)
{
    setlocale(LC_CTYPE, "");
    return strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
}

static bool is_set(const char *name)
{
    const char *value = getenv(name);
    return value && *value;
}

static unsigned bounded(unsigned columns)
{
    if (columns < TERMINAL_COLUMNS_LEAST)
        return TERMINAL_COLUMNS_LEAST;
    return columns > TERMINAL_COLUMNS_MOST ? TERMINAL_COLUMNS_MOST : columns;
}

static unsigned width_of(int file)
{
    struct winsize size;
    const char *said = getenv("COLUMNS");
    char *end = NULL;
    unsigned long columns = said ? strtoul(said, &end, 10) : 0;
    if (said && end != said && *end == 0 && columns > 0 && columns <= TERMINAL_COLUMNS_MOST)
        return bounded((unsigned)columns);
    if (isatty(file) && ioctl(file, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
        return bounded(size.ws_col);
    return TERMINAL_COLUMNS;
}

struct screen terminal_screen(FILE *out, int file)
{
    const char *terminal = getenv("TERM");
    bool dumb = !terminal || strcmp(terminal, "dumb") == 0;
    return (struct screen){.out = out,
                           .width = width_of(file),
                           .ascii = !is_utf8(),
                           .terminal = isatty(file) != 0,
                           .color = isatty(file) && !is_set("NO_COLOR") && !dumb};
}
