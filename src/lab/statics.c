#include "lab/statics.h"

#include "lab/apply.h"
#include "lab/plan.h"

#include <assert.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    LOOKS = 50,
    PAUSE_US = 200000,
    TOLD_MOST = 3,
    LINE_BYTES = 256,
    WORD_BYTES = 64,
    SAID_BYTES = 1 << 16,
};

/* -- what zebra says -- */

static bool has_word(const char *line, size_t size, const char *word)
{
    size_t length = strlen(word);
    for (size_t at = 0; at + length <= size; at++) {
        bool begins = at == 0 || line[at - 1] == ' ';
        if (begins && memcmp(line + at, word, length) == 0 &&
            (at + length == size || strchr(" ,(", line[at + length])))
            return true;
    }
    return false;
}

enum being { ABSENT, INACTIVE, THERE };

/* "S>* PREFIX [1/0] via GATEWAY, ...", or of several gateways each on a line of its own. */
static enum being route_being(const char *said, const char *prefix, const char *gateway)
{
    bool ours = false;
    for (const char *line = said; *line;) {
        size_t size = strcspn(line, "\n");
        if (line[0] == 'S')
            ours = has_word(line, size, prefix);
        else if (!isspace((unsigned char)line[0]))
            ours = false;
        if (ours && has_word(line, size, gateway))
            return has_word(line, size, "inactive") ? INACTIVE : THERE;
        line += size + (line[size] == '\n');
    }
    return ABSENT;
}

/* "GATEWAY", or "GATEWAY(Connected)", and on the next line " resolved via ..." or " unresolved". */
static enum being gateway_being(const char *said, const char *gateway)
{
    size_t length = strlen(gateway);
    for (const char *line = said; *line;) {
        size_t size = strcspn(line, "\n");
        bool ours = size >= length && memcmp(line, gateway, length) == 0 &&
                    (size == length || line[length] == '(');
        line += size + (line[size] == '\n');
        if (ours)
            return has_word(line, strcspn(line, "\n"), "resolved") ? THERE : INACTIVE;
    }
    return ABSENT;
}

enum statics_state statics_of(const char *said, const char *prefix, const char *gateway)
{
    enum being route = route_being(said, prefix, gateway);
    enum being found = gateway_being(said, gateway);
    if (route == THERE || found == INACTIVE)
        return STATICS_FINE;
    return route == INACTIVE && found == THERE ? STATICS_LEFT_OUT : STATICS_PENDING;
}

/* -- what staticd is told -- */

struct line {
    char family[8], prefix[WORD_BYTES], gateway[WORD_BYTES]; /* "ip", "ipv6" */
    char vrf[16];
};

/* "ip route PREFIX GATEWAY DISTANCE", and in a VRF " vrf NAME". One that names a device needs no
 * other route. */
static bool line_of(const char *text, struct line *ret_line)
{
    char distance[WORD_BYTES] = "", word[16] = "", vrf[16] = "";
    struct line line = {.vrf = "default"};
    int count = sscanf(text, "%7s route %63s %63s %63s %15s %15s", line.family, line.prefix,
                       line.gateway, distance, word, vrf);
    ip_addr gateway; /* else it is a device, or a blackhole */
    bool plain = count >= 4 && strchr("0123456789", distance[0]) &&
                 ip_parse(line.gateway, strlen(line.gateway), &gateway);
    if (!plain || (count > 4 && strcmp(word, "vrf") != 0))
        return false;
    if (count == 6)
        snprintf(line.vrf, sizeof line.vrf, "%s", vrf);
    *ret_line = line;
    return true;
}

static FILE *open_configuration(const struct running_daemon *daemon)
{
    for (size_t i = 0; daemon->words[i] && daemon->words[i + 1]; i++) {
        if (strcmp(daemon->words[i], "-f") == 0)
            return fopen(daemon->words[i + 1], "re");
    }
    return NULL;
}

static void ask(const struct running_node *node, const char *family, const char *vrf, char *said)
{
    char routes[WORD_BYTES], gateways[WORD_BYTES];
    const char *const words[] = {"vtysh", "--vty_socket", node->folder, "-c",
                                 routes,  "-c",           gateways,     NULL};
    snprintf(routes, sizeof routes, "show %s route vrf %s static", family, vrf);
    snprintf(gateways, sizeof gateways, "show %s nht vrf %s", family, vrf);
    said[0] = '\0';
    lab_run_program(node->space, words, said, SAID_BYTES, NULL);
}

static void tell_again(const struct running_node *node, const char *text)
{
    char no[LINE_BYTES + 4];
    const char *const words[] = {
        "vtysh", "--vty_socket", node->folder, "-c", "configure terminal", "-c", no, "-c",
        text,    "-c",           "end",        NULL};
    snprintf(no, sizeof no, "no %s", text);
    lab_run_program(node->space, words, NULL, 0, NULL);
}

/* The worst state of all lines; with again those that are left out are told once more. */
static enum statics_state look(const struct running_node *node,
                               const struct running_daemon *staticd, bool again, char *said)
{
    char text[LINE_BYTES], asked[WORD_BYTES] = "", about[WORD_BYTES];
    enum statics_state worst = STATICS_FINE;
    FILE *file = open_configuration(staticd);
    while (file && fgets(text, sizeof text, file)) {
        struct line line;
        text[strcspn(text, "\n")] = '\0';
        if (!line_of(text, &line))
            continue;
        snprintf(about, sizeof about, "%s %s", line.family, line.vrf);
        if (strcmp(about, asked) != 0)
            ask(node, line.family, line.vrf, said);
        memcpy(asked, about, sizeof asked);
        enum statics_state state = statics_of(said, line.prefix, line.gateway);
        if (again && state == STATICS_LEFT_OUT)
            tell_again(node, text);
        worst = state > worst ? state : worst;
    }
    if (file)
        fclose(file);
    return worst;
}

void statics_settle(const struct running_node *node)
{
    const struct running_daemon *staticd = running_daemon(node, "staticd", NULL);
    int left_out = 0, told = 0;
    if (!staticd || !running_daemon(node, "zebra", NULL))
        return;
    char *said = malloc(SAID_BYTES);
    assert(said);
    for (int i = 0; i < LOOKS && told < TOLD_MOST; i++) {
        bool again = left_out > 0; /* not in passing, but still */
        enum statics_state state = look(node, staticd, again, said);
        if (state == STATICS_FINE)
            break;
        told += again && state == STATICS_LEFT_OUT;
        left_out = state == STATICS_LEFT_OUT && !again;
        usleep(PAUSE_US);
    }
    free(said);
}
