/* What parses must print as it was written: of IPv4 the accepted texts and the printed ones are the
 * same set, so two spellings of one prefix cannot exist. What IPv6's text is printed as must be
 * read as the same. */
#include "net/ip.h"

#include <assert.h>
#include <stddef.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_printed(const char *printed, size_t printed_size, const char *written,
                          size_t written_size)
{
    assert(printed_size == written_size && memcmp(printed, written, written_size) == 0);
}

static void check_addr(const char *written, size_t size)
{
    ip_addr addr = 77;
    if (!ip_parse(written, size, &addr)) {
        assert(addr == 77);
        return;
    }
    char buffer[IP_TEXT_BYTES];
    struct text text = text_over(buffer, sizeof buffer);
    text_ip(&text, addr);
    assert(!text.cut);
    ip_addr again = 0;
    assert(ip_parse(buffer, text.size, &again) && again == addr);
    if (!ip_is_six(addr))
        check_printed(buffer, text.size, written, size);
}

static void check_prefix(const char *written, size_t size)
{
    struct prefix prefix = {77, 77};
    enum prefix_error error = prefix_parse(written, size, &prefix);
    if (error == PREFIX_SYNTAX) {
        assert(prefix.addr == 77 && prefix.len == 77);
        return;
    }
    assert(prefix.len <= ip_bits(prefix.six));
    assert((prefix.addr & ~ip_mask(prefix.six, prefix.len)) == 0);
    char buffer[PREFIX_TEXT_BYTES];
    struct text text = text_over(buffer, sizeof buffer);
    text_prefix(&text, prefix);
    assert(!text.cut);
    if (error == PREFIX_OK && !prefix.six)
        check_printed(buffer, text.size, written, size);
    struct prefix again;
    assert(prefix_parse(buffer, text.size, &again) == PREFIX_OK && prefix_equal(again, prefix));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    check_addr((const char *)data, size);
    check_prefix((const char *)data, size);
    return 0;
}
