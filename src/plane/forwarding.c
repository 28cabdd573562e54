#include "plane/forwarding.h"

#include "plane/names.h"
#include "plane/plane.h"
#include "plane/space.h"
#include "plane/sysctl.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SETTING "net/ipv4/ip_forward"
#define HEAD    "forwarding-"

struct note {
    char folder[PLANE_PATH_BYTES], file[PLANE_PATH_BYTES + NAME_DEVICE_BYTES];
};

/* The namespace is called by its number, as it may have no name. */
static bool note_of(const char *folder, const char *gateway, struct note *ret_note,
                    struct trouble *ret_trouble)
{
    char name[NAME_DEVICE_BYTES];
    unsigned long long space = 0;
    if (!space_number(&space, ret_trouble))
        return false;
    name_outer(gateway, "", name);
    int size =
        snprintf(ret_note->folder, sizeof ret_note->folder, "%s/" HEAD "%llu", folder, space);
    if (size < 0 || (size_t)size >= sizeof ret_note->folder)
        return trouble_is(ret_trouble, ENAMETOOLONG, "the folder %s", folder);
    snprintf(ret_note->file, sizeof ret_note->file, "%s/%s", ret_note->folder, name);
    return true;
}

static bool write_note(const struct note *note, struct trouble *ret_trouble)
{
    int fd = open(note->file, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return trouble_is(ret_trouble, errno, "the file %s", note->file);
    close(fd);
    return true;
}

/* A folder says that one of ours has set it. */
bool forwarding_take(const char *folder, const char *gateway, struct trouble *ret_trouble)
{
    struct note note;
    char value[SYSCTL_BYTES];
    if (!note_of(folder, gateway, &note, ret_trouble) ||
        !sysctl_get(NULL, SETTING, value, ret_trouble))
        return false;
    if (value[0] != '0')
        return access(note.folder, F_OK) != 0 || write_note(&note, ret_trouble);
    if (mkdir(note.folder, 0700) && errno != EEXIST)
        return trouble_is(ret_trouble, errno, "the folder %s", note.folder);
    if (write_note(&note, ret_trouble) && sysctl_put(NULL, SETTING, "1", ret_trouble))
        return true;
    unlink(note.file); /* what was not set is not set back */
    rmdir(note.folder);
    return false;
}

bool forwarding_give_back(const char *folder, const char *gateway, struct trouble *ret_trouble)
{
    struct note note;
    if (!note_of(folder, gateway, &note, ret_trouble))
        return false;
    if (unlink(note.file) || rmdir(note.folder))
        return true; /* not ours, or somebody else needs it still */
    return sysctl_put(NULL, SETTING, "0", ret_trouble);
}

void forwarding_sweep(const char *folder, const char *gateway)
{
    struct note here;
    char name[NAME_DEVICE_BYTES];
    if (!note_of(folder, gateway, &here, NULL))
        return;
    name_outer(gateway, "", name);
    DIR *listing = opendir(folder);
    for (const struct dirent *entry; listing && (entry = readdir(listing));) {
        struct note note;
        int size = snprintf(note.folder, sizeof note.folder, "%s/%s", folder, entry->d_name);
        if (strncmp(entry->d_name, HEAD, strlen(HEAD)) != 0 || size < 0 ||
            (size_t)size >= sizeof note.folder || strcmp(note.folder, here.folder) == 0)
            continue;
        snprintf(note.file, sizeof note.file, "%s/%s", note.folder, name);
        unlink(note.file);
        rmdir(note.folder); /* when nobody else has noted anything there */
    }
    if (listing)
        closedir(listing);
}
