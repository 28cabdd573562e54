#include "plane/direct_connect.h"

#include "plane/devices.h"
#include "plane/handed.h"

#include <errno.h>
#include <string.h>

static bool is_vlan(struct rtnetlink *inner, const char *name)
{
    struct rtnetlink_device device;
    return device_find(inner, name, &device, NULL) && strcmp(device.kind, "vlan") == 0;
}

/* What moved in as the line itself stays so: it cannot be told from another by its number. */
static bool put_device(struct rtnetlink *inner, struct rtnetlink *outer,
                       const struct plane_direct_connect *wanted, bool *ret_plain,
                       struct trouble *ret_trouble)
{
    struct rtnetlink_device line;
    struct trouble why;
    bool line_is_out = device_find(outer, wanted->line, &line, NULL);
    *ret_plain = wanted->vlan == 0 || (wanted->may_be_plain && !line_is_out);
    if (!*ret_plain) {
        if (device_vlan(inner, wanted->name, outer, wanted->line, wanted->vlan, &why))
            return true;
        if (why.error != EOPNOTSUPP || !wanted->may_be_plain) {
            if (ret_trouble)
                *ret_trouble = why;
            return false;
        }
        *ret_plain = true;
    }
    return handed_take(outer, wanted->line, inner, wanted->name, ret_trouble);
}

bool direct_connect_put(struct rtnetlink *inner, struct rtnetlink *outer,
                        const struct plane_direct_connect *wanted, bool *ret_plain,
                        struct trouble *ret_trouble)
{
    struct plane_address addresses[2];
    size_t count = 0;
    bool plain = false;
    if (wanted->four.addr)
        addresses[count++] = wanted->four;
    if (wanted->six.addr)
        addresses[count++] = wanted->six;
    if (!put_device(inner, outer, wanted, &plain, ret_trouble))
        return false;
    if (!plain && !device_up(outer, wanted->line, true, ret_trouble)) /* else nothing passes */
        return false;
    if (wanted->mtu && !device_mtu(inner, wanted->name, wanted->mtu, ret_trouble))
        return false;
    if (!address_all(inner, wanted->name, addresses, count, ret_trouble) ||
        !device_up(inner, wanted->name, true, ret_trouble))
        return false;
    *ret_plain = plain;
    return true;
}

bool direct_connect_remove(struct rtnetlink *inner, struct rtnetlink *outer,
                           const struct plane_direct_connect *wanted, struct trouble *ret_trouble)
{
    struct rtnetlink_device device;
    struct trouble why;
    if (!device_find(inner, wanted->name, &device, &why)) {
        if (why.error == ENODEV)
            return true;
        if (ret_trouble)
            *ret_trouble = why;
        return false;
    }
    if (is_vlan(inner, wanted->name))
        return device_remove(inner, wanted->name, ret_trouble);
    return handed_back(inner, wanted->name, outer, ret_trouble);
}
