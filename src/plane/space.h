/* Network namespaces that have a name, in the manner of ip-netns(8): each is bound to a file in
 * /run/netns, so that `ip netns` shows it, and it lives until its name is removed, whether anybody
 * is in it or not.
 *
 * Nobody moves: what must happen inside is done by a thread that lives as long as that takes, so
 * the caller is in its own namespace before, during and after, and cannot be left elsewhere by an
 * error. Descriptors that are opened inside stay usable outside; a netlink socket that is kept is
 * all that most of the work needs.
 *
 * Wherever a space is an argument, NULL is the namespace that the caller is in. */
#pragma once

#include "plane/names.h"
#include "plane/trouble.h"

#include <stddef.h>

#define SPACE_FOLDER "/run/netns"

/* It shall be there, its loopback up. Fails without CAP_SYS_ADMIN. */
bool space_make(const char *name, struct trouble *ret_trouble) __attribute__((warn_unused_result));

/* It shall not be there. Devices that are in nobody else's hands go with it, processes in it keep
 * it alive without a name. */
bool space_remove(const char *name, struct trouble *ret_trouble);

bool space_exists(const char *name);

/* What the kernel calls the one that the caller is in, and no other since it was started; before
 * Linux 5.14 no other that lives. */
bool space_number(unsigned long long *ret_number, struct trouble *ret_trouble)
    __attribute__((warn_unused_result));

/* A descriptor of it, the caller's to close; -1. */
int space_open(const char *name, struct trouble *ret_trouble) __attribute__((warn_unused_result));

/* Is it the namespace behind this descriptor, or the one that the caller is in (-1)? */
bool space_is(const char *name, int fd);

/* Runs the function inside, in a thread of its own with all signals blocked, and waits for it.
 * False: the space could not be entered, and the function was not called. */
bool space_within(const char *name, void (*function)(void *context), void *context,
                  struct trouble *ret_trouble) __attribute__((warn_unused_result));

/* The same by a descriptor of the space; -1: the one that the caller is in. */
bool space_within_fd(int fd, void (*function)(void *context), void *context,
                     struct trouble *ret_trouble) __attribute__((warn_unused_result));

/* A socket inside, the caller's to close; -1. Closed at exec whatever the type says. */
int space_socket(const char *name, int domain, int type, int protocol, struct trouble *ret_trouble)
    __attribute__((warn_unused_result));

/* Calls with every name that begins so, in the order of the bytes; the function may remove it.
 * False: there were more than SPACE_LIST_MAX, or no memory; none was called. */
enum { SPACE_LIST_MAX = 4096 };
bool space_each(const char *prefix, void (*function)(const char *name, void *context),
                void *context, struct trouble *ret_trouble);
