/* From the JSON of an answer to AWS's nouns, one function a kind of thing. Each takes one element
 * of the answer's list, an object. */
#pragma once

#include "import/aws.h"

/* All that the document says, whatever its keys are. */
void read_document(struct aws *aws, struct document *document, size_t folder);

/* Where a value lies in an answer, and what is done with it. */
struct read_noun {
    enum aws_kind kind;
    const char *id_key;
    void (*read)(struct aws *aws, const struct item *item, void *thing); /* NULL: only counted */
};

void read_vpc(struct aws *aws, const struct item *item, void *thing);
void read_subnet(struct aws *aws, const struct item *item, void *thing);
void read_route_table(struct aws *aws, const struct item *item, void *thing);
void read_internet_gateway(struct aws *aws, const struct item *item, void *thing);
void read_nat_gateway(struct aws *aws, const struct item *item, void *thing);
void read_peering(struct aws *aws, const struct item *item, void *thing);

void read_vpn_gateway(struct aws *aws, const struct item *item, void *thing);
void read_customer_gateway(struct aws *aws, const struct item *item, void *thing);
void read_connection(struct aws *aws, const struct item *item, void *thing);

void read_virtual_interface(struct aws *aws, const struct item *item, void *thing);
void read_dx_association(struct aws *aws, const struct item *item, void *thing);

void read_instance(struct aws *aws, const struct item *item, void *thing);
void read_interface(struct aws *aws, const struct item *item, void *thing);
void read_address(struct aws *aws, const struct item *item, void *thing);

void read_security_group(struct aws *aws, const struct item *item, void *thing);
void read_network_acl(struct aws *aws, const struct item *item, void *thing);
void read_prefix_list(struct aws *aws, const struct item *item, void *thing);
