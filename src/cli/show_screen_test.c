#include "cli/show_screen.h"

#include "cli/daemon_rig.h"

static const char *shown_in(unsigned width, void (*show)(const json_t *, const struct screen *),
                            const char *json)
{
    static char *text;
    size_t size;
    free(text);
    struct screen screen = {.out = open_memstream(&text, &size), .width = width};
    json_t *answer = json_loads(json, 0, NULL);
    CHECK(json_is_object(answer));
    show(answer, &screen);
    json_decref(answer);
    fclose(screen.out);
    return text;
}

static const char *shown(void (*show)(const json_t *, const struct screen *), const char *json)
{
    return shown_in(100, show, json);
}

static void a_session_that_is_down_says_why(void)
{
    CHECK_TEXT(
        shown(
            show_bgp,
            "{\"node\": \"vgw\", \"asn\": 64512, \"neighbors\": ["
            "{\"neighbor\": \"a/1\", \"address\": \"169.254.1.2\", \"asn\": 65001, \"state\": "
            "\"Established\", \"for\": 61.5, \"accepted\": 2, \"refused\": 1, \"best\": 2, "
            "\"last_down\": null, \"ipsec\": \"none\"},"
            "{\"neighbor\": \"b/1\", \"address\": \"169.254.1.6\", \"asn\": 65002, \"state\": "
            "\"Active\", \"for\": 3, \"accepted\": 0, \"refused\": 0, \"best\": 0, \"last_down\": "
            "{\"ago\": 3, \"reason\": \"notification-received\", \"sentence\": \"The end.\", "
            "\"code\": 6, \"subcode\": 2, \"name\": \"Cease, Administrative Shutdown\", "
            "\"words\": \"maintenance\"}, \"ipsec\": \"none\"},"
            "{\"neighbor\": \"c/1\", \"address\": \"169.254.1.9\", \"asn\": 65003, \"state\": "
            "\"Active\", \"for\": 64, \"accepted\": 0, \"refused\": 0, \"best\": 0, \"last_down\": "
            "null, \"ipsec\": \"not carried\"}]}"),
        "vgw  AS 64512  1 of 3 neighbors up\n"
        "\n"
        "neighbor  address         AS  state        for       accepted  refused  best\n"
        "a/1       169.254.1.2  65001  Established  00:01:01         2        1     2\n"
        "b/1       169.254.1.6  65002  Active       00:00:03         0        0     0\n"
        "            The end. (6/2 Cease, Administrative Shutdown: \"maintenance\"), 00:00:03 ago\n"
        "c/1       169.254.1.9  65003  Active       00:01:04         0        0     0\n"
        "            never up; IPsec is not carried here\n");
}

static void bfd_has_a_column_where_somebody_has_it(void)
{
    CHECK_TEXT(
        shown(show_bgp,
              "{\"node\": \"vgw\", \"asn\": 64512, \"neighbors\": ["
              "{\"neighbor\": \"a/1\", \"address\": \"169.254.1.2\", \"asn\": 65001, \"state\": "
              "\"Established\", \"for\": 1, \"accepted\": 2, \"refused\": 1, \"best\": 2, "
              "\"last_down\": null, \"bfd\": {\"state\": \"Up\"}, \"ipsec\": \"none\"},"
              "{\"neighbor\": \"b/1\", \"address\": \"169.254.1.6\", \"asn\": 65002, \"state\": "
              "\"Established\", \"for\": 1, \"accepted\": 0, \"refused\": 0, \"best\": 0, "
              "\"last_down\": null, \"bfd\": null, \"ipsec\": \"none\"}]}"),
        "vgw  AS 64512  2 of 2 neighbors up\n"
        "\n"
        "neighbor  address         AS  state        for       accepted  refused  best  BFD\n"
        "a/1       169.254.1.2  65001  Established  00:00:01         2        1     2  Up\n"
        "b/1       169.254.1.6  65002  Established  00:00:01         0        0     0  -\n");
}

