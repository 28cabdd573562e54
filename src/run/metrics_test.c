/* Asking for metrics over HTTP: of a gateway with two sites, by those who mean it and others. */
#include "run/metrics.h"

#include "run/run_rig.h"

#define PORT  9179
#define WHERE "169.254.0.1:9179"

static struct rig_child gateway, site_a, site_b;
static char answer[1 << 20];

static int connected(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(PORT)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    inet_pton(AF_INET, "169.254.0.1", &address.sin_addr);
    CHECK(connect(fd, (struct sockaddr *)&address, sizeof address) == 0);
    return fd;
}

static void say(int fd, const char *words)
{
    CHECK_EQUAL(send(fd, words, strlen(words), MSG_NOSIGNAL), (ssize_t)strlen(words));
}

/* All that comes until the other side closes; false: it does not. */
static bool hear(int fd)
{
    struct pollfd wait = {.fd = fd, .events = POLLIN};
    size_t size = 0;
    ssize_t more = -1;
    while (poll(&wait, 1, RIG_PATIENCE_MS) == 1 &&
           (more = recv(fd, answer + size, sizeof answer - 1 - size, 0)) > 0)
        size += (size_t)more;
    answer[size] = '\0';
    close(fd);
    return more == 0;
}

static const char *ask(const char *request)
{
    int fd = connected();
    say(fd, request);
    CHECK(hear(fd));
    return answer;
}

static const char *scraped(void)
{
    return ask("GET /metrics HTTP/1.0\r\n\r\n");
}

static bool says(const char *line)
{
    size_t size = strlen(line);
    for (const char *at = answer; (at = strstr(at, line)); at++) {
        if (at > answer && at[-1] == '\n' && at[size] == '\n')
            return true;
    }
    printf("# not said: %s\n", line);
    return false;
}

static void begin(struct rig_child *child, const char *role, const char *id)
{
    const char *const asked[] = {"--network", rig_path, role, id, "--metrics", WHERE, NULL};
    const char *const plain[] = {"--network", rig_path, role, id, NULL};
    rig_begin(child, child == &gateway ? asked : plain);
    CHECK(rig_hears(child, "event=ready"));
}

static void what_is_asked_for_is_told(void)
{
    rig_file(RIG_PAIR);
    begin(&gateway, "--gateway", "vgw");
    begin(&site_a, "--router", "site-a");
    begin(&site_b, "--router", "site-b");
    CHECK(rig_hears(&gateway, "event=session-up"));
    CHECK(rig_hears(&gateway, "event=session-up"));
    CHECK(rig_hears(&site_b, "event=session-up"));
    for (int i = 0; i < 20000 && !strstr(scraped(), "\nsekisho_route_prefixes 3\n"); i++) {
    }
    CHECK(strncmp(answer, "HTTP/1.", 7) == 0 && strstr(answer, " 200 OK\r\n"));
    CHECK(strstr(answer, "Content-Type: text/plain; version=0.0.4; charset=utf-8\r\n"));
    CHECK(says("# TYPE sekisho_bgp_messages_received_total counter"));
    CHECK(says("sekisho_gateway_info{node=\"vgw\",asn=\"64512\"} 1"));
    CHECK(says("sekisho_bgp_sessions{state=\"Established\"} 2"));
    CHECK(says("sekisho_bgp_session_state{neighbor=\"vpn-a/1\",state=\"Established\"} 1"));
    CHECK(says("sekisho_bgp_session_state{neighbor=\"vpn-a/1\",state=\"Idle\"} 0"));
    CHECK(says("sekisho_bgp_messages_sent_total{neighbor=\"vpn-b/1\",kind=\"open\"} 1"));
    CHECK(says("sekisho_route_accepted{neighbor=\"vpn-a/1\",family=\"ipv4\"} 2"));
    CHECK(says("sekisho_route_limit{neighbor=\"vpn-a/1\"} 100"));
    CHECK(says("sekisho_process_events_total{event=\"session-up\"} 2"));
    CHECK(says("sekisho_process_stopping 0"));
}

/* What nobody keeps a count of is counted for who asks, a second later anew. */
static void what_is_held_is_counted(void)
{
    for (int i = 0; i < 20000 && !strstr(scraped(), "reason=\"guard-hold\""); i++) {
    }
    CHECK(says("sekisho_guard_prefixes{attachment=\"vpn-b\",reason=\"guard-hold\"} 1"));
    CHECK(says("sekisho_route_announced{neighbor=\"vpn-b/1\",family=\"ipv4\"} 1"));
}

