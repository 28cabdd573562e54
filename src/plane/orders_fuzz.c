/* Any bytes as an order and as a report: what is taken is as it claims. */
#include "plane/orders.h"

#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct order order;
    static struct report report;
    if (order_decode(data, size, &order)) {
        assert(order_size(order.kind) == size);
        if (order.kind == ORDER_WANT)
            assert(strlen(order.want.tunnel.name) < PLANE_NAME_BYTES);
    }
    if (report_decode(data, size, &report))
        assert(report_size(report.kind) == size);
    return 0;
}
