/* The reference of the network file, written from the tables: docs/reference/network.md and the
 * list of keys in man/sekisho-network.5. `reference_test --write` writes them anew; the test
 * itself fails when they are not what the tables say. */
#pragma once

#include <stdio.h>

void reference_markdown(FILE *out);
void reference_mdoc(FILE *out); /* the part between the marks */

#define REFERENCE_MARKDOWN   "docs/reference/network.md"
#define REFERENCE_MAN        "man/sekisho-network.5"
#define REFERENCE_MDOC_BEGIN ".\\\" The keys, written by reference_test --write.\n"
#define REFERENCE_MDOC_END   ".\\\" Here the written keys end.\n"
