/* Real charons in network namespaces, on the userspace plane: ours against ours, and ours against
 * one that swanctl set up by hand. Every wait is for a state; nothing is measured by the clock. */
#include "tests/interop/ike_rig.h"

/* -- beginnings -- */

/* B knows its tunnel before A asks. */
static void both_start(void)
{
    ike_start(IKE_B);
    IKE_UNTIL(charon_state(IKE_B->charon) == CHARON_READY);
    ike_count(IKE_B);
    ike_start(IKE_A);
}

static void both_stop(void)
{
    ike_stop(IKE_A);
    ike_stop(IKE_B);
}

static void both_up(void)
{
    both_start();
    IKE_UNTIL(ike_up(IKE_A) && ike_up(IKE_B));
}

static void narrow(struct tunnel_phase *phase, uint32_t group)
{
    *phase = (struct tunnel_phase){1u << TUNNEL_AES128, 1u << TUNNEL_SHA1, 1u << group};
}

static void tunnels(uint32_t versions)
{
    ike_tunnel(IKE_A);
    ike_tunnel(IKE_B);
    IKE_A->tunnel.options.ike_versions = IKE_B->tunnel.options.ike_versions = versions;
}

static void clear(void)
{
    IKE_A->story[0] = IKE_B->story[0] = '\0';
}

static void short_lives(struct ike_end *end)
{
    end->tunnel.options.phase1_lifetime_s = 14;
    end->tunnel.options.phase2_lifetime_s = 7;
    end->tunnel.options.rekey_margin_s = 3;
    end->tunnel.options.rekey_fuzz_percent = 50;
}

/* -- what comes too early -- */

/* IKEv1 may lose a packet where the SAs are replaced, and there alone. Quick Mode's initiator has
 * its new SAs when it sends the third and last message (RFC 2409 5.5), and uses them at once;
 * strongSwan as responder installs its own when it has worked that message off (quick_mode.c), and
 * has neither the commit bit (RFC 2408 3.1), which would hold the initiator back, nor installs the
 * inbound one with its answer, as others do. What arrives in these milliseconds is dropped by the
 * responder, whose log says so, and with which SPI: it is the one that is installed next. IKEv2's
 * responder has the inbound SA before it answers. */
static void log_packets(const struct ike_end *end)
{
    CHECK_EQUAL(program_run("sed -i s/esp.=.0/esp=2/ %s/strongswan.conf", end->folder), 0);
    CHECK_EQUAL(program_run("swanctl --reload-settings --uri unix://%s/charon.vici", end->folder),
                0);
}

enum { LOG_THREADS = 100, LOG_THREAD_AT = 9, LOG_EARLY = 64 };

/* Packets that were dropped for an SPI that was installed after that. */
static unsigned too_early_at(const struct ike_end *end)
{
    static const char header[] = "parsed ESP header with SPI ",
                      added[] = "adding SAD entry with SPI ";
    char path[96], line[512];
    unsigned long last[LOG_THREADS] = {0}, waiting[LOG_EARLY];
    unsigned count = 0, waits = 0;
    snprintf(path, sizeof path, "%s/charon.log", end->folder);
    FILE *log = fopen(path, "r");
    CHECK(log != NULL);
    while (log && fgets(line, sizeof line, log)) {
        const char *parsed = strstr(line, header), *installed = strstr(line, added);
        size_t thread = strlen(line) > LOG_THREAD_AT
                            ? strtoul(line + LOG_THREAD_AT, NULL, 10) % LOG_THREADS
                            : 0;
        if (parsed)
            last[thread] = strtoul(parsed + sizeof header - 1, NULL, 16);
        if (strstr(line, "does not belong to an installed SA") && waits < LOG_EARLY)
            waiting[waits++] = last[thread];
        for (unsigned i = 0; installed && i < waits; i++)
            count += waiting[i] == strtoul(installed + sizeof added - 1, NULL, 16);
    }
    if (log)
        fclose(log);
    return count;
}

