#include "plane/devices.h"

#include <errno.h>
#include <fcntl.h>
#include <libmnl/libmnl.h>
#include <linux/if_link.h>
#include <linux/if_tun.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

enum { NEW = NLM_F_CREATE | NLM_F_EXCL };

struct request {
    _Alignas(8) uint8_t room[RTNETLINK_REQUEST_BYTES];
    struct nlmsghdr *header;
    struct ifinfomsg *link;
    struct nlattr *about; /* of a device to be made */
};

static void begin(struct request *request, uint16_t type, uint16_t flags)
{
    request->header = rtnetlink_begin(request->room, type, flags);
    request->link = mnl_nlmsg_put_extra_header(request->header, sizeof *request->link);
}

static bool refused(struct trouble *ret_trouble, int error, const struct rtnetlink *here,
                    const char *name, const char *what)
{
    return trouble_is(ret_trouble, error, "the device %s%s %s", name, here->place, what);
}

static bool name_fits(const char *name, struct trouble *ret_trouble)
{
    size_t size = strlen(name);
    return (size > 0 && size < NAME_DEVICE_BYTES) ||
           trouble_is(ret_trouble, EINVAL, "\"%s\" is no name of a device: 1 to 15 bytes", name);
}

static bool same_space(const struct rtnetlink *left, const struct rtnetlink *right)
{
    struct stat one, other;
    return fstat(left->space_fd, &one) == 0 && fstat(right->space_fd, &other) == 0 &&
           one.st_dev == other.st_dev && one.st_ino == other.st_ino;
}

/* -- looking -- */

bool device_find(struct rtnetlink *here, const char *name, struct rtnetlink_device *ret_device,
                 struct trouble *ret_trouble)
{
    int error = rtnetlink_device(here, name, ret_device);
    return error == 0 || refused(ret_trouble, error, here, name, "cannot be found");
}

struct device_visit {
    device_hearer *hearer;
    void *context;
};

static void tell_device(const struct rtnetlink_said *said, void *context)
{
    const struct device_visit *visit = context;
    if (said->kind == RTNETLINK_DEVICE)
        visit->hearer(&said->device, visit->context);
}

bool device_each(struct rtnetlink *here, device_hearer *hearer, void *context,
                 struct trouble *ret_trouble)
{
    struct request request;
    struct device_visit visit = {hearer, context};
    begin(&request, RTM_GETLINK, 0);
    int error = rtnetlink_dump(here, request.header, tell_device, &visit);
    return error == 0 ||
           trouble_is(ret_trouble, error, "the devices%s cannot be read", here->place);
}

/* -- there already, something else, or to be made -- */

enum found { FOUND_NONE, FOUND_SO, FOUND_OTHERWISE, FOUND_TROUBLE };

/* Is there a device of this kind? OTHERWISE: of this kind, but the rest is the caller's to compare.
 * One of another kind is nobody's to remove here. */
static enum found look(struct rtnetlink *here, const char *name, const char *kind,
                       struct rtnetlink_device *ret_device, struct trouble *ret_trouble)
{
    if (!name_fits(name, ret_trouble))
        return FOUND_TROUBLE;
    int error = rtnetlink_device(here, name, ret_device);
    if (error == ENODEV)
        return FOUND_NONE;
    if (error != 0) {
        refused(ret_trouble, error, here, name, "cannot be asked about");
        return FOUND_TROUBLE;
    }
    if (strcmp(ret_device->kind, kind) == 0)
        return FOUND_OTHERWISE;
    trouble_is(ret_trouble, EEXIST, "the device %s%s is of the kind \"%s\" and was to be \"%s\"",
               name, here->place, ret_device->kind, kind);
    return FOUND_TROUBLE;
}

bool device_remove(struct rtnetlink *here, const char *name, struct trouble *ret_trouble)
{
    struct request request;
    if (!name_fits(name, ret_trouble))
        return false;
    begin(&request, RTM_DELLINK, 0);
    mnl_attr_put_strz(request.header, IFLA_IFNAME, name);
    int error = rtnetlink_change(here, request.header);
    return error == 0 || error == ENODEV ||
           refused(ret_trouble, error, here, name, "cannot be removed");
}

/* What follows in the request is the kind's own, until it is made. */
static void put_kind(struct request *request, const char *name, const char *kind)
{
    mnl_attr_put_strz(request->header, IFLA_IFNAME, name);
    request->about = mnl_attr_nest_start(request->header, IFLA_LINKINFO);
    mnl_attr_put_strz(request->header, IFLA_INFO_KIND, kind);
}

