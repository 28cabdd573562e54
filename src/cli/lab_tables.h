/* The tables of a lab, in the form of `simulate --json`: what its kernels hold, and what its
 * gateways decided. */
#pragma once

#include "cli/lab_session.h"

/* {"rtb-app": {...}, "vgw-main": {...}, "vyatta": {...}} */
json_t *lab_tables_json(const struct lab_session *session);