static unsigned too_early(void)
{
    return too_early_at(IKE_A) + too_early_at(IKE_B);
}

/* Pings for as long as the claim waits for what it says; lost are those that came too early, which
 * with IKEv2 are none. */
#define WHILE_PINGING(claim, early)                                                                \
    do {                                                                                           \
        unsigned lost = 0;                                                                         \
        for (int turn = 0; turn < 30 && !(claim); turn++) {                                        \
            struct ike_ping ping = ike_ping_begin(IKE_A, 200);                                     \
            lost += ike_ping_lost(&ping);                                                          \
        }                                                                                          \
        CHECK(claim);                                                                              \
        CHECK_EQUAL(lost, early);                                                                  \
    } while (0)

static unsigned times(const struct ike_end *end, const char *cause)
{
    unsigned count = 0;
    for (const char *at = end->story; (at = strstr(at, cause)); at++)
        count++;
    return count;
}

/* -- ours against ours -- */

static void a_tunnel_comes_up_and_carries(void)
{
    tunnels(TUNNEL_IKEV2);
    both_up();
    CHECK_TEXT(IKE_A->story, "established");
    struct ike_ping ping = ike_ping_begin(IKE_A, 5);
    CHECK_EQUAL(ike_ping_lost(&ping), 0);
    const struct charon_sa *a = ike_count(IKE_A), *b = ike_count(IKE_B);
    CHECK(a->packets_out >= 5 && a->packets_in >= 5 && a->bytes_in >= 5 * 84);
    CHECK_EQUAL(a->spi_in, b->spi_out);
    CHECK_EQUAL(a->spi_out, b->spi_in);
    CHECK(a->spi_in != 0 && a->nat_t && a->peer == 0x0a090002 && a->ike_version == 2);
    CHECK_TEXT(a->ike_algorithms, "AES_GCM_16-256/PRF_HMAC_SHA2_512/ECP_521");
    CHECK_TEXT(a->esp_algorithms, "AES_GCM_16-256");
    both_stop();
}

static void both_phases_are_replaced_without_a_lost_packet(void)
{
    tunnels(TUNNEL_IKEV2);
    short_lives(IKE_A);
    short_lives(IKE_B);
    both_up();
    struct charon_sa first = *ike_count(IKE_A);
    WHILE_PINGING(ike_count(IKE_A)->number > first.number && ike_count(IKE_B)->number > 1, 0);
    CHECK(ike_count(IKE_A)->child > first.child);
    CHECK(times(IKE_A, "rekeyed") >= 2 && times(IKE_B, "rekeyed") >= 2);
    CHECK(!ike_has(IKE_A, "deleted") && !ike_has(IKE_A, "rekey-failed"));
    CHECK_EQUAL(charon_status(IKE_A->charon, "vpn-a/1")->up_count, 1);
    both_stop();
}

static void replaced(uint32_t versions)
{
    tunnels(versions);
    both_up();
    struct charon_sa first = *ike_count(IKE_A);
    if (versions == TUNNEL_IKEV1) {
        log_packets(IKE_A);
        log_packets(IKE_B);
    }
    charon_replace(IKE_A->charon, "vpn-a/1");
    WHILE_PINGING(ike_count(IKE_A)->number > first.number && ike_count(IKE_A)->child > first.child,
                  versions == TUNNEL_IKEV1 ? too_early() : 0);
    CHECK(ike_has(IKE_A, "established rekeyed") && ike_has(IKE_B, "established rekeyed"));
    CHECK(!ike_has(IKE_A, "deleted") && !ike_has(IKE_B, "deleted"));
    both_stop();
}

static void each_sa_is_made_before_the_old_one_goes(void)
{
    replaced(TUNNEL_IKEV2);
}

static void each_sa_is_made_before_the_old_one_goes_with_ikev1(void)
{
    replaced(TUNNEL_IKEV1);
}

