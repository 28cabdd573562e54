/* The one table of what a network file may say.
 *
 * A schema describes a struct of network.h: for each key its type, where its value lies, whether it
 * must be there, what it is when it is not, and one sentence. The reader (read.c), the resolver,
 * the writer (format.c), copying, comparing, freeing (walk.c), the unknown-key errors and the
 * reference pages (reference.c) all walk these tables, so a key is added in one line and cannot be
 * forgotten anywhere. What concerns two values at once is checked beside the noun's table (vpc.c,
 * ...).
 *
 * A struct with a schema begins with its place, unless the schema is inlined into its parent. */
#pragma once

#include "network/network.h"

enum field_type {
    FIELD_ID,        /* char *: a new name */
    FIELD_TEXT,      /* char *: letters, digits and . _ - / @ : = */
    FIELD_PATH,      /* char *: of a file, from the root on */
    FIELD_DEVICE,    /* char *: a network device of the machine */
    FIELD_SECRET,    /* char *: a pre-shared key */
    FIELD_DEFINE,    /* struct network_ref: a new name of a thing that has no struct */
    FIELD_REF,       /* struct network_ref: a name defined elsewhere, or what kinds allows */
    FIELD_BOOL,      /* bool */
    FIELD_CHOICE,    /* an enum, by its names */
    FIELD_NUMBER,    /* int64_t in min..max */
    FIELD_ASN,       /* uint32_t, an AS of one's own: not 0, not 23456 */
    FIELD_PATH_ASN,  /* uint32_t, an AS in a path */
    FIELD_COMMUNITY, /* uint32_t, written 7224:7100 */
    FIELD_DURATION,  /* int64_t, microseconds, at least min, at most max unless 0 */
    FIELD_PROTOCOL,  /* int64_t, of IP, by name or number; -1: all */
    FIELD_PORTS,     /* struct network_ports, written 443 or 1024-65535 */
    FIELD_ADDRESS,   /* ip_addr of a host, IPv4's; what six allows besides */
    FIELD_PREFIX,    /* struct prefix, the same */
    FIELD_STRUCT,    /* embedded, of the schema `of` */
    FIELD_INLINE,    /* of the schema `of`, whose offsets count from this struct itself */
    FIELD_OPTIONAL,  /* pointer to a struct of the schema `of`, NULL when left out */
};

struct choice {
    const char *text;
    int value;
};

extern const struct choice guard_choices[];

enum field_six { FIELD_FOUR, FIELD_EITHER, FIELD_SIX }; /* families that may stand there */

struct field {
    const char *key;
    enum field_type type;
    uint16_t offset;
    uint16_t count_offset; /* of a list's count; the member itself is then a pointer */
    bool list;
    bool required;
    uint8_t tag;        /* not 0: one of alternatives, exactly one of which must be there */
    uint32_t only;      /* not 0: allowed beside these tags only; bit 1 << tag */
    enum field_six six; /* FIELD_ADDRESS, FIELD_PREFIX */
    uint32_t kinds;     /* FIELD_REF: bit 1 << enum network_kind */
    const struct choice *choices; /* ends with text NULL */
    const struct schema *of;
    int64_t min, max;
    uint32_t least, most; /* of a list's items; most 0: no limit */
    const char *initial;  /* the value when left out, canonically written; NULL: open */
    const char *open;     /* what that means, where it is not plain */
    const char *sentence; /* for the reference pages */
};

struct checking; /* network/check.h */

struct schema {
    const char *noun;       /* "a VPN connection" */
    const char *title;      /* of its chapter in the reference; NULL: told with its parent */
    const char *text;       /* the chapter's first paragraph; may be NULL */
    size_t size;            /* of the struct, bytes */
    enum network_kind kind; /* what its id names */
    bool inlined;           /* has no place of its own */
    const char *shorthand;  /* the one key that a bare scalar gives; NULL: none */
    bool tagged;            /* has alternatives; which one was taken lies at tag_offset, an enum */
    uint16_t tag_offset;
    uint32_t least_members; /* keys that must be written, or it says nothing */
    const struct field *fields;
    size_t field_count;
    void (*check)(struct checking *checking, const void *object); /* of one struct alone; or NULL */
};

extern const struct schema schema_network, schema_vpc, schema_route_table, schema_vpc_route,
    schema_subnet, schema_instance, schema_peering, schema_vpn_gateway, schema_gateway_limits,
    schema_customer_gateway, schema_connection, schema_tunnel, schema_inside, schema_vpn_session,
    schema_dx_session, schema_router_timers, schema_bfd, schema_dpd, schema_limits,
    schema_direct_connect, schema_dx_inside, schema_session_six, schema_router, schema_bgp,
    schema_underlay, schema_latency, schema_route, schema_announcement, schema_rule,
    schema_accepted, schema_import_edit, schema_export_edit, schema_neighbor,
    schema_neighbor_limits, schema_router_rule, schema_step, schema_recorded, schema_wanted,
    schema_security_group, schema_network_acl, schema_prefix_list, schema_ipsec_options,
    schema_certificate;

/* The members of a table row that depend on the struct. */
#define AT(type, member) .offset = offsetof(struct type, member)
#define LIST(type, member, count)                                                                  \
    .list = true, .offset = offsetof(struct type, member),                                         \
    .count_offset = offsetof(struct type, count)
#define FIELDS(table) .fields = (table), .field_count = sizeof(table) / sizeof *(table)
#define KIND(name)    (1u << NETWORK_##name)

/* The field of that key that may stand beside the tag; NULL: there is none. */
const struct field *schema_field(const struct schema *schema, const char *key, int tag);
/* Bytes of one item of the field (of a list: of one element). */
size_t schema_item_size(const struct field *field);

/* Members of objects whose type only the table knows. */
void *schema_member(void *object, const struct field *field);
const void *schema_member_const(const void *object, const struct field *field);
/* A list's or an optional struct's first item (NULL: left out) and how many there are. */
void *schema_items(const void *object, const struct field *field, size_t *ret_count);
void schema_items_set(void *object, const struct field *field, void *items, size_t count);
int schema_tag(const struct schema *schema, const void *object); /* 0: none */

/* Gives every member its initial value; the object is zeroed. */
void schema_initialize(const struct schema *schema, void *object);