/* All that is known of a session, in 80 columns; what there is nothing of has no line. */
static void a_neighbor_at_length(void)
{
    CHECK_TEXT(
        shown_in(80, show_neighbors,
                 "{\"node\": \"vgw\", \"asn\": 64512, \"neighbors\": ["
                 "{\"neighbor\": \"a/1\", \"address\": \"169.254.1.2\", \"asn\": 65001, \"state\": "
                 "\"Established\", \"for\": 61.5, \"ipv4\": {\"accepted\": 2, \"refused\": 1, "
                 "\"announced\": 30}, \"ipv6\": {\"accepted\": 0, \"refused\": 0, \"announced\": "
                 "0}, \"heard\": {\"open\": 1, \"update\": 3, \"notification\": 0, \"keepalive\": "
                 "5, \"refresh\": 0}, \"said\": {\"open\": 1, \"update\": 123456789, "
                 "\"notification\": 1, \"keepalive\": 123456789, \"refresh\": 123}, "
                 "\"established\": 2, \"bfd\": {\"state\": \"Up\", \"for\": 60, \"discarded\": 0}, "
                 "\"last_down\": {\"ago\": 70, \"sentence\": \"The end.\", \"code\": 6, "
                 "\"subcode\": 2, \"name\": \"Cease, Administrative Shutdown\", \"words\": "
                 "\"we are back at noon\"}, \"ipsec\": \"up\"},"
                 "{\"neighbor\": \"b/1\", \"address\": \"169.254.1.6\", \"asn\": 65002, \"state\": "
                 "\"Active\", \"for\": 3, \"ipv4\": {\"accepted\": 0, \"refused\": 0, "
                 "\"announced\": null}, \"established\": 0, \"last_down\": null, \"ipsec\": "
                 "\"none\"}]}"),
        "vgw  AS 64512\n"
        "\n"
        "a/1  169.254.1.2  AS 65001  Established for 00:01:01\n"
        "  IPv4     2 accepted, 1 refused, 30 announced\n"
        "  heard    1 open, 3 update, 5 keepalive\n"
        "  said     1 open, 123456789 update, 1 notification, 123456789 keepalive, 123\n"
        "           refresh\n"
        "  IPsec    up\n"
        "  BFD      Up for 00:01:00, 0 packets discarded\n"
        "  came up  2 times\n"
        "  ended    The end. (6/2 Cease, Administrative Shutdown: \"we are back at noon\"),\n"
        "           00:01:10 ago\n"
        "\n"
        "b/1  169.254.1.6  AS 65002  Active for 00:00:03\n"
        "  IPv4     0 accepted, 0 refused, announced not counted\n"
        "  came up  0 times\n");
}

static void paths_and_who_is_told(void)
{
    CHECK_TEXT(shown(show_paths,
                     "{\"prefix\": \"0.0.0.0/0\", \"tables\": {\"vgw\": {\"routes\": [{\"chosen\": "
                     "true, \"why\": \"best\", \"from\": \"a/1\", \"as_path\": [65001, 7], "
                     "\"next_hop\": \"169.254.1.2\"}], \"told\": [{\"neighbor\": \"b/1\", "
                     "\"established\": true, \"announced\": false, \"why\": \"guard-hold\"}, "
                     "{\"neighbor\": \"dx\", \"established\": true, \"announced\": true, "
                     "\"why\": \"none\"}], "
                     "\"absent\": null}}}"),
               "0.0.0.0/0\n"
               "\n"
               "vgw\n"
               "  *  a/1  best  169.254.1.2  65001 7\n"
               "\n"
               "  b/1  is not told  guard-hold\n"
               "  dx   is told\n");
    CHECK_TEXT(shown(show_paths, "{\"prefix\": \"10.0.0.0/8\", \"tables\": {\"vgw\": {\"absent\": "
                                 "\"nobody has it\"}}}"),
               "10.0.0.0/8\n\nvgw\n  nobody has it\n");
}