static void a_wrong_key_is_told_as_one(void)
{
    tunnels(TUNNEL_IKEV2);
    memcpy(IKE_B->tunnel.psk, "quite_another_key", 18);
    both_start();
    IKE_UNTIL(ike_has(IKE_A, "authentication-failed") && ike_has(IKE_B, "authentication-failed"));
    CHECK(!ike_up(IKE_A) && !ike_up(IKE_B));
    both_stop();
}

static void proposals_that_do_not_meet_are_told_as_such(void)
{
    tunnels(TUNNEL_IKEV2);
    narrow(&IKE_A->tunnel.options.phase1, 14);
    narrow(&IKE_B->tunnel.options.phase1, 15);
    both_start();
    IKE_UNTIL(ike_has(IKE_A, "no-proposal") && ike_has(IKE_B, "no-proposal"));
    both_stop();
    tunnels(TUNNEL_IKEV2);
    narrow(&IKE_A->tunnel.options.phase2, 14);
    IKE_B->tunnel.options.phase2.encryptions = 1u << TUNNEL_AES256_GCM16;
    both_start();
    IKE_UNTIL(ike_has(IKE_A, "no-proposal") && ike_has(IKE_B, "no-proposal"));
    CHECK(!ike_up(IKE_A) && !ike_up(IKE_B));
    both_stop();
}

static void selectors_that_do_not_meet_are_told_as_such(void)
{
    tunnels(TUNNEL_IKEV2);
    IKE_A->tunnel.options.remote_range = (struct prefix){0x0a000000, 8};
    IKE_B->tunnel.options.local_range = (struct prefix){0xac100000, 12};
    both_start();
    IKE_UNTIL(ike_has(IKE_A, "selectors") && ike_has(IKE_B, "selectors"));
    both_stop();
}

/* A peer that stops dead: found within delay + tries * interval, and nobody answers after that. */
static void a_dead_peer_is_found(uint32_t versions)
{
    tunnels(versions);
    both_up();
    pid_t peer = charon_pid(IKE_B->charon);
    CHECK(peer > 0 && kill(peer, SIGSTOP) == 0);
    IKE_UNTIL(ike_has(IKE_A, "established dead-peer"));
    IKE_UNTIL(ike_has(IKE_A, "dead-peer no-answer"));
    CHECK(kill(peer, SIGCONT) == 0);
    IKE_UNTIL(ike_up(IKE_A)); /* it is asked for again: A starts */
    both_stop();
}

static void a_dead_peer_is_found_by_ikev2(void)
{
    a_dead_peer_is_found(TUNNEL_IKEV2);
}

static void who_deletes_and_who_is_deleted(void)
{
    tunnels(TUNNEL_IKEV2);
    both_up();
    charon_terminate(IKE_B->charon, "vpn-a/1");
    IKE_UNTIL(ike_has(IKE_A, "established deleted") && ike_has(IKE_B, "established admin"));
    IKE_UNTIL(ike_up(IKE_A) && ike_up(IKE_B)); /* A asks again, and B lets it */
    clear();
    charon_endpoint_replaced(IKE_A->charon, "vpn-a/1");
    IKE_UNTIL(ike_says(IKE_A, "endpoint-replaced established"));
    IKE_UNTIL(ike_says(IKE_B, "deleted established"));
    both_stop();
}

static void a_key_is_exchanged_without_an_outage(void)
{
    tunnels(TUNNEL_IKEV2);
    both_up();
    clear();
    struct ike_ping ping = ike_ping_begin(IKE_A, 100);
    memcpy(IKE_A->tunnel.psk, "the_new_key", 12);
    ike_want(IKE_A);
    CHECK_EQUAL(ike_ping_lost(&ping), 0);
    CHECK_TEXT(IKE_A->story, "");
    both_stop();
}

