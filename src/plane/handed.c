#include "plane/handed.h"

#include "plane/devices.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { DEVICES_MAX = 512 }; /* of one namespace that are given back at once */

#define MARK    "sekisho "
#define SPACES  "sekisho" /* all of ours begin so */
#define OF_TEXT " of "

static uint64_t number_of(const struct rtnetlink *space)
{
    struct stat about;
    return fstat(space->space_fd, &about) == 0 ? (uint64_t)about.st_ino : 0;
}

static void alias_of(const struct rtnetlink *outer, const char *line,
                     char out[RTNETLINK_ALIAS_BYTES])
{
    snprintf(out, RTNETLINK_ALIAS_BYTES, MARK "%s" OF_TEXT "%" PRIu64, line, number_of(outer));
}

bool handed_is(const struct rtnetlink *outer, const struct rtnetlink_device *device,
               char ret_line[NAME_DEVICE_BYTES])
{
    char line[NAME_DEVICE_BYTES], alias[RTNETLINK_ALIAS_BYTES];
    if (strncmp(device->alias, MARK, strlen(MARK)) != 0)
        return false;
    const char *at = device->alias + strlen(MARK), *end = strstr(at, OF_TEXT);
    size_t size = end ? (size_t)(end - at) : 0;
    if (size == 0 || size >= sizeof line)
        return false;
    memcpy(line, at, size);
    line[size] = '\0';
    alias_of(outer, line, alias);
    if (strcmp(alias, device->alias) != 0)
        return false;
    memcpy(ret_line, line, sizeof line);
    return true;
}

bool handed_take(struct rtnetlink *outer, const char *line, struct rtnetlink *there,
                 const char *name, struct trouble *ret_trouble)
{
    struct rtnetlink_device device;
    char alias[RTNETLINK_ALIAS_BYTES];
    alias_of(outer, line, alias);
    if (device_find(there, name, &device, NULL))
        return strcmp(device.alias, alias) == 0 ||
               trouble_is(ret_trouble, EEXIST, "the device %s%s is none that was handed over as %s",
                          name, there->place, line);
    return device_alias(outer, line, alias, ret_trouble) &&
           device_move(outer, line, there, name, ret_trouble);
}

bool handed_back(struct rtnetlink *there, const char *name, struct rtnetlink *outer,
                 struct trouble *ret_trouble)
{
    struct rtnetlink_device device, other;
    char line[NAME_DEVICE_BYTES];
    if (!device_find(there, name, &device, NULL) || !handed_is(outer, &device, line))
        return true;
    if (device_find(outer, line, &other, NULL))
        return trouble_is(ret_trouble, EEXIST,
                          "%s%s cannot go back: another device is called %s by now", name,
                          there->place, line);
    return device_move(there, name, outer, line, ret_trouble) &&
           device_alias(outer, line, "", ret_trouble);
}

/* -- all of them -- */

struct found {
    char (*names)[NAME_DEVICE_BYTES];
    size_t count;
};

static void note(const struct rtnetlink_device *device, void *context)
{
    struct found *found = context;
    if (found->count < DEVICES_MAX && strncmp(device->alias, MARK, strlen(MARK)) == 0)
        memcpy(found->names[found->count++], device->name, NAME_DEVICE_BYTES);
}

void handed_back_all(struct rtnetlink *there, struct rtnetlink *outer, handed_keeper *keeps,
                     void *context)
{
    struct found found = {calloc(DEVICES_MAX, NAME_DEVICE_BYTES), 0};
    if (!found.names)
        return;
    if (!device_each(there, note, &found, NULL))
        found.count = 0;
    for (size_t i = 0; i < found.count; i++) {
        if (!keeps || !keeps(found.names[i], context))
            handed_back(there, found.names[i], outer, NULL);
    }
    free(found.names);
}

/* -- where is it? -- */

struct search {
    char alias[RTNETLINK_ALIAS_BYTES];
    char space[NAME_SPACE_BYTES]; /* "": in none so far */
    const char *in;
};

static void compare(const struct rtnetlink_device *device, void *context)
{
    struct search *search = context;
    if (strcmp(device->alias, search->alias) == 0)
        snprintf(search->space, sizeof search->space, "%s", search->in);
}

static void look_in(const char *name, void *context)
{
    struct search *search = context;
    struct rtnetlink kernel;
    search->in = name;
    if (*search->space || !rtnetlink_open(&kernel, name, NULL))
        return;
    bool ignored = device_each(&kernel, compare, search, NULL);
    (void)ignored; /* where nothing can be seen nothing is found */
    rtnetlink_close(&kernel);
}

bool handed_find(struct rtnetlink *outer, const char *line, char ret_space[NAME_SPACE_BYTES])
{
    struct search search = {.space = ""};
    alias_of(outer, line, search.alias);
    space_each(SPACES, look_in, &search, NULL);
    if (*search.space == '\0')
        return false;
    memcpy(ret_space, search.space, sizeof search.space);
    return true;
}