static bool make(struct rtnetlink *here, struct request *request, const char *name,
                 const char *kind, struct trouble *ret_trouble)
{
    mnl_attr_nest_end(request->header, request->about);
    int error = rtnetlink_change(here, request->header);
    if (error == EOPNOTSUPP)
        return trouble_is(ret_trouble, error,
                          "this kernel makes no devices of the kind \"%s\" (%s%s)", kind, name,
                          here->place);
    return error == 0 || refused(ret_trouble, error, here, name, "cannot be made");
}

/* -- pairs -- */

static bool is_pair(const struct rtnetlink_device *device, struct rtnetlink *there,
                    const char *peer)
{
    struct rtnetlink_device other;
    return rtnetlink_device(there, peer, &other) == 0 && strcmp(other.kind, "veth") == 0 &&
           other.index == device->lower && other.lower == device->index;
}

static bool make_pair(struct rtnetlink *here, const char *name, struct rtnetlink *there,
                      const char *peer, struct trouble *ret_trouble)
{
    struct request request;
    begin(&request, RTM_NEWLINK, NEW);
    put_kind(&request, name, "veth");
    struct nlattr *own = mnl_attr_nest_start(request.header, IFLA_INFO_DATA);
    struct nlattr *other = mnl_attr_nest_start(request.header, VETH_INFO_PEER);
    mnl_nlmsg_put_extra_header(request.header, sizeof *request.link);
    mnl_attr_put_strz(request.header, IFLA_IFNAME, peer);
    mnl_attr_put_u32(request.header, IFLA_NET_NS_FD, (uint32_t)there->space_fd);
    mnl_attr_nest_end(request.header, other);
    mnl_attr_nest_end(request.header, own);
    return make(here, &request, name, "veth", ret_trouble);
}

bool device_veth(struct rtnetlink *here, const char *name, struct rtnetlink *there,
                 const char *peer, struct trouble *ret_trouble)
{
    struct rtnetlink_device device;
    enum found found = look(here, name, "veth", &device, ret_trouble);
    if (found == FOUND_TROUBLE || !name_fits(peer, ret_trouble))
        return false;
    if (found != FOUND_NONE) {
        if (is_pair(&device, there, peer))
            return true;
        if (!device_remove(here, name, ret_trouble)) /* its other end is elsewhere */
            return false;
    }
    return make_pair(here, name, there, peer, ret_trouble);
}

/* A device that knows no neighbors sends to its own hardware address, so both ends have one. */
static bool without_neighbors(struct rtnetlink *here, const char *name, struct trouble *ret_trouble)
{
    static const uint8_t address[6] = {0x02, 's', 'e', 'k', 'i', 1}; /* locally administered */
    struct rtnetlink_device device;
    struct request request;
    if (!device_find(here, name, &device, ret_trouble))
        return false;
    if (device.alone) /* with its address: both come in one request */
        return true;
    begin(&request, RTM_SETLINK, 0);
    request.link->ifi_index = (int)device.index;
    request.link->ifi_change = IFF_NOARP;
    request.link->ifi_flags = IFF_NOARP;
    mnl_attr_put(request.header, IFLA_ADDRESS, sizeof address, address);
    int error = rtnetlink_change(here, request.header);
    return error == 0 || refused(ret_trouble, error, here, name, "cannot be a line");
}

bool device_line(struct rtnetlink *here, const char *name, struct rtnetlink *there,
                 const char *peer, struct trouble *ret_trouble)
{
    return device_veth(here, name, there, peer, ret_trouble) &&
           without_neighbors(here, name, ret_trouble) &&
           without_neighbors(there, peer, ret_trouble) &&
           device_up(here, name, true, ret_trouble) && device_up(there, peer, true, ret_trouble);
}

/* -- devices that stand alone -- */

struct tun_wanted {
    const char *name;
    int error;
};

static void make_tun(void *context)
{
    struct tun_wanted *wanted = context;
    struct ifreq request = {.ifr_flags = IFF_TUN | IFF_NO_PI};
    int fd = open("/dev/net/tun", O_RDWR | O_CLOEXEC);
    memcpy(request.ifr_name, wanted->name, strlen(wanted->name));
    if (fd < 0 || ioctl(fd, TUNSETIFF, &request) || ioctl(fd, TUNSETPERSIST, 1))
        wanted->error = errno;
    if (fd >= 0)
        close(fd);
}