/* The initiator has the new key, the responder does not yet: it is tried with the old one. */
static void whose_peer_has_the_former_key_comes_up(void)
{
    tunnels(TUNNEL_IKEV2);
    IKE_A->tunnel.options.startup = TUNNEL_STARTUP_ADD;
    both_start();
    IKE_UNTIL(charon_state(IKE_A->charon) == CHARON_READY &&
              charon_state(IKE_B->charon) == CHARON_READY);
    memcpy(IKE_A->tunnel.psk, "the_new_key", 12);
    ike_want(IKE_A);
    ike_count(IKE_A);
    charon_initiate(IKE_A->charon, "vpn-a/1");
    IKE_UNTIL(ike_says(IKE_A, "authentication-failed established") && ike_up(IKE_B));
    both_stop();
}

/* The other way round: who initiates has the former key. */
static void who_has_the_former_key_may_initiate(void)
{
    tunnels(TUNNEL_IKEV2);
    IKE_A->tunnel.options.startup = TUNNEL_STARTUP_ADD;
    both_start();
    memcpy(IKE_B->tunnel.psk, "the_new_key", 12);
    ike_want(IKE_B);
    ike_count(IKE_B);
    IKE_UNTIL(charon_state(IKE_A->charon) == CHARON_READY);
    charon_initiate(IKE_A->charon, "vpn-a/1");
    IKE_UNTIL(ike_says(IKE_A, "authentication-failed established") && ike_up(IKE_B));
    both_stop();
}

static void who_comes_later_touches_no_tunnel(void)
{
    tunnels(TUNNEL_IKEV2);
    both_up();
    pid_t pid = charon_pid(IKE_A->charon);
    uint32_t spi = ike_count(IKE_A)->spi_in;
    struct ike_ping ping = ike_ping_begin(IKE_A, 200);
    charon_leave(IKE_A->charon);
    ike_turn();
    ike_start(IKE_A);
    IKE_UNTIL(ike_says(IKE_A, "established"));
    CHECK(IKE_A->adopted);
    CHECK_EQUAL(charon_pid(IKE_A->charon), pid);
    CHECK_EQUAL(ike_count(IKE_A)->spi_in, spi);
    CHECK_EQUAL(ike_ping_lost(&ping), 0);
    CHECK_TEXT(IKE_B->story, "established");
    both_stop();
}

static void a_charon_that_was_killed_comes_back(void)
{
    tunnels(TUNNEL_IKEV2);
    both_up();
    CHECK(kill(charon_pid(IKE_A->charon), SIGKILL) == 0);
    IKE_UNTIL(ike_says(IKE_A, "established daemon-ended established"));
    struct ike_ping ping = ike_ping_begin(IKE_A, 3);
    CHECK_EQUAL(ike_ping_lost(&ping), 0);
    both_stop();
}

/* -- IKEv1 -- */

static void ikev1(void)
{
    tunnels(TUNNEL_IKEV1);
    narrow(&IKE_A->tunnel.options.phase1, 2);
    narrow(&IKE_A->tunnel.options.phase2, 2);
}

static void ikev1_comes_up_is_replaced_and_deleted(void)
{
    ikev1(); /* B allows all that AWS does */
    short_lives(IKE_A);
    short_lives(IKE_B);
    both_up();
    log_packets(IKE_A);
    log_packets(IKE_B);
    const struct charon_sa *sa = ike_count(IKE_A);
    CHECK_EQUAL(sa->ike_version, 1);
    CHECK_TEXT(sa->ike_algorithms, "AES_CBC-128/HMAC_SHA1_96/PRF_HMAC_SHA1/MODP_1024");
    CHECK_TEXT(sa->esp_algorithms, "AES_CBC-128/HMAC_SHA1_96/MODP_1024");
    WHILE_PINGING(times(IKE_A, "rekeyed") >= 3 && times(IKE_B, "rekeyed") >= 3, too_early());
    CHECK(ike_up(IKE_A) && ike_up(IKE_B));
    clear();
    charon_terminate(IKE_B->charon, "vpn-a/1");
    IKE_UNTIL(ike_has(IKE_A, "deleted") && ike_has(IKE_B, "admin"));
    both_stop();
}

