#include "run/request.h"

#include "tests/harness.h"

static struct request request;

static const char *read_line(const char *text)
{
    const char *wrong = request_read((struct slice){(const uint8_t *)text, strlen(text)}, &request);
    return wrong ? wrong : "fine";
}

static void questions_are_understood(void)
{
    CHECK_TEXT(read_line("{\"ask\": \"status\"}"), "fine");
    CHECK_EQUAL(request.ask, ASK_STATUS);
    CHECK_TEXT(read_line("{\"ask\": \"routes\", \"within\": \"10.0.0.0/8\", \"after\": 7}"),
               "fine");
    CHECK(request.has_prefix && request.prefix.len == 8);
    CHECK_EQUAL(request.after, 7);
    CHECK_EQUAL(request.limit, REQUEST_ROWS);
    CHECK_TEXT(read_line("{\"ask\": \"paths\", \"prefix\": \"2001:db8::/32\"}"), "fine");
    CHECK(request.prefix.six);
    CHECK_TEXT(read_line("{\"limit\": 3, \"follow\": true, \"ask\": \"events\"}"), "fine");
    CHECK(request.follow);
    CHECK_EQUAL(request.limit, 3);
    CHECK_TEXT(read_line("{\"tunnel\": \"a/1\", \"outside\": true, \"ask\": \"replace-tunnel\"}"),
               "fine");
    CHECK(request.outside);
    CHECK_TEXT(request.tunnel, "a/1");
}

static void mistakes_are_named_and_change_nothing(void)
{
    request = (struct request){.limit = 42};
    CHECK_TEXT(read_line(""), "a request is one JSON object on a line");
    CHECK_TEXT(read_line("[]"), "a request is one JSON object on a line");
    CHECK_TEXT(read_line("{\"ask\": 1}"),
               "\"ask\" is one of status, neighbors, routes, paths, limits, events, journal, "
               "tunnels, telemetry, attachments, fib, replace-tunnel");
    CHECK_TEXT(read_line("{\"ask\": \"replace-tunnel\"}"), "\"tunnel\" is missing");
    CHECK_TEXT(read_line("{\"ask\": \"replace-tunnel\", \"tunnel\": 1}"),
               "\"tunnel\" is the name of one, such as \"vpn-a/1\"");
    CHECK_TEXT(read_line("{\"ask\": \"replace-tunnel\", \"tunnel\": \"a/1\", \"outside\": 1}"),
               "\"outside\" is true or false");
    CHECK_TEXT(read_line("{\"ask\": \"tunnels\", \"tunnel\": \"a/1\"}"),
               "a member is not known for this question");
    CHECK_TEXT(read_line("{\"ask\": \"paths\"}"), "\"prefix\" is missing");
    CHECK_TEXT(read_line("{\"ask\": \"paths\", \"prefix\": \"10.0.0.1/8\"}"),
               "expected a prefix such as \"10.0.0.0/8\"");
    CHECK_TEXT(read_line("{\"ask\": \"status\", \"limit\": 1}"),
               "a member is not known for this question");
    CHECK_TEXT(read_line("{\"ask\": \"routes\", \"limit\": 0}"),
               "a number is missing or out of its range");
    CHECK_TEXT(read_line("{\"ask\": \"routes\", \"limit\": 1001}"),
               "a number is missing or out of its range");
    CHECK_TEXT(read_line("{\"ask\": \"routes\", \"follow\": true}"),
               "a member is not known for this question");
    CHECK_TEXT(read_line("{\"ask\": \"events\", \"follow\": 1}"), "\"follow\" is true or false");
    CHECK_EQUAL(request.limit, 42);
}

static void every_question_has_its_word(void)
{
    for (int i = 0; i < ASK_COUNT; i++)
        CHECK(ask_word((enum ask)i)[0] != '\0');
}

int main(void)
{
    TEST(questions_are_understood);
    TEST(mistakes_are_named_and_change_nothing);
    TEST(every_question_has_its_word);
    return harness_done();
}
