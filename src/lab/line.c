#include "lab/line.h"

#include "plane/devices.h"
#include "plane/space.h"
#include "plane/vpc.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

struct search {
    const char *device;
    char *ret_space;
    bool found;
};

static void look(const char *space, void *context)
{
    struct search *search = context;
    struct rtnetlink kernel;
    struct rtnetlink_device device;
    if (search->found || !space_exists(space) || !rtnetlink_open(&kernel, space, NULL))
        return;
    search->found = device_find(&kernel, search->device, &device, NULL);
    rtnetlink_close(&kernel);
    if (search->found)
        snprintf(search->ret_space, NAME_SPACE_BYTES, "%s", space);
}

/* "sekisho-lab-t-vgw.inner": what the gateway is called stands behind the first dash. */
static void look_at_gateway(const struct running_node *gateway, struct search *search)
{
    char of_vpcs[NAME_SPACE_BYTES];
    const char *dash = strchr(gateway->inner, '-');
    look(gateway->inner, search);
    if (!dash || search->found)
        return;
    plane_vpc_name(dash + 1, "", of_vpcs);
    (void)!space_each(of_vpcs, look, search, NULL);
}

bool line_find(const struct lab_running *lab, const struct running_end *end,
               char ret_space[NAME_SPACE_BYTES], struct trouble *ret_trouble)
{
    struct search search = {.device = end->device, .ret_space = ret_space};
    const struct running_node *node = end->node == WORLD_NONE ? NULL : &lab->nodes[end->node];
    look(end->space, &search);
    if (!search.found && node && *node->inner)
        look_at_gateway(node, &search);
    return search.found ||
           trouble_is(ret_trouble, ENODEV, "the device %s, which the lab made in %s", end->device,
                      end->space);
}