bool device_tun(struct rtnetlink *here, const char *name, struct trouble *ret_trouble)
{
    struct rtnetlink_device device;
    struct tun_wanted wanted = {name, 0};
    enum found found = look(here, name, "tun", &device, ret_trouble);
    if (found != FOUND_NONE)
        return found == FOUND_OTHERWISE;
    if (!space_within_fd(here->space_fd, make_tun, &wanted, ret_trouble))
        return false;
    return wanted.error == 0 ||
           refused(ret_trouble, wanted.error, here, name, "cannot be made through /dev/net/tun");
}

bool device_dummy(struct rtnetlink *here, const char *name, struct trouble *ret_trouble)
{
    struct rtnetlink_device device;
    struct request request;
    enum found found = look(here, name, "dummy", &device, ret_trouble);
    if (found != FOUND_NONE)
        return found == FOUND_OTHERWISE;
    begin(&request, RTM_NEWLINK, NEW);
    put_kind(&request, name, "dummy");
    return make(here, &request, name, "dummy", ret_trouble);
}

/* -- VRFs -- */

bool device_vrf(struct rtnetlink *here, const char *name, uint32_t table,
                struct trouble *ret_trouble)
{
    struct rtnetlink_device device;
    struct request request;
    enum found found = look(here, name, "vrf", &device, ret_trouble);
    if (found != FOUND_NONE)
        return found == FOUND_OTHERWISE;
    begin(&request, RTM_NEWLINK, NEW);
    put_kind(&request, name, "vrf");
    struct nlattr *own = mnl_attr_nest_start(request.header, IFLA_INFO_DATA);
    mnl_attr_put_u32(request.header, IFLA_VRF_TABLE, table);
    mnl_attr_nest_end(request.header, own);
    return make(here, &request, name, "vrf", ret_trouble);
}

bool device_into(struct rtnetlink *here, const char *name, const char *vrf,
                 struct trouble *ret_trouble)
{
    struct rtnetlink_device device, master;
    struct request request;
    if (!device_find(here, name, &device, ret_trouble) ||
        !device_find(here, vrf, &master, ret_trouble))
        return false;
    begin(&request, RTM_SETLINK, 0);
    request.link->ifi_index = (int)device.index;
    mnl_attr_put_u32(request.header, IFLA_MASTER, master.index);
    int error = rtnetlink_change(here, request.header);
    return error == 0 || refused(ret_trouble, error, here, name, "cannot be put into a VRF");
}

/* -- devices over another, which stays where it is -- */

struct over {
    const char *kind; /* "xfrm", "vlan" */
    uint32_t lower;
    uint32_t number; /* if_id, or 802.1Q number */
};

static bool is_over(const struct rtnetlink_device *device, const struct over *over)
{
    uint32_t number = strcmp(over->kind, "vlan") == 0 ? device->vlan : device->if_id;
    return device->lower == over->lower && number == over->number;
}

static bool make_over(struct rtnetlink *outer, const char *name, const struct over *over,
                      struct trouble *ret_trouble)
{
    struct request request;
    begin(&request, RTM_NEWLINK, NEW);
    mnl_attr_put_u32(request.header, IFLA_LINK, over->lower);
    put_kind(&request, name, over->kind);
    struct nlattr *own = mnl_attr_nest_start(request.header, IFLA_INFO_DATA);
    if (strcmp(over->kind, "vlan") == 0) {
        mnl_attr_put_u16(request.header, IFLA_VLAN_ID, (uint16_t)over->number);
    } else {
        mnl_attr_put_u32(request.header, IFLA_XFRM_LINK, over->lower);
        mnl_attr_put_u32(request.header, IFLA_XFRM_IF_ID, over->number);
    }
    mnl_attr_nest_end(request.header, own);
    return make(outer, &request, name, over->kind, ret_trouble);
}

/* It is made under a name that nobody else uses, as the one that it shall have may be taken where
 * it is made; whoever was killed between making and moving left one of that name. */
static bool make_and_move(struct rtnetlink *here, const char *name, struct rtnetlink *outer,
                          const struct over *over, struct trouble *ret_trouble)
{
    char at_first[NAME_DEVICE_BYTES];
    if (same_space(here, outer))
        return make_over(outer, name, over, ret_trouble);
    snprintf(at_first, sizeof at_first, "sk-%.1s%08x", over->kind, over->number);
    return device_remove(outer, at_first, ret_trouble) &&
           make_over(outer, at_first, over, ret_trouble) &&
           device_move(outer, at_first, here, name, ret_trouble);
}

