#include "import/item.h"

#include "import/remark.h"
#include "tests/harness.h"

static struct import_remarks remarks;
static struct document document;
static struct item root;

static void open_text(const char *text)
{
    document_done(&document);
    remarks_done(&remarks);
    CHECK(document_read(&document, "a.json", (struct slice){(const uint8_t *)text, strlen(text)},
                        &remarks));
    root = item_root(&document);
}

static void said(const char *text)
{
    CHECK_EQUAL((int64_t)remarks.count, 1);
    CHECK_TEXT(remarks.count ? remarks.items[0].text : "", text);
    remarks_done(&remarks);
}

static void values_have_types(void)
{
    struct prefix prefix = {0};
    struct item item;
    open_text("{\"t\": \"text\", \"n\": 7, \"s\": \"65000\", \"b\": true, \"a\": \"198.51.100.10\","
              " \"w\": \"192.0.2.1/30\", \"p\": \"10.0.0.0/16\", \"i\": \"vpc-0a1b\", \"l\": [{}],"
              " \"null\": null}");
    CHECK_TEXT(item_text(&root, "t"), "text");
    CHECK_EQUAL(item_number(&root, "n", 10), 7);
    CHECK_EQUAL(item_number(&root, "s", UINT32_MAX), 65000);
    CHECK_EQUAL(item_bool(&root, "b"), ITEM_YES);
    CHECK_EQUAL(item_address(&root, "a"), 0xc633640a);
    CHECK_EQUAL(item_address_in(&root, "w"), 0xc0000201);
    CHECK(item_prefix(&root, "p", &prefix) && prefix.len == 16);
    CHECK_TEXT(item_id(&root, "i"), "vpc-0a1b");
    CHECK(item_list(&root, "l", &item) && item_count(&item) == 1);
    CHECK(!item_get(&root, "null", &item));
    CHECK(!item_text(&root, "absent"));
    CHECK_EQUAL(item_number(&root, "absent", 1), -1);
    CHECK_EQUAL(item_bool(&root, "absent"), ITEM_UNSAID);
    CHECK_EQUAL(item_address(&root, "absent"), 0);
    CHECK_EQUAL((int64_t)remarks.count, 0);
}

static void both_families_spell_their_keys(void)
{
    open_text("{\"vlanId\": 1, \"VpcId\": \"vpc-1\"}");
    CHECK_EQUAL(item_number(&root, "VlanId", 10), 1);
    CHECK_TEXT(item_text(&root, "vpcId"), "vpc-1");
}

static void another_type_is_told(void)
{
    static const char *const words[] = {"UP", "DOWN", NULL};
    struct prefix prefix;
    struct item item;
    open_text("{\"t\": [1],\n\"n\": \"-7\", \"r\": 1.5, \"b\": \"yes\", \"a\": \"198.51.100\",\n"
              "\"p\": \"10.0.0.1/16\", \"i\": \"9 lives\", \"l\": {}, \"w\": \"SIDEWAYS\","
              " \"o\": 3}");
    CHECK(!item_text(&root, "t"));
    said("t is a list; expected a text");
    CHECK_EQUAL(item_number(&root, "n", 10), -1);
    said("n is \"-7\"; expected a number from 0 to 10");
    CHECK_EQUAL(item_number(&root, "r", 10), -1);
    said("r is a number with a fraction; expected a number from 0 to 10");
    CHECK_EQUAL(item_bool(&root, "b"), ITEM_UNSAID);
    said("b is \"yes\"; expected true or false");
    CHECK_EQUAL(item_address(&root, "a"), 0);
    said("a is \"198.51.100\"; expected an IPv4 address such as 198.51.100.10");
    CHECK(!item_prefix(&root, "p", &prefix));
    CHECK_EQUAL(remarks.items[0].line, 3);
    said("p is \"10.0.0.1/16\"; expected a prefix such as 10.0.0.0/16, without host bits");
    CHECK(!item_id(&root, "i"));
    said("i is \"9 lives\"; expected an id such as vpc-0a1b2c3d");
    CHECK(!item_list(&root, "l", &item));
    said("l is an object; expected a list");
    CHECK_EQUAL(item_word(&root, "w", words, 1), 1);
    said("w is \"SIDEWAYS\"; expected UP or DOWN");
    CHECK(!item_object(&root, "o", &item));
    said("o is 3; expected an object");
}

/* A network file has none of it yet; what it does not have is not taken for something else. */
static void other_families_and_no_hosts_are_refused(void)
{
    static const char *const texts[] = {"2001:db8::1", "127.0.0.1", "0.1.2.3", "224.0.0.5", ""};
    struct prefix prefix = {.len = 77};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        char text[64];
        snprintf(text, sizeof text, "{\"a\": \"%s\"}", texts[i]);
        open_text(text);
        CHECK_EQUAL(item_address(&root, "a") == 0, true);
        CHECK_EQUAL((int64_t)remarks.count, *texts[i] != 0);
    }
    open_text("{\"p\": \"2001:db8::/32\"}");
    CHECK(!item_prefix(&root, "p", &prefix) && prefix.len == 77);
    CHECK_EQUAL((int64_t)remarks.count, 1);
}

static void elements_of_lists_are_objects(void)
{
    struct item list, element;
    open_text("{\"l\": [{},\n\"x\"]}");
    CHECK(item_list(&root, "l", &list));
    CHECK(item_at(&list, 0, &element));
    CHECK(!item_at(&list, 1, &element));
    CHECK_EQUAL(remarks.items[0].line, 2);
    said("an element of l is \"x\"; expected an object");
}

static void names_are_those_of_a_network_file(void)
{
    CHECK(item_is_name("vpc-0a1b2c3d") && item_is_name("a.b_c-9"));
    CHECK(!item_is_name("") && !item_is_name("9a") && !item_is_name("a b"));
    CHECK(!item_is_name("blackhole") && !item_is_name("local") && !item_is_name("null"));
    char longest[66];
    memset(longest, 'a', sizeof longest);
    longest[64] = 0;
    CHECK(item_is_name(longest));
    longest[64] = 'a';
    longest[65] = 0;
    CHECK(!item_is_name(longest));
}

int main(void)
{
    TEST(values_have_types);
    TEST(both_families_spell_their_keys);
    TEST(another_type_is_told);
    TEST(other_families_and_no_hosts_are_refused);
    TEST(elements_of_lists_are_objects);
    TEST(names_are_those_of_a_network_file);
    document_done(&document);
    remarks_done(&remarks);
    return harness_done();
}
