#include "plane/netlink_attrs.h"

#include <libmnl/libmnl.h>
#include <string.h>

size_t netlink_whole(size_t size)
{
    return (size + 3) & ~(size_t)3;
}

const struct nlmsghdr *netlink_take(struct slice *bytes)
{
    const struct nlmsghdr *header = (const void *)bytes->data;
    int left = bytes->size > INT32_MAX ? INT32_MAX : (int)bytes->size;
    if (!mnl_nlmsg_ok(header, left) || header->nlmsg_len > bytes->size) /* libmnl takes it as int */
        return NULL;
    size_t size = netlink_whole(header->nlmsg_len);
    size = size < bytes->size ? size : bytes->size; /* the last need not be padded */
    bytes->data += size;
    bytes->size -= size;
    return header;
}

static int keep_attr(const struct nlattr *attr, void *context)
{
    struct netlink_attrs *attrs = context;
    uint16_t type = mnl_attr_get_type(attr);
    if (type < NETLINK_ATTRS)
        attrs->at[type] = attr;
    return MNL_CB_OK;
}

struct netlink_attrs netlink_attrs_of(const struct nlmsghdr *header, unsigned offset)
{
    struct netlink_attrs attrs = {{NULL}};
    mnl_attr_parse(header, offset, keep_attr, &attrs);
    return attrs;
}

struct netlink_attrs netlink_attrs_in(const struct nlattr *nest)
{
    struct netlink_attrs attrs = {{NULL}};
    if (nest)
        mnl_attr_parse_nested(nest, keep_attr, &attrs);
    return attrs;
}

struct netlink_attrs netlink_attrs_among(struct slice bytes)
{
    struct netlink_attrs attrs = {{NULL}};
    mnl_attr_parse_payload(bytes.data, bytes.size, keep_attr, &attrs);
    return attrs;
}

bool netlink_read_bytes(const struct nlattr *attr, void *ret, size_t size)
{
    if (!attr)
        return true;
    if (mnl_attr_get_payload_len(attr) < size)
        return false;
    memcpy(ret, mnl_attr_get_payload(attr), size);
    return true;
}

bool netlink_read_u32(const struct nlattr *attr, uint32_t *ret_value)
{
    return netlink_read_bytes(attr, ret_value, sizeof *ret_value);
}

bool netlink_read_addr(const struct nlattr *attr, bool six, ip_addr *ret_addr)
{
    uint8_t bytes[16];
    size_t size = six ? 16 : 4;
    if (!attr)
        return true;
    if (!netlink_read_bytes(attr, bytes, size))
        return false;
    ip_addr addr = 0;
    for (size_t i = 0; i < size; i++)
        addr = addr << 8 | bytes[i];
    *ret_addr = addr;
    return true;
}

void netlink_put_addr(struct nlmsghdr *request, uint16_t type, ip_addr addr, bool six)
{
    uint8_t bytes[16];
    size_t size = six ? 16 : 4;
    for (size_t i = 0; i < size; i++)
        bytes[i] = (uint8_t)(addr >> (8 * (size - 1 - i)));
    mnl_attr_put(request, type, size, bytes);
}
