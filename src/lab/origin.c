#include "lab/origin.h"

#include "lab/keys.h"
#include "network/diagnostics.h"
#include "plane/charon_folder.h"

#include <stdlib.h>

/* Borrows: the network and nothing of what may happen to it. */
static struct network alone(const struct network *network)
{
    struct network view = *network;
    view.story = NULL;
    view.recorded = NULL;
    view.wanted = NULL;
    view.comments = NULL;
    view.step_count = view.recorded_count = view.wanted_count = view.comment_count = 0;
    view.internet_delay_us = -1; /* the simulator's */
    view.until_us = -1;
    return view;
}

bool origin_equal(const struct network *begun, const struct network *file)
{
    struct network *one = keys_forgotten(begun), *other = keys_forgotten(file);
    struct network was = alone(one), is = alone(other);
    bool equal = network_equal(&was, &is);
    network_free(one);
    network_free(other);
    return equal;
}

/* ORIGIN_OTHER: it is no network file. */
static enum origin read_network(const char *path, struct network **ret_network)
{
    struct diagnostics diagnostics;
    size_t size;
    char *text = charon_folder_read(path, NETWORK_FILE_MAX, &size, NULL);
    if (!text)
        return ORIGIN_UNKNOWN;
    diagnostics_init(&diagnostics);
    struct slice bytes = {(const uint8_t *)text, size};
    bool read = network_parse(bytes, path, &diagnostics, ret_network);
    diagnostics_done(&diagnostics);
    charon_folder_forget(text, size);
    return read ? ORIGIN_SAME : ORIGIN_OTHER;
}

enum origin origin_of(const struct lab_running *lab, const struct network *file)
{
    char path[LAB_PATH_BYTES];
    struct network *begun = NULL, *now = NULL;
    enum origin origin = file ? ORIGIN_SAME : read_network(lab->file, &now);
    snprintf(path, sizeof path, "%.90s/" LAB_BEGUN, lab->folder);
    if (origin == ORIGIN_SAME && read_network(path, &begun) != ORIGIN_SAME)
        origin = ORIGIN_UNKNOWN;
    if (origin == ORIGIN_SAME && !origin_equal(begun, file ? file : now))
        origin = ORIGIN_OTHER;
    network_free(begun);
    network_free(now);
    return origin;
}
