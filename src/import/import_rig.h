/* Exports as texts: files in, the network file and the remarks out. JSON is written with ' for ",
 * which spares the reader the backslashes. */
#pragma once

#include "import/import.h"
#include "tests/harness.h"

#include <stdlib.h>

static struct import *rig_import;
static bool rig_done_well;

static inline void rig_close(void)
{
    import_free(rig_import);
    rig_import = NULL;
}

static inline void rig_add(const char *name, const char *json)
{
    size_t size = strlen(json);
    char *text = malloc(size + 1);
    CHECK(text != NULL);
    for (size_t i = 0; i <= size; i++)
        text[i] = json[i] == '\'' ? '"' : json[i];
    import_take(rig_import, name, (struct slice){(const uint8_t *)text, size});
    free(text);
}

static inline void rig_open(void)
{
    rig_close();
    rig_import = import_create();
}

static inline void rig_finish(void)
{
    rig_done_well = import_finish(rig_import);
}

/* One file with everything in it. */
static inline void rig_of(const char *json)
{
    rig_open();
    rig_add("export.json", json);
    rig_finish();
}

static inline const char *rig_text(void)
{
    size_t size;
    const char *text = import_file_text(rig_import, &size);
    return rig_done_well && text ? text : "";
}

static inline bool rig_has(const char *part)
{
    return strstr(rig_text(), part) != NULL;
}

static inline size_t rig_count(enum import_subject subject)
{
    return import_remarks(rig_import)->counts[subject];
}

/* The remark of the subject that says the part; NULL: none does. */
static inline const struct import_remark *rig_remark(enum import_subject subject, const char *part)
{
    const struct import_remarks *remarks = import_remarks(rig_import);
    for (size_t i = 0; i < remarks->count; i++) {
        const struct import_remark *remark = &remarks->items[i];
        if (remark->subject == subject && strstr(remark->text, part))
            return remark;
    }
    return NULL;
}

static inline void rig_show(void)
{
    const struct import_remarks *remarks = import_remarks(rig_import);
    for (size_t i = 0; i < remarks->count; i++)
        printf("# %s: %s:%u: %s\n", import_subject_name(remarks->items[i].subject),
               remarks->items[i].file ? remarks->items[i].file : "-", remarks->items[i].line,
               remarks->items[i].text);
    printf("# %s\n", rig_text());
}

/* --- an export in pieces: a VPC, its gateway, and what hangs on it --- */

#define RIG_VPC                                                                                    \
    "'Vpcs': [{'VpcId': 'vpc-1', 'CidrBlock': '10.10.0.0/16'}],"                                   \
    "'Subnets': [{'SubnetId': 'subnet-1', 'VpcId': 'vpc-1', 'CidrBlock': '10.10.1.0/24'}]"
#define RIG_GATEWAY                                                                                \
    "'VpnGateways': [{'VpnGatewayId': 'vgw-1', 'AmazonSideAsn': 64512, 'State': 'available',"      \
    " 'VpcAttachments': [{'VpcId': 'vpc-1', 'State': 'attached'}]}]"
#define RIG_ROUTE(prefix)                                                                          \
    "{'DestinationCidrBlock': '" prefix "', 'GatewayId': 'vgw-1', 'State': 'active',"              \
    " 'Origin': 'EnableVgwRoutePropagation'}"
#define RIG_TABLE(routes)                                                                          \
    "'RouteTables': [{'RouteTableId': 'rtb-1', 'VpcId': 'vpc-1', 'Associations': [{'Main': "       \
    "true}],"                                                                                      \
    " 'PropagatingVgws': [{'GatewayId': 'vgw-1'}], 'Routes': [" routes "]}]"
#define RIG_CUSTOMER(number, asn, address)                                                         \
    "{'CustomerGatewayId': 'cgw-" number "', 'BgpAsn': '" asn "', 'IpAddress': '" address          \
    "', 'State': 'available', 'Type': 'ipsec.1'}"
/* outside 203.0.113.NUMBER, inside 169.254.10.BASE and the next; accepted: a number */
#define RIG_CONNECTION(number, base, accepted)                                                     \
    "{'VpnConnectionId': 'vpn-" number "', 'CustomerGatewayId': 'cgw-" number                      \
    "', 'VpnGatewayId': 'vgw-1', 'State': 'available', 'Options': {'StaticRoutesOnly': false,"     \
    " 'TunnelOptions': [{'OutsideIpAddress': '203.0.113." number                                   \
    "', 'TunnelInsideCidr': '169.254.10." base "/30'}]}, 'VgwTelemetry': [{'OutsideIpAddress':"    \
    " '203.0.113." number "', 'Status': 'UP', 'AcceptedRouteCount': " accepted "}]}"
