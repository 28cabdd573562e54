/* Values as JSON, the same everywhere: prefixes and addresses are strings, times are seconds with
 * the microseconds that they have. */
#pragma once

#include "net/ip.h"

#include <jansson.h>
#include <stdio.h>

json_t *json_seconds(int64_t us);
json_t *json_prefix(struct prefix prefix);
json_t *json_address(ip_addr addr);
/* A number; as digits where it is one that JSON's readers do not hold, beyond 2^63 - 1. */
json_t *json_seed(uint64_t seed);
/* null for NULL. What is no UTF-8, as a file's name may be, has "?" for each such byte. */
json_t *json_text(const char *text);

/* Adds a new reference's value under the key; asserts that there was memory. */
void json_put(json_t *object, const char *key, json_t *value);
void json_push(json_t *array, json_t *value);

/* Writes the document, indented by two, with a newline behind it, and gives up the reference.
 * false: out could not take it. */
bool json_write_take(json_t *document, FILE *out) __attribute__((warn_unused_result));