static void ikev1_says_what_is_wrong(void)
{
    ikev1();
    memcpy(IKE_B->tunnel.psk, "quite_another_key", 18);
    both_start();
    IKE_UNTIL(ike_has(IKE_A, "authentication-failed") && ike_has(IKE_B, "authentication-failed"));
    CHECK(!ike_has(IKE_A, "no-answer"));
    both_stop();
    ikev1();
    narrow(&IKE_B->tunnel.options.phase1, 14);
    both_start();
    IKE_UNTIL(ike_has(IKE_A, "no-proposal") && ike_has(IKE_B, "no-proposal"));
    both_stop();
}

static void a_dead_peer_is_found_by_ikev1(void)
{
    a_dead_peer_is_found(TUNNEL_IKEV1);
}

/* -- certificates -- */

static void make_authority(const char *name)
{
    CHECK_EQUAL(program_run("openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 "
                            "-nodes -keyout %s/%s.key -out %s/%s.pem -subj /CN=%s -days 365",
                            ike_folder, name, ike_folder, name, name),
                0);
}

/* alternative: "IP:10.9.0.1", what else it is called */
static void make_certificate(const char *name, const char *authority, const char *alternative)
{
    const char *folder = ike_folder;
    CHECK_EQUAL(program_run("openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes "
                            "-keyout %s/%s.key -out %s/%s.csr -subj /CN=%s.example "
                            "-addext subjectAltName=%s",
                            folder, name, folder, name, name, alternative),
                0);
    CHECK_EQUAL(program_run("openssl x509 -req -in %s/%s.csr -CA %s/%s.pem -CAkey %s/%s.key "
                            "-copy_extensions copy -CAcreateserial -days 365 -out %s/%s.pem",
                            folder, name, folder, authority, folder, authority, folder, name),
                0);
}

static void certified(struct ike_end *end)
{
    struct plane_tunnel *tunnel = &end->tunnel;
    tunnel->psk[0] = '\0';
    snprintf(tunnel->certificate, PLANE_PATH_BYTES, "%s/%s.pem", ike_folder, end->name);
    snprintf(tunnel->private_key, PLANE_PATH_BYTES, "%s/%s.key", ike_folder, end->name);
    snprintf(tunnel->authority, PLANE_PATH_BYTES, "%s/ca.pem", ike_folder);
}

static void certified_tunnels(void)
{
    make_authority("ca");
    make_certificate("a", "ca", "IP:10.9.0.9"); /* not where it is: it needs its subject */
    make_certificate("b", "ca", "IP:10.9.0.2");
    tunnels(TUNNEL_IKEV2);
    certified(IKE_A);
    certified(IKE_B);
    memcpy(IKE_B->tunnel.local_id, "10.9.0.2", 9); /* what A takes it to be, unless told */
    memcpy(IKE_B->tunnel.peer_id, "CN=a.example", 13);
}

static void certificates_serve_as_well_as_keys(void)
{
    certified_tunnels();
    both_up();
    struct ike_ping ping = ike_ping_begin(IKE_A, 3);
    CHECK_EQUAL(ike_ping_lost(&ping), 0);
    both_stop();
}

static void both_are_refused(void)
{
    clear();
    both_start();
    IKE_UNTIL(ike_has(IKE_A, "authentication-failed") && ike_has(IKE_B, "authentication-failed"));
    both_stop();
}

static void another_certificate_of_the_authority_is_refused(void)
{
    certified_tunnels();
    memcpy(IKE_B->tunnel.peer_id, "CN=c.example", 13);
    both_are_refused();
    IKE_B->tunnel.peer_id[0] = '\0'; /* its address, which the certificate does not have */
    both_are_refused();
}