static void limits_and_what_happens_then(void)
{
    CHECK_TEXT(
        shown(show_limits,
              "{\"memory_bytes\": 1572864, \"memory_limit\": 1073741824, \"neighbors\": "
              "[{\"neighbor\": \"a/1\", \"accepted\": 2, \"limit\": 100, \"over\": \"close\"}, "
              "{\"neighbor\": \"b/1\", \"accepted\": 0, \"limit\": null, \"over\": "
              "\"refuse\"}]}"),
        "memory  1.5 of 1024 MiB\n"
        "\n"
        "neighbor  accepted  limit  then\n"
        "a/1              2    100  the session is closed\n"
        "b/1              0   none\n");
}

static void a_journal_tells_what_is_wrong_with_it(void)
{
    CHECK_TEXT(shown(show_journal, "{\"on\": false}"), "no journal is kept\n");
    CHECK_TEXT(shown(show_journal,
                     "{\"on\": true, \"directory\": \"/var/lib/sekisho/vgw\", \"segment\": 7, "
                     "\"segments\": 3, \"bytes\": 2621440, \"limit\": 1073741824, \"waiting\": 0, "
                     "\"missing_events\": 0, \"broken\": null, \"checkpoint\": {\"segment\": 6, "
                     "\"ago\": 61.0}, \"no_checkpoint\": null}"),
               "directory   /var/lib/sekisho/vgw\n"
               "segments    3, 2.5 of 1024 MiB; 00000007.journal is written\n"
               "checkpoint  00000006.checkpoint, 00:01:01 ago\n"
               "missing     0 events\n");
    CHECK_TEXT(shown(show_journal,
                     "{\"on\": true, \"directory\": \"/x\", \"segment\": 1, \"segments\": 1, "
                     "\"bytes\": 0, \"limit\": 1048576, \"waiting\": 9, \"missing_events\": 4, "
                     "\"broken\": \"No space left on device\", \"checkpoint\": null, "
                     "\"no_checkpoint\": \"Cannot allocate memory\"}"),
               "directory   /x\n"
               "segments    1, 0.0 of 1 MiB; 00000001.journal is written\n"
               "checkpoint  none yet\n"
               "missing     4 events\n"
               "BROKEN      No space left on device; it is tried again\n"
               "no checkpoint could be written: Cannot allocate memory; it is tried again\n");
}

static void tunnels_that_are_up_or_say_why_not(void)
{
    CHECK_TEXT(
        shown(show_tunnels,
              "{\"plane\": \"userspace\", \"replay_window\": 128, \"namespace\": \"sekisho-vgw\", "
              "\"tunnels\": ["
              "{\"tunnel\": \"a/1\", \"state\": \"up\", \"for\": 61.5, \"device\": \"a-1\", "
              "\"outside\": \"203.0.113.1\", \"bytes_in\": 10, \"bytes_out\": 2000, "
              "\"esp_algorithms\": \"AES_GCM_16-256\", \"sentence\": \"x\", "
              "\"trouble\": \"what the file says of it now cannot be\"},"
              "{\"tunnel\": \"a/2\", \"state\": \"down\", \"for\": null, \"device\": null, "
              "\"outside\": \"203.0.113.2\", \"bytes_in\": 0, \"bytes_out\": 0, "
              "\"esp_algorithms\": null, \"sentence\": \"It has not been up yet.\"},"
              "{\"tunnel\": \"a/3\", \"state\": \"up\", \"cause\": \"rekey-refused\", \"for\": 60, "
              "\"device\": \"a-3\", \"outside\": \"203.0.113.3\", \"bytes_in\": 1, "
              "\"bytes_out\": 2, \"esp_algorithms\": \"AES_GCM_16-256\", "
              "\"sentence\": \"It is refused.\"}]}"),
        "plane userspace, in sekisho-vgw\n"
        "its replay window is 128 packets, whatever the options say\n"
        "\n"
        "tunnel  state       for  device  outside      bytes in  bytes out\n"
        "a/1     up     00:01:01  a-1     203.0.113.1        10       2000  AES_GCM_16-256\n"
        "a/2     down             -       203.0.113.2         0          0  It has not been up "
        "yet.\n"
        "a/3     up     00:01:00  a-3     203.0.113.3         1          2  It is refused.\n");
    CHECK_TEXT(
        shown(show_tunnels,
              "{\"plane\": \"xfrm\", \"replay_window\": null, \"namespace\": null, \"tunnels\": ["
              "{\"tunnel\": \"a/1\", \"state\": \"down\", \"for\": null, "
              "\"device\": null, \"outside\": \"198.51.100.1\", \"bytes_in\": 0, "
              "\"bytes_out\": 0, \"sentence\": \"x\", \"pinned\": "
              "{\"to\": \"203.0.113.1\", \"device\": null, \"via\": null}}]}"),
        "plane xfrm, among the machine's own devices\n"
        "\n"
        "tunnel  state  for  device  outside       bytes in  bytes out\n"
        "a/1     down        -       198.51.100.1         0          0  no way to "
        "203.0.113.1 but a tunnel\n");
    CHECK_TEXT(
        shown(show_tunnels,
              "{\"plane\": null, \"replay_window\": null, \"namespace\": \"sekisho-vgw\", "
              "\"tunnels\": ["
              "{\"tunnel\": \"a/1\", \"state\": \"down\", \"for\": null, \"device\": null, "
              "\"outside\": \"203.0.113.1\", \"bytes_in\": 0, \"bytes_out\": 0, "
              "\"sentence\": \"It has not been up yet.\", \"trouble\": \"there is no charon\"}]}"),
        "no plane carries them\n"
        "\n"
        "tunnel  state  for  device  outside      bytes in  bytes out\n"
        "a/1     down        -       203.0.113.1         0          0  there is no charon\n");
    CHECK_TEXT(shown(show_tunnels, "{\"plane\": null, \"tunnels\": []}"),
               "no tunnels are made here\n");
}

