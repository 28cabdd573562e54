#include "plane/names.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

enum { DEVICE_HEAD = 8, DEVICE_DIGITS = 6, OUTER_DIGITS = 12, NUMBER_END = 10 };

/* FNV-1a, 64 bits: names are ours; two that meet are refused (plane/permit.h), not confused. */
static uint64_t hash_of(uint64_t hash, const char *text)
{
    for (; *text; text++)
        hash = (hash ^ (uint8_t)*text) * 0x100000001b3u;
    return (hash ^ 0xff) * 0x100000001b3u; /* so that "a" "bc" is not "ab" "c" */
}

static uint64_t hash_begun(const char *text)
{
    return hash_of(0xcbf29ce484222325u, text);
}

/* FNV's upper bits hardly know of a name's last letter, in which two tunnels differ; splitmix64's
 * end spreads it over all. */
static uint64_t spread(uint64_t hash)
{
    hash = (hash ^ hash >> 30) * 0xbf58476d1ce4e5b9u;
    hash = (hash ^ hash >> 27) * 0x94d049bb133111ebu;
    return hash ^ hash >> 31;
}

static void without_slash(char *name)
{
    for (char *at = strchr(name, '/'); at; at = strchr(at, '/'))
        *at = '-';
}

void name_inner(const char *gateway, char out[NAME_SPACE_BYTES])
{
    snprintf(out, NAME_SPACE_BYTES, "sekisho-%s", gateway);
}

void name_endpoint(const char *gateway, const char *tunnel, char out[NAME_SPACE_BYTES])
{
    snprintf(out, NAME_SPACE_BYTES, "sekisho-%s@%s", gateway, tunnel);
    without_slash(out);
}

void name_device(const char *tunnel, char out[NAME_DEVICE_BYTES])
{
    if (strlen(tunnel) < NAME_DEVICE_BYTES)
        snprintf(out, NAME_DEVICE_BYTES, "%s", tunnel);
    else
        snprintf(out, NAME_DEVICE_BYTES, "%.*s-%0*llx", DEVICE_HEAD, tunnel, DEVICE_DIGITS,
                 (unsigned long long)(hash_begun(tunnel) & 0xffffff));
    without_slash(out);
}

void name_outer(const char *gateway, const char *tunnel, char out[NAME_DEVICE_BYTES])
{
    snprintf(out, NAME_DEVICE_BYTES, "sk%0*llx", OUTER_DIGITS,
             (unsigned long long)(spread(hash_of(hash_begun(gateway), tunnel)) & 0xffffffffffff));
}

bool names_meet(const char *gateway, const char *one, const char *other)
{
    char names[2][NAME_DEVICE_BYTES], outer[2][NAME_DEVICE_BYTES];
    if (strcmp(one, other) == 0)
        return false;
    name_device(one, names[0]);
    name_device(other, names[1]);
    name_outer(gateway, one, outer[0]);
    name_outer(gateway, other, outer[1]);
    return strcmp(names[0], names[1]) == 0 || strncmp(outer[0], outer[1], NUMBER_END) == 0;
}