/* B has had another authority before: what that one signed is believed no more. */
static void a_former_authority_is_believed_no_more(void)
{
    certified_tunnels();
    make_authority("former");
    make_certificate("a", "former", "IP:10.9.0.1");
    snprintf(IKE_B->tunnel.authority, PLANE_PATH_BYTES, "%s/former.pem", ike_folder);
    both_up();
    ike_stop(IKE_A);
    snprintf(IKE_B->tunnel.authority, PLANE_PATH_BYTES, "%s/ca.pem", ike_folder);
    ike_want(IKE_B);
    ike_count(IKE_B);
    IKE_UNTIL(!ike_up(IKE_B));
    clear();
    ike_start(IKE_A);
    IKE_UNTIL(ike_has(IKE_A, "authentication-failed") && ike_has(IKE_B, "authentication-failed"));
    both_stop();
}

/* -- ours against one that was set up by hand -- */

static void write_text(const char *path, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void write_text(const char *path, const char *format, ...)
{
    va_list list;
    FILE *file = fopen(path, "w");
    va_start(list, format);
    CHECK(file && vfprintf(file, format, list) > 0);
    va_end(list);
    if (file)
        fclose(file);
}

static const char *of_b(const char *name)
{
    static char path[4][128];
    static unsigned turn;
    char *out = path[turn++ % 4];
    snprintf(out, sizeof path[0], "%s/%s", IKE_B->folder, name);
    return out;
}

static const char SWANCTL[] = "connections { gw {\n"
                              "  version = %u\n"
                              "  local_addrs = 10.9.0.2\n"
                              "  remote_addrs = 10.9.0.1\n"
                              "  proposals = %s\n"
                              "  encap = yes\n"
                              "  mobike = no\n"
                              "  local { auth = psk\n id = 10.9.0.2 }\n"
                              "  remote { auth = psk\n id = 10.9.0.1 }\n"
                              "  children { t1 {\n"
                              "    local_ts = 0.0.0.0/0\n"
                              "    remote_ts = 0.0.0.0/0\n"
                              "    esp_proposals = %s } } } }\n"
                              "secrets { ike-1 { id-a = 10.9.0.1\n"
                              "  secret = \"pL4c3h0ld3r_of_tests\" } }\n";

/* As an administrator does it: strongswan.conf, charon-systemd, swanctl --load-all. */
static void start_stock(unsigned version, const char *ike, const char *esp)
{
    char text[CHARON_CONF_BYTES], environment[160];
    const char *const argv[] = {"/usr/sbin/charon-systemd", NULL};
    const char *const environ_of_it[] = {environment, NULL};
    struct trouble trouble;
    struct charon_conf conf = {
        of_b("charon.vici"), of_b("charon.log"), true, {1000000, 1000000, 3}};
    snprintf(environment, sizeof environment, "STRONGSWAN_CONF=%s", of_b("strongswan.conf"));
    CHECK(mkdir(IKE_B->folder, 0700) == 0 && charon_conf_text(&conf, text));
    write_text(of_b("strongswan.conf"), "%s", text);
    write_text(of_b("swanctl.conf"), SWANCTL, version, ike, esp);
    struct child_plan plan = {.argv = argv, .environment = environ_of_it, .space = IKE_B->space};
    CHECK(child_start(&plan, &IKE_B->stock, &trouble));
    CHECK(child_record(&IKE_B->stock, of_b("charon.pid"), &trouble)); /* so that it is ended */
    IKE_UNTIL(program_run("swanctl --load-all --noprompt --file %s --uri unix://%s",
                          of_b("swanctl.conf"), of_b("charon.vici")) == 0);
    CHECK(ike_dress(IKE_B));
}

static void stop_stock(void)
{
    struct trouble trouble;
    CHECK(child_end(&IKE_B->stock, 5000, &trouble));
    program_run("rm -rf %s", IKE_B->folder);
}

static void against_stock(unsigned version, const char *ike, const char *esp)
{
    tunnels(version == 1 ? TUNNEL_IKEV1 : TUNNEL_IKEV2);
    if (version == 1) {
        narrow(&IKE_A->tunnel.options.phase1, 2);
        narrow(&IKE_A->tunnel.options.phase2, 2);
    }
    start_stock(version, ike, esp);
    ike_start(IKE_A);
    IKE_UNTIL(ike_says(IKE_A, "established"));
    CHECK_EQUAL(ike_count(IKE_A)->ike_version, version);
    struct ike_ping ping = ike_ping_begin(IKE_A, 5);
    CHECK_EQUAL(ike_ping_lost(&ping), 0);
    CHECK_EQUAL(program_run("swanctl --terminate --ike gw --timeout 10 --uri unix://%s",
                            of_b("charon.vici")),
                0);
    IKE_UNTIL(ike_says(IKE_A, "established deleted established")); /* it asks again */
    ike_stop(IKE_A);
    stop_stock();
}

static void ikev2_with_one_set_up_by_hand(void)
{
    against_stock(2, "aes128-sha256-modp2048", "aes128-sha256");
}

/* The first pair is made without a key exchange of its own, so an ESP proposal without a group is
 * noticed when it is replaced: by us, or by the other end. */
static void without_a_group(bool we_rekey)
{
    tunnels(TUNNEL_IKEV2);
    if (we_rekey) {
        IKE_A->tunnel.options.phase2_lifetime_s = 7;
        IKE_A->tunnel.options.rekey_margin_s = 3;
    }
    start_stock(2, "aes128-sha256-modp2048",
                we_rekey ? "aes128-sha256"
                         : "aes128-sha256\n rekey_time = 4s\n life_time = 7s\n rand_time = 1s");
    ike_start(IKE_A);
    IKE_UNTIL(ike_has(IKE_A, "established rekey-refused no-group no-group"));
    CHECK(!ike_up(IKE_A)); /* nor does it come again… */
    write_text(of_b("swanctl.conf"), SWANCTL, 2, "aes128-sha256-modp2048",
               "aes128-sha256-modp2048");
    CHECK_EQUAL(program_run("swanctl --load-all --noprompt --file %s --uri unix://%s",
                            of_b("swanctl.conf"), of_b("charon.vici")),
                0);
    IKE_UNTIL(ike_up(IKE_A)); /* …until it is mended */
    ike_stop(IKE_A);
    stop_stock();
}

static void a_peer_without_a_group_for_esp_is_told_when_we_rekey(void)
{
    without_a_group(true);
}

static void a_peer_without_a_group_for_esp_is_told_when_it_rekeys(void)
{
    without_a_group(false);
}

static void ikev1_with_one_set_up_by_hand(void)
{
    against_stock(1, "aes128-sha1-modp1024", "aes128-sha1-modp1024");
}

/* -- what charon understood -- */

static void charon_understands_what_it_is_told(void)
{
    static const char expected[] =
        "list-conn event {vpn-a/1 {local_addrs=[10.9.0.1] remote_addrs=[10.9.0.2] version=IKEv1/2 "
        "reauth_time=0 rekey_time=28530 unique=UNIQUE_NO dpd_delay=1 dpd_timeout=3 local-1 "
        "{id=10.9.0.1 class=pre-shared key groups=[] cert_policy=[] certs=[] cacerts=[]} remote-1 "
        "{id=10.9.0.2 class=pre-shared key groups=[] cert_policy=[] certs=[] cacerts=[]} children "
        "{vpn-a/1 {mode=TUNNEL rekey_time=3330 rekey_bytes=0 rekey_packets=0 dpd_action=none "
        "close_action=none local-ts=[0.0.0.0/0] remote-ts=[0.0.0.0/0]}}}}\nlist-conns reply {}\n";
    char out[64];
    tunnels(TUNNEL_IKEV1 | TUNNEL_IKEV2); /* every algorithm and group that AWS has */
    IKE_A->tunnel.options.startup = TUNNEL_STARTUP_ADD;
    ike_start(IKE_A);
    IKE_UNTIL(charon_state(IKE_A->charon) == CHARON_READY);
    ike_count(IKE_A);
    CHECK_TEXT(IKE_A->trouble, "");
    snprintf(out, sizeof out, "%.31s/conns", ike_folder);
    pid_t pid =
        program_begin(out, "swanctl --list-conns --raw --uri unix://%s/charon.vici", IKE_A->folder);
    waitpid(pid, NULL, 0);
    size_t size;
    char *text = charon_folder_read(out, 65536, &size, NULL);
    CHECK_TEXT(text ? text : "", expected);
    free(text);
    ike_stop(IKE_A);
}

/* Of a running charon: neither in its log, nor its arguments, nor its environment, nor a file. */
static void keys_are_nowhere(void)
{
    tunnels(TUNNEL_IKEV2);
    both_up();
    CHECK_EQUAL(program_run("grep -rqs pL4c3h0ld3r %s", ike_folder), 1);
    CHECK_EQUAL(program_run("grep -qs pL4c3h0ld3r /proc/%d/cmdline /proc/%d/environ",
                            (int)charon_pid(IKE_A->charon), (int)charon_pid(IKE_A->charon)),
                1);
    CHECK_EQUAL(
        program_run("grep -qs STRONGSWAN_CONF /proc/%d/environ", (int)charon_pid(IKE_A->charon)),
        0); /* it can be read, and it is not there */
    both_stop();
}

/* All of them, or those that are named: build/tests/whole_ike_test TEST... */
#define MAYBE(test)                                                                                \
    if (is_named(#test, count, names))                                                             \
    TEST(test)

static bool is_named(const char *test, int count, char **names)
{
    for (int i = 1; i < count; i++)
        if (strcmp(names[i], test) == 0)
            return true;
    return count < 2;
}

int main(int count, char **names)
{
    CHECK(uv_loop_init(&ike_loop) == 0);
    const char *why = ike_make();
    if (why) {
        harness_skip("ike", why);
        ike_clean();
        return harness_done();
    }
    MAYBE(a_tunnel_comes_up_and_carries);
    MAYBE(both_phases_are_replaced_without_a_lost_packet);
    MAYBE(each_sa_is_made_before_the_old_one_goes);
    MAYBE(a_wrong_key_is_told_as_one);
    MAYBE(proposals_that_do_not_meet_are_told_as_such);
    MAYBE(selectors_that_do_not_meet_are_told_as_such);
    MAYBE(a_dead_peer_is_found_by_ikev2);
    MAYBE(who_deletes_and_who_is_deleted);
    MAYBE(a_key_is_exchanged_without_an_outage);
    MAYBE(whose_peer_has_the_former_key_comes_up);
    MAYBE(who_has_the_former_key_may_initiate);
    MAYBE(who_comes_later_touches_no_tunnel);
    MAYBE(a_charon_that_was_killed_comes_back);
    MAYBE(ikev1_says_what_is_wrong);
    MAYBE(a_dead_peer_is_found_by_ikev1);
    MAYBE(certificates_serve_as_well_as_keys);
    MAYBE(another_certificate_of_the_authority_is_refused);
    MAYBE(a_former_authority_is_believed_no_more);
    MAYBE(keys_are_nowhere);
    if (access("/usr/sbin/swanctl", X_OK)) {
        harness_skip("set_up_by_hand", "swanctl is missing (package strongswan-swanctl)");
    } else {
        MAYBE(ikev1_comes_up_is_replaced_and_deleted);
        MAYBE(each_sa_is_made_before_the_old_one_goes_with_ikev1);
        MAYBE(ikev2_with_one_set_up_by_hand);
        MAYBE(a_peer_without_a_group_for_esp_is_told_when_we_rekey);
        MAYBE(a_peer_without_a_group_for_esp_is_told_when_it_rekeys);
        MAYBE(ikev1_with_one_set_up_by_hand);
        MAYBE(charon_understands_what_it_is_told);
    }
    ike_clean();
    return harness_done();
}