static bool shall_be_over(struct rtnetlink *here, const char *name, struct rtnetlink *outer,
                          const char *lower, struct over over, struct trouble *ret_trouble)
{
    struct rtnetlink_device below, device;
    if (!device_find(outer, lower, &below, ret_trouble))
        return false;
    over.lower = below.index;
    enum found found = look(here, name, over.kind, &device, ret_trouble);
    if (found == FOUND_TROUBLE)
        return false;
    if (found != FOUND_NONE) {
        if (is_over(&device, &over))
            return true;
        if (!device_remove(here, name, ret_trouble))
            return false;
    }
    return make_and_move(here, name, outer, &over, ret_trouble);
}

bool device_xfrm(struct rtnetlink *here, const char *name, struct rtnetlink *outer,
                 const char *lower, uint32_t if_id, struct trouble *ret_trouble)
{
    struct over over = {"xfrm", 0, if_id};
    return shall_be_over(here, name, outer, lower, over, ret_trouble);
}

bool device_vlan(struct rtnetlink *here, const char *name, struct rtnetlink *outer,
                 const char *lower, uint16_t vlan, struct trouble *ret_trouble)
{
    struct over over = {"vlan", 0, vlan};
    if (vlan == 0 || vlan > 4094)
        return trouble_is(ret_trouble, EINVAL, "%u is no 802.1Q number: 1 to 4094", vlan);
    return shall_be_over(here, name, outer, lower, over, ret_trouble);
}

/* -- where it is, and how -- */

bool device_move(struct rtnetlink *here, const char *name, struct rtnetlink *there,
                 const char *new_name, struct trouble *ret_trouble)
{
    struct rtnetlink_device device;
    struct request request;
    if (!name_fits(new_name, ret_trouble))
        return false;
    if (rtnetlink_device(there, new_name, &device) == 0)
        return true;
    if (!device_find(here, name, &device, ret_trouble))
        return false;
    begin(&request, RTM_SETLINK, 0);
    request.link->ifi_index = (int)device.index;
    mnl_attr_put_u32(request.header, IFLA_NET_NS_FD, (uint32_t)there->space_fd);
    mnl_attr_put_strz(request.header, IFLA_IFNAME, new_name);
    int error = rtnetlink_change(here, request.header);
    return error == 0 || trouble_is(ret_trouble, error, "the device %s%s cannot become %s%s", name,
                                    here->place, new_name, there->place);
}

bool device_up(struct rtnetlink *here, const char *name, bool up, struct trouble *ret_trouble)
{
    struct rtnetlink_device device;
    struct request request;
    if (!device_find(here, name, &device, ret_trouble))
        return false;
    if (device.up == up)
        return true;
    begin(&request, RTM_SETLINK, 0);
    request.link->ifi_index = (int)device.index;
    request.link->ifi_change = IFF_UP;
    request.link->ifi_flags = up ? IFF_UP : 0;
    int error = rtnetlink_change(here, request.header);
    return error == 0 ||
           refused(ret_trouble, error, here, name, up ? "cannot be set up" : "cannot be set down");
}

bool device_mtu(struct rtnetlink *here, const char *name, uint16_t mtu, struct trouble *ret_trouble)
{
    struct rtnetlink_device device;
    struct request request;
    if (!device_find(here, name, &device, ret_trouble))
        return false;
    if (device.mtu == mtu)
        return true;
    begin(&request, RTM_SETLINK, 0);
    request.link->ifi_index = (int)device.index;
    mnl_attr_put_u32(request.header, IFLA_MTU, mtu);
    int error = rtnetlink_change(here, request.header);
    return error == 0 || trouble_is(ret_trouble, error, "the device %s%s cannot have an MTU of %u",
                                    name, here->place, mtu);
}

bool device_alias(struct rtnetlink *here, const char *name, const char *alias,
                  struct trouble *ret_trouble)
{
    struct rtnetlink_device device;
    struct request request;
    if (!device_find(here, name, &device, ret_trouble))
        return false;
    if (strcmp(device.alias, alias) == 0)
        return true;
    begin(&request, RTM_SETLINK, 0);
    request.link->ifi_index = (int)device.index;
    mnl_attr_put(request.header, IFLA_IFALIAS, strlen(alias), alias);
    int error = rtnetlink_change(here, request.header);
    return error == 0 || refused(ret_trouble, error, here, name, "cannot have an alias");
}