static void attachments_and_the_kernels_table(void)
{
    CHECK_TEXT(
        shown(show_attachments,
              "{\"attachments\": [{\"attachment\": \"vpn-a\", \"kind\": \"vpn\", \"state\": null, "
              "\"for\": null, \"device\": null, \"why\": null, "
              "\"neighbors\": 2, \"established\": 1, \"accepted\": 5, \"best\": 4}, "
              "{\"attachment\": \"dx-1\", \"kind\": \"direct-connect\", \"state\": \"down\", "
              "\"for\": 61, \"device\": \"dx-1\", \"why\": \"the device has no carrier\", "
              "\"neighbors\": 1, \"established\": 0, \"accepted\": 0, \"best\": 0}]}"),
        "attachment  kind            state  for       bgp up  accepted  best\n"
        "vpn-a       vpn                                 1/2         5     4\n"
        "dx-1        direct-connect  down   00:01:01     0/1         0     0  "
        "the device has no carrier\n");
    CHECK_TEXT(shown(show_fib, "{\"installs\": true, \"wanted\": 1, \"blocked\": 0, \"entries\": "
                               "[{\"prefix\": \"10.0.0.0/8\", \"state\": \"installed\", "
                               "\"gateway\": \"169.254.1.2\", \"interface\": \"a/1\"}], \"vpcs\": "
                               "[{\"vpc\": \"vpc-a\", "
                               "\"namespace\": \"sekisho@vgw@vpc-a\", \"wanted\": 3, "
                               "\"installed\": 2}]}"),
               "prefix      state      gateway      interface\n"
               "10.0.0.0/8  installed  169.254.1.2  a/1\n"
               "\n"
               "1 wanted, 0 blocked\n"
               "vpc-a: 2 of 3 routes of its tables are in sekisho@vgw@vpc-a\n");
    CHECK_TEXT(shown(show_fib, "{\"installs\": false}"), "no routes are installed\n");
}

int main(void)
{
    TEST(a_journal_tells_what_is_wrong_with_it);
    TEST(a_session_that_is_down_says_why);
    TEST(bfd_has_a_column_where_somebody_has_it);
    TEST(a_neighbor_at_length);
    TEST(paths_and_who_is_told);
    TEST(limits_and_what_happens_then);
    TEST(tunnels_that_are_up_or_say_why_not);
    TEST(attachments_and_the_kernels_table);
    shown(show_events, "{}");
    return rig_done();
}