static void other_requests_are_refused(void)
{
    CHECK(strstr(ask("GET / HTTP/1.0\r\n\r\n"), " 404 "));
    CHECK(strstr(answer, "there is /metrics, and nothing else\n"));
    CHECK(strstr(ask("POST /metrics HTTP/1.0\r\nContent-Length: 3\r\n\r\na=b"), " 405 "));
    CHECK(strstr(answer, "Allow: GET, HEAD\r\n"));
    CHECK(strstr(ask("HEAD /metrics HTTP/1.0\r\n\r\n"), " 200 "));
    CHECK(!strstr(answer, "sekisho_"));
    CHECK(!strstr(ask("rubbish\r\n\r\n"), " 200 "));
    int fd = connected();
    say(fd, "GET /metrics HTTP/1.1\r\nx: ");
    static char long_header[METRICS_CLIENT_BYTES + 1];
    memset(long_header, 'x', sizeof long_header - 1);
    send(fd, long_header, sizeof long_header - 1, MSG_NOSIGNAL); /* may be cut off in its midst */
    hear(fd);
    CHECK(!strstr(answer, " 200 "));
}

static void who_leaves_is_borne(void)
{
    for (int i = 0; i < 24; i++) {
        int fd = connected();
        if (i % 2)
            say(fd, "GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n");
        close(fd);
    }
    CHECK(strstr(scraped(), " 200 "));
}

/* All places are taken by those who say nothing, a little, or a little and leave: they are ended,
 * and who waits is answered. */
static void silent_ones_have_their_time(void)
{
    int silent[METRICS_CLIENTS];
    for (int i = 0; i < METRICS_CLIENTS; i++) {
        silent[i] = connected();
        if (i % 3)
            say(silent[i], i % 3 == 1 ? "GET /metrics HTTP/1.1\r\n" : "G");
        if (i == METRICS_CLIENTS - 1)
            shutdown(silent[i], SHUT_WR);
    }
    CHECK(strstr(scraped(), " 200 "));
    CHECK(says("sekisho_bgp_sessions{state=\"Established\"} 2"));
    for (int i = 0; i < METRICS_CLIENTS; i++)
        hear(silent[i]); /* it is over with all of them */
}

static void a_place_that_cannot_be_had_is_one_sentence(void)
{
    struct rig_child other;
    rig_begin(&other, (const char *const[]){"--network", rig_path, "--gateway", "vgw", "--port",
                                            "1790", "--metrics", WHERE, NULL});
    CHECK_EQUAL(rig_end(&other, 0), RUN_WORLD);
    CHECK_TEXT(other.said,
               "error: metrics cannot be told at " WHERE ": another program has the port\n");
    rig_begin(&other, (const char *const[]){"--network", rig_path, "--gateway", "vgw", "--port",
                                            "1790", "--metrics", "203.0.113.9:9179", NULL});
    CHECK_EQUAL(rig_end(&other, 0), RUN_WORLD);
    CHECK_TEXT(other.said, "error: metrics cannot be told at 203.0.113.9:9179: this machine does "
                           "not have the address\n");
}

/* With somebody who waits for an answer. */
static void it_stops_as_always(void)
{
    int fd = connected();
    say(fd, "GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n");
    CHECK_EQUAL(rig_end(&gateway, SIGTERM), RUN_FINE);
    hear(fd);
    CHECK_EQUAL(rig_end(&site_a, SIGTERM), RUN_FINE);
    CHECK_EQUAL(rig_end(&site_b, SIGTERM), RUN_FINE);
}

static void places_are_addresses_with_ports(void)
{
    static const char *const wrong[] = {"",
                                        "9179",
                                        ":9179",
                                        "localhost:9179",
                                        "127.0.0.1",
                                        "127.0.0.1:",
                                        "127.0.0.1:0",
                                        "127.0.0.1:65536",
                                        "127.0.0.1:1x",
                                        "::1:9179",
                                        "[::1]",
                                        "[::1:9179",
                                        "[127.0.0.1]:9179",
                                        "[]:9179",
                                        "127.0.0.1:99999999999999",
                                        "]:1"};
    struct sockaddr_storage place;
    CHECK_EQUAL(metrics_place("127.0.0.1:9179", &place), sizeof(struct sockaddr_in));
    CHECK_EQUAL(((struct sockaddr_in *)&place)->sin_port, htons(9179));
    CHECK_EQUAL(metrics_place("[2001:db8::1]:65535", &place), sizeof(struct sockaddr_in6));
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        CHECK_EQUAL(metrics_place(wrong[i], &place), 0);
}

int main(void)
{
    TEST(places_are_addresses_with_ports);
    if (rig_network()) {
        TEST(what_is_asked_for_is_told);
        TEST(what_is_held_is_counted);
        TEST(other_requests_are_refused);
        TEST(who_leaves_is_borne);
        TEST(silent_ones_have_their_time);
        TEST(a_place_that_cannot_be_had_is_one_sentence);
        TEST(it_stops_as_always);
    } else {
        harness_skip("metrics", "no network namespace may be made here");
    }
    return harness_done();
}
