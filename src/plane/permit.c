#include "plane/permit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct permit {
    char gateway[ORDER_GATEWAY_BYTES];
    struct permit_pools pools;
    bool settled;
    char names[PERMIT_TUNNELS][PLANE_NAME_BYTES];
    size_t name_count;
    ip_addr outsides[PERMIT_TUNNELS]; /* named at first */
    size_t outside_count;
    char folders[PERMIT_FOLDERS][PLANE_PATH_BYTES]; /* with the slash */
    size_t folder_count;
};

struct permit *permit_create(const char *gateway, const struct permit_pools *pools)
{
    struct permit *permit = calloc(1, sizeof *permit);
    if (!permit)
        return NULL;
    snprintf(permit->gateway, sizeof permit->gateway, "%s", gateway);
    if (pools)
        permit->pools = *pools;
    return permit;
}

struct permit *permit_copy(const struct permit *permit)
{
    struct permit *copy = malloc(sizeof *copy);
    if (copy)
        *copy = *permit;
    return copy;
}

void permit_destroy(struct permit *permit)
{
    free(permit);
}

/* -- names -- */

bool permit_has(const struct permit *permit, const char *name)
{
    for (size_t i = 0; i < permit->name_count; i++) {
        if (strcmp(permit->names[i], name) == 0)
            return true;
    }
    return false;
}

static bool may_be_called(const struct permit *permit, const char *name, char *sentence)
{
    if (permit_has(permit, name))
        return true;
    for (size_t i = 0; i < permit->name_count; i++) {
        const char *other = permit->names[i];
        if (!names_meet(permit->gateway, name, other))
            continue;
        snprintf(sentence, ORDER_SENTENCE_BYTES,
                 "%s and %s would have the same device on this machine; one of them needs another "
                 "name",
                 other, name);
        return false;
    }
    if (permit->name_count < PERMIT_TUNNELS)
        return true;
    snprintf(sentence, ORDER_SENTENCE_BYTES, "%s is one tunnel more than the %d of a gateway", name,
             PERMIT_TUNNELS);
    return false;
}

/* -- outside addresses -- */

static bool has_outside(const struct permit *permit, ip_addr outside)
{
    for (size_t i = 0; i < permit->outside_count; i++) {
        if (permit->outsides[i] == outside)
            return true;
    }
    for (size_t i = 0; i < permit->pools.count; i++) {
        if (prefix_contains(permit->pools.items[i], outside))
            return true;
    }
    return false;
}

static bool may_be_outside(const struct permit *permit, const struct plane_tunnel *tunnel,
                           char *sentence)
{
    char address[IP_TEXT_BYTES];
    if (!permit->settled || has_outside(permit, tunnel->outside))
        return true;
    struct text text = text_over(address, sizeof address);
    text_ip(&text, tunnel->outside);
    snprintf(sentence, ORDER_SENTENCE_BYTES,
             "the outside address %s of %s was not in the file when sekishod started, and lies in "
             "no --pool",
             address, tunnel->name);
    return false;
}

/* -- folders -- */

static size_t folder_size(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? (size_t)(slash - path) + 1 : 0;
}

static bool is_in_folder(const char *path, const char *folder)
{
    size_t size = folder_size(path);
    const char *name = path + size;
    return strlen(folder) == size && memcmp(folder, path, size) == 0 && *name != '\0' &&
           strcmp(name, ".") != 0 && strcmp(name, "..") != 0;
}

static bool has_folder(const struct permit *permit, const char *path)
{
    for (size_t i = 0; i < permit->folder_count; i++) {
        if (is_in_folder(path, permit->folders[i]))
            return true;
    }
    return false;
}

enum { FILES = 4 };

/* Paths begin at the root, and are texts: orders.c has looked. */
static void files_of(const struct plane_tunnel *tunnel, const char *psk_file,
                     const char *ret_files[FILES])
{
    ret_files[0] = psk_file;
    ret_files[1] = tunnel->certificate;
    ret_files[2] = tunnel->private_key;
    ret_files[3] = tunnel->authority;
}

static bool may_be_read(const struct permit *permit, const char *name,
                        const char *const files[FILES], char *sentence)
{
    size_t fresh = 0;
    for (size_t i = 0; i < FILES; i++) {
        if (*files[i] == '\0' || has_folder(permit, files[i]))
            continue;
        fresh++;
        if (!permit->settled)
            continue;
        snprintf(sentence, ORDER_SENTENCE_BYTES,
                 "the file %s of %s is in a folder of which the file named none when sekishod "
                 "started",
                 files[i], name);
        return false;
    }
    if (permit->folder_count + fresh <= PERMIT_FOLDERS)
        return true;
    snprintf(sentence, ORDER_SENTENCE_BYTES, "%s: its files are in more than %d folders", name,
             PERMIT_FOLDERS);
    return false;
}

static void learn(struct permit *permit, const struct plane_tunnel *tunnel,
                  const char *const files[FILES])
{
    if (!has_outside(permit, tunnel->outside) && permit->outside_count < PERMIT_TUNNELS)
        permit->outsides[permit->outside_count++] = tunnel->outside;
    for (size_t i = 0; i < FILES; i++) {
        if (*files[i] != '\0' && !has_folder(permit, files[i]))
            memcpy(permit->folders[permit->folder_count++], files[i], folder_size(files[i]));
    }
}

/* -- all of it -- */

bool permit_want(struct permit *permit, const struct plane_tunnel *tunnel, const char *psk_file,
                 char sentence[ORDER_SENTENCE_BYTES])
{
    const char *files[FILES];
    files_of(tunnel, psk_file, files);
    if (!may_be_called(permit, tunnel->name, sentence) ||
        !may_be_outside(permit, tunnel, sentence) ||
        !may_be_read(permit, tunnel->name, files, sentence))
        return false;
    if (!permit->settled)
        learn(permit, tunnel, files);
    if (!permit_has(permit, tunnel->name))
        memcpy(permit->names[permit->name_count++], tunnel->name, sizeof tunnel->name);
    return true;
}

void permit_unwant(struct permit *permit, const char *name)
{
    for (size_t i = 0; i < permit->name_count; i++) {
        if (strcmp(permit->names[i], name) != 0)
            continue;
        memmove(permit->names[i], permit->names[--permit->name_count], PLANE_NAME_BYTES);
        return;
    }
}

void permit_settle(struct permit *permit)
{
    permit->settled = true;
}
