/* Devices that are handed over (plane/plane.h): taken out of the outer namespace, and given back
 * under the name that they had. Whose a device is stands in its alias, which goes wherever it goes:
 * "sekisho eth1 of 4026531840", its name and the number of the namespace that it is from. So
 * whoever starts later knows what an earlier one has taken. */
#pragma once

#include "plane/rtnetlink.h"

/* The device shall be in there, called name. ENODEV: nothing is called line in outer, nor has been
 * taken from there. EEXIST: something else is called name in there. */
bool handed_take(struct rtnetlink *outer, const char *line, struct rtnetlink *there,
                 const char *name, struct trouble *ret_trouble) __attribute__((warn_unused_result));

/* Was the device handed over? ret_line: what it is called in outer, when it is from there. */
bool handed_is(const struct rtnetlink *outer, const struct rtnetlink_device *device,
               char ret_line[NAME_DEVICE_BYTES]) __attribute__((warn_unused_result));

/* It shall not be in there. What was not handed over stays where it is, and so does what cannot go
 * back because its name is taken. */
bool handed_back(struct rtnetlink *there, const char *name, struct rtnetlink *outer,
                 struct trouble *ret_trouble);

/* Everything that was handed over and that `keeps` does not want goes back. */
typedef bool handed_keeper(const char *name, void *context);
void handed_back_all(struct rtnetlink *there, struct rtnetlink *outer, handed_keeper *keeps,
                     void *context);

/* In which of sekishod's namespaces is what was called line in outer? false: in none. */
bool handed_find(struct rtnetlink *outer, const char *line, char ret_space[NAME_SPACE_BYTES])
    __attribute__((warn_unused_result));
