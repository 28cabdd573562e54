#define _GNU_SOURCE /* setns */

#include "plane/keeper.h"

#include "plane/attachments.h"
#include "plane/carrier.h"
#include "plane/claim.h"
#include "plane/endpoint.h"
#include "plane/key_file.h"
#include "plane/permit.h"
#include "plane/pins.h"
#include "plane/probe.h"
#include "plane/reserved.h"
#include "plane/space.h"
#include "plane/xfrm.h"

#include <assert.h>
#include <cap-ng.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    SOCKET_BYTES = 1 << 20, /* of reports that the gateway has not read */
    AT_ONCE = 64,           /* orders before the loop turns */
    CLAIM_MS = 5000,        /* for a former keeper to leave */
    RESERVE_MS = 200,       /* for who only looks whether anybody has an address */
    GONE_MS = 20000,        /* for taking down; then what is left is left */
};

/* A tunnel as it was last told of. */
struct kept {
    struct report_tunnel said;
    bool unsaid; /* the gateway did not take it: again when it does */
};

struct keeper {
    uv_loop_t loop;
    uv_poll_t poll;
    int fd;
    int polled_for;
    bool begun, refused, ready, settled, ending, going;
    bool late_refused; /* no plane begins for the first tunnel of this file: keeper->refusal */
    char gateway[ORDER_GATEWAY_BYTES];
    enum plane_choice choice;
    const struct permit_pools *pools;
    struct permit *permit;
    struct claim claim;
    struct reserved *reserved;
    bool together;
    struct pins *pins;       /* of one that lives together with its machine */
    struct carrier *carrier; /* NULL: no tunnels */
    struct attachments *attachments;
    struct plane_tunnel *early; /* wanted before it was settled */
    size_t early_count;
    struct kept *kept;
    size_t kept_count;
    uv_timer_t patience; /* of going */
    char refusal[ORDER_SENTENCE_BYTES];
};

static const char no_memory[] = "no memory for the tunnels";

/* -- telling -- */

static void listen_for(struct keeper *keeper, int what);

static void say(struct keeper *keeper, const struct report *report)
{
    int ignored = report_send(keeper->fd, report);
    (void)ignored; /* an end is read; what is only news may be lost */
}

static void say_trouble(void *of, const char *tunnel, const char *sentence)
{
    struct report report = {.kind = REPORT_TROUBLE};
    snprintf(report.trouble.name, sizeof report.trouble.name, "%s", tunnel);
    snprintf(report.trouble.sentence, sizeof report.trouble.sentence, "%s", sentence);
    say(of, &report);
}

static void say_tunnel(struct keeper *keeper, struct kept *kept)
{
    struct report report = {.kind = REPORT_TUNNEL, .tunnel = kept->said};
    kept->unsaid = report_send(keeper->fd, &report) == -EAGAIN;
    if (kept->unsaid)
        listen_for(keeper, UV_READABLE | UV_WRITABLE);
}

static struct kept *kept_of(struct keeper *keeper, const char *name)
{
    for (size_t i = 0; i < keeper->kept_count; i++) {
        if (strcmp(keeper->kept[i].said.name, name) == 0)
            return &keeper->kept[i];
    }
    return NULL;
}

static void changed(void *of, const struct report_tunnel *tunnel)
{
    struct keeper *keeper = of;
    struct kept *kept = kept_of(keeper, tunnel->name);
    if (!kept && keeper->kept_count < PERMIT_TUNNELS && permit_has(keeper->permit, tunnel->name))
        kept = &keeper->kept[keeper->kept_count++];
    if (!kept)
        return;
    kept->said = *tunnel;
    say_tunnel(keeper, kept);
}

static bool attached(void *of, const struct report_attachment *said)
{
    struct keeper *keeper = of;
    struct report report = {.kind = REPORT_ATTACHMENT, .attachment = *said};
    return report_send(keeper->fd, &report) != -EAGAIN;
}

static void counted(void *of, const struct report_counters *counters)
{
    struct report report = {.kind = REPORT_COUNTERS, .counters = *counters};
    say(of, &report);
}

static void pinned(void *of, const char *tunnel, ip_addr far, const char *device, ip_addr gateway)
{
    struct report report = {.kind = REPORT_PIN, .pin = {.far = far, .gateway = gateway}};
    snprintf(report.pin.name, sizeof report.pin.name, "%s", tunnel);
    snprintf(report.pin.device, sizeof report.pin.device, "%s", device);
    say(of, &report);
}

static void say_pins_trouble(void *of, const char *sentence)
{
    say_trouble(of, "", sentence);
}

static void say_all_unsaid(struct keeper *keeper)
{
    listen_for(keeper, UV_READABLE);
    for (size_t i = 0; i < keeper->kept_count; i++) {
        if (keeper->kept[i].unsaid)
            say_tunnel(keeper, &keeper->kept[i]);
    }
}

/* -- ending -- */

/* The gateway's name last: who waits for it finds the rest free. */
static void let_go(struct keeper *keeper)
{
    reserved_leave(keeper->reserved);
    keeper->reserved = NULL;
    claim_leave(&keeper->claim);
}

static void leave(struct keeper *keeper)
{
    if (keeper->ending)
        return;
    keeper->ending = true;
    if (keeper->carrier)
        keeper->carrier->acts->leave(keeper->carrier);
    keeper->carrier = NULL;
    attachments_leave(keeper->attachments);
    keeper->attachments = NULL;
    pins_leave(keeper->pins);
    keeper->pins = NULL;
    let_go(keeper);
    uv_poll_stop(&keeper->poll);
    uv_timer_stop(&keeper->patience);
    uv_stop(&keeper->loop);
}

static void gone(void *of)
{
    struct keeper *keeper = of;
    struct report report = {.kind = REPORT_GONE};
    if (keeper->pins)
        pins_clear(keeper->pins);
    let_go(keeper);
    say(keeper, &report);
    keeper->going = false;
    leave(keeper);
}

static void went_too_long(uv_timer_t *timer)
{
    say_trouble(timer->data, "",
                "the tunnels could not be taken down in time; the next start of "
                "sekishod removes what is left");
    gone(timer->data);
}

static void hear_nothing(void *of)
{
    (void)of;
}

/* What an earlier keeper made on a plane that is not, or no more, this one's. */
static void remove_left(struct keeper *keeper, const struct carrier_acts *acts, bool with_inner)
{
    struct carrier_spec spec = {.loop = &keeper->loop, .together = keeper->together};
    struct carrier_ears ears = {keeper, changed, counted, say_trouble, hear_nothing};
    char why[ORDER_SENTENCE_BYTES];
    if (!acts->left(keeper->gateway))
        return;
    memcpy(spec.gateway, keeper->gateway, sizeof spec.gateway);
    struct carrier *carrier = acts->create(&spec, &ears, why);
    if (!carrier) {
        say_trouble(keeper, "", why);
        return;
    }
    if (with_inner)
        acts->take_down(carrier);
    else
        acts->clear(carrier);
    acts->leave(carrier);
}

/* Of a gateway that wants no tunnels any more. */
static void remove_all_left(struct keeper *keeper)
{
    struct trouble trouble;
    if (!keeper->begun)
        return;
    if (claim_take(&keeper->claim, ENDPOINT_FOLDER, keeper->gateway, CLAIM_MS, &trouble)) {
        remove_left(keeper, &carrier_userspace, true);
        remove_left(keeper, &carrier_xfrm, true);
        pins_sweep(keeper->gateway);
    } else {
        say_trouble(keeper, "", trouble.sentence);
    }
}

static void take_down(struct keeper *keeper)
{
    struct trouble trouble = {0};
    if (keeper->attachments)
        attachments_take_down(keeper->attachments, keeper->ready && !keeper->carrier, &trouble);
    if (trouble.error)
        say_trouble(keeper, "", trouble.sentence);
    if (!keeper->carrier) {
        if (!keeper->ready)
            remove_all_left(keeper);
        gone(keeper);
        return;
    }
    keeper->going = true;
    uv_timer_start(&keeper->patience, went_too_long, GONE_MS, 0);
    keeper->carrier->acts->take_down(keeper->carrier);
}

/* -- beginning -- */

/* The gateway reads it and closes; what it said meanwhile is passed over. */
static void refuse(struct keeper *keeper, const char *sentence)
{
    struct report report = {.kind = REPORT_REFUSED};
    snprintf(report.sentence, sizeof report.sentence, "%s", sentence);
    if (!keeper->refused)
        say(keeper, &report);
    keeper->refused = true;
}

/* The kernel's ESP where there is one, unless the file says which. */
static const struct carrier_acts *choose(enum plane_choice choice, struct trouble *ret_trouble)
{
    static struct probe_answer answers[PROBES];
    struct trouble first;
    probe_all(answers);
    if (choice != PLANE_USERSPACE && probe_xfrm(answers, &first))
        return &carrier_xfrm;
    if (choice != PLANE_XFRM && probe_userspace(answers, ret_trouble))
        return &carrier_userspace;
    if (choice == PLANE_XFRM)
        *ret_trouble = first;
    return NULL;
}

/* Nobody waits for packets that the machine takes for its own, nor takes them from a tunnel of
 * another gateway's, whose keeper was killed. */
static bool is_free(struct keeper *keeper, ip_addr outside, struct trouble *ret_trouble)
{
    struct carrier *carrier = keeper->carrier;
    return outside == 0 ||
           ((carrier->acts != &carrier_userspace ||
             endpoint_is_free(&carrier->outer_kernel, outside, ret_trouble)) &&
            endpoint_is_ours(&carrier->outer_kernel, keeper->gateway, outside, ret_trouble));
}

/* Else the gateway does not start. */
static bool addresses_are_free(struct keeper *keeper, struct trouble *ret_trouble)
{
    bool fine =
        keeper->carrier->acts != &carrier_xfrm || xfrm_is_free(keeper->gateway, ret_trouble);
    for (size_t i = 0; fine && i < keeper->early_count; i++)
        fine = is_free(keeper, keeper->early[i].outside, ret_trouble);
    return fine;
}

static bool reserve(struct keeper *keeper, const struct carrier_acts *acts,
                    struct trouble *ret_trouble)
{
    keeper->reserved = reserved_create(ENDPOINT_FOLDER, keeper->gateway);
    return (keeper->reserved || trouble_is(ret_trouble, 0, no_memory)) &&
           (acts != &carrier_xfrm || reserved_ports(keeper->reserved, CLAIM_MS, ret_trouble)) &&
           reserved_take_all(keeper->reserved, keeper->early, keeper->early_count, CLAIM_MS,
                             ret_trouble);
}

static bool begin_tunnels(struct keeper *keeper, const struct carrier_acts *acts,
                          struct trouble *ret_trouble)
{
    struct carrier_spec spec = {.loop = &keeper->loop, .together = keeper->together};
    struct pins_ears pins_ears = {keeper, pinned, say_pins_trouble};
    struct carrier_ears ears = {keeper, changed, counted, say_trouble, gone};
    snprintf(spec.gateway, sizeof spec.gateway, "%s", keeper->gateway);
    if (!reserve(keeper, acts, ret_trouble))
        return false;
    if (keeper->together &&
        !(keeper->pins = pins_create(&keeper->loop, keeper->gateway, &pins_ears, ret_trouble)))
        return false;
    remove_left(keeper, acts == &carrier_xfrm ? &carrier_userspace : &carrier_xfrm, false);
    keeper->carrier = acts->create(&spec, &ears, keeper->refusal);
    if (!keeper->carrier)
        return trouble_is(ret_trouble, 0, "%s", keeper->refusal);
    return addresses_are_free(keeper, ret_trouble);
}

/* Attachments need no tunnels, nor what tunnels need. */
static bool begin_all(struct keeper *keeper)
{
    struct trouble trouble = {0};
    bool attached_any = attachments_count(keeper->attachments) > 0;
    bool tunnels = keeper->early_count > 0 || !attached_any;
    const struct carrier_acts *acts = tunnels ? choose(keeper->choice, &trouble) : NULL;
    if ((tunnels && !acts) ||
        !claim_take(&keeper->claim, ENDPOINT_FOLDER, keeper->gateway, CLAIM_MS, &trouble)) {
        refuse(keeper, trouble.sentence);
        return false;
    }
    if (attached_any && !attachments_prepare(keeper->attachments, keeper->refusal)) {
        refuse(keeper, keeper->refusal);
        return false;
    }
    if (acts && !begin_tunnels(keeper, acts, &trouble)) {
        refuse(keeper, trouble.sentence);
        return false;
    }
    if (acts)
        return true;
    remove_left(keeper, &carrier_userspace, false);
    remove_left(keeper, &carrier_xfrm, false);
    return true;
}

static void say_ready(struct keeper *keeper)
{
    enum plane_choice choice = keeper->carrier ? keeper->carrier->acts->choice : PLANE_AUTO;
    struct report ready = {.kind = REPORT_READY, .ready = {.choice = (uint8_t)choice}};
    if (!keeper->together)
        name_inner(keeper->gateway, ready.ready.space);
    say(keeper, &ready);
}

static void begin(struct keeper *keeper)
{
    if (!begin_all(keeper))
        return;
    keeper->ready = true;
    say_ready(keeper);
}

/* The first tunnel of a gateway that has had attachments alone. What it lacks all tunnels of the
 * file lack: it is looked for once. */
static bool begin_late(struct keeper *keeper, const char *tunnel)
{
    struct trouble trouble = {0};
    const struct carrier_acts *acts =
        keeper->late_refused ? NULL : choose(keeper->choice, &trouble);
    if (acts && begin_tunnels(keeper, acts, &trouble)) {
        say_ready(keeper);
        return true;
    }
    if (!keeper->late_refused)
        snprintf(keeper->refusal, sizeof keeper->refusal, "%s", trouble.sentence);
    keeper->late_refused = true;
    say_trouble(keeper, tunnel, keeper->refusal);
    if (keeper->carrier)
        keeper->carrier->acts->leave(keeper->carrier);
    keeper->carrier = NULL;
    reserved_leave(keeper->reserved);
    keeper->reserved = NULL;
    return false;
}

static void forget_early(struct keeper *keeper)
{
    explicit_bzero(keeper->early, keeper->early_count * sizeof *keeper->early);
    free(keeper->early);
    keeper->early = NULL;
    keeper->early_count = 0;
}

/* Before the first packet. */
static void want_carried(struct keeper *keeper, const struct plane_tunnel *tunnel)
{
    if (keeper->pins)
        pins_want(keeper->pins, tunnel->name, tunnel->peer);
    keeper->carrier->acts->want(keeper->carrier, tunnel);
}

/* What an earlier one has made that lived otherwise: with its machine, or apart from it. */
static void remove_other_life(struct keeper *keeper)
{
    char inner[NAME_SPACE_BYTES];
    struct trouble trouble;
    name_inner(keeper->gateway, inner);
    if (!keeper->together)
        pins_sweep(keeper->gateway);
    else if (space_exists(inner) && !space_remove(inner, &trouble))
        say_trouble(keeper, "", trouble.sentence);
}

static void settle(struct keeper *keeper)
{
    keeper->settled = true;
    keeper->late_refused = false;
    permit_settle(keeper->permit);
    attachments_settled(keeper->attachments);
    for (size_t i = 0; keeper->carrier && i < keeper->early_count; i++)
        want_carried(keeper, &keeper->early[i]);
    if (keeper->pins)
        pins_settled(keeper->pins);
    forget_early(keeper);
    if (keeper->carrier)
        keeper->carrier->acts->settled(keeper->carrier);
    remove_other_life(keeper);
}

/* -- keys -- */

/* The sentence names the file, never what is in it. */
static bool take_key(struct order *order, char sentence[ORDER_SENTENCE_BYTES])
{
    struct plane_tunnel *tunnel = &order->want.tunnel;
    if (*order->want.psk_file == '\0')
        return true;
    int error = key_file_read(order->want.psk_file, tunnel->psk);
    if (error == 0)
        return true;
    snprintf(sentence, ORDER_SENTENCE_BYTES, "%s: the key in %s cannot be had: %s", tunnel->name,
             order->want.psk_file,
             error == -EINVAL ? "expected one line of 8 to 64 letters, digits, periods and "
                                "underscores that does not begin with 0"
                              : strerror(-error));
    return false;
}

/* The permit has room for as many. */
static struct plane_tunnel *early_of(struct keeper *keeper, const char *name)
{
    for (size_t i = 0; i < keeper->early_count; i++) {
        if (strcmp(keeper->early[i].name, name) == 0)
            return &keeper->early[i];
    }
    return &keeper->early[keeper->early_count++];
}

/* Nobody else takes it while it is looked at, and the tunnel keeps what it had until it is had. */
static bool take_outside(struct keeper *keeper, const struct plane_tunnel *tunnel,
                         struct trouble *ret_trouble)
{
    static const char nobody[] = "";
    struct reserved *reserved = keeper->reserved;
    ip_addr outside = tunnel->outside;
    bool fine = reserved_take(reserved, nobody, outside, RESERVE_MS, ret_trouble) &&
                is_free(keeper, outside, ret_trouble) &&
                reserved_take(reserved, tunnel->name, outside, 0, ret_trouble);
    reserved_drop(reserved, nobody);
    return fine;
}

/* What another has is left alone, and the tunnel as it was. */
static void want_late(struct keeper *keeper, const struct plane_tunnel *tunnel)
{
    struct trouble trouble;
    if (reserved_has(keeper->reserved, tunnel->name, tunnel->outside) ||
        take_outside(keeper, tunnel, &trouble))
        want_carried(keeper, tunnel);
    else
        say_trouble(keeper, tunnel->name, trouble.sentence);
}

static void want(struct keeper *keeper, struct order *order)
{
    char sentence[ORDER_SENTENCE_BYTES];
    const struct plane_tunnel *tunnel = &order->want.tunnel;
    if (!permit_want(keeper->permit, tunnel, order->want.psk_file, sentence) ||
        !take_key(order, sentence)) {
        if (keeper->settled)
            say_trouble(keeper, tunnel->name, sentence);
        else
            refuse(keeper, sentence);
    } else if (!keeper->settled) {
        *early_of(keeper, tunnel->name) = *tunnel;
    } else if (keeper->carrier || begin_late(keeper, tunnel->name)) {
        want_late(keeper, tunnel);
    }
}

/* Before it is settled nobody takes back what he said. */
static void unwant(struct keeper *keeper, const char *name)
{
    struct kept *kept = kept_of(keeper, name);
    if (!keeper->settled)
        return;
    permit_unwant(keeper->permit, name);
    if (keeper->carrier)
        keeper->carrier->acts->unwant(keeper->carrier, name);
    if (keeper->reserved)
        reserved_drop(keeper->reserved, name);
    if (keeper->pins)
        pins_unwant(keeper->pins, name);
    if (kept)
        *kept = keeper->kept[--keeper->kept_count];
}

/* -- attachments -- */

static void begin_attachments(struct keeper *keeper)
{
    const struct attachments_ears ears = {keeper, attached, say_trouble};
    keeper->attachments = attachments_create(&keeper->loop, keeper->gateway, &ears);
    if (!keeper->attachments)
        refuse(keeper, "no memory for the attachments");
}

static void attach(struct keeper *keeper, const struct plane_attachment *wanted)
{
    char sentence[ORDER_SENTENCE_BYTES];
    if (attachments_want(keeper->attachments, wanted))
        return;
    snprintf(sentence, sizeof sentence, "%s: there are more attachments than a keeper keeps",
             wanted->name);
    if (keeper->settled)
        say_trouble(keeper, wanted->name, sentence);
    else
        refuse(keeper, sentence);
}

/* false: it is about something else. */
static bool obey_attachments(struct keeper *keeper, const struct order *order)
{
    if (order->kind == ORDER_ATTACH)
        attach(keeper, &order->attach);
    else if (order->kind == ORDER_DETACH)
        attachments_unwant(keeper->attachments, order->name);
    else if (order->kind == ORDER_ENTRY)
        attachments_entry(keeper->attachments, &order->entry);
    else if (order->kind == ORDER_AGAIN)
        attachments_again(keeper->attachments);
    else if (order->kind == ORDER_SWEEP)
        attachments_sweep(keeper->attachments);
    else
        return false;
    return true;
}

/* -- orders -- */

static void obey(struct keeper *keeper, struct order *order)
{
    struct carrier *carrier = keeper->carrier;
    if (order->kind == ORDER_BEGIN && !keeper->begun) {
        keeper->begun = true;
        keeper->choice = (enum plane_choice)order->begin.choice;
        keeper->together = order->begin.together;
        memcpy(keeper->gateway, order->begin.gateway, sizeof keeper->gateway);
        keeper->permit = permit_create(keeper->gateway, keeper->pools);
        if (!keeper->permit)
            refuse(keeper, no_memory);
        begin_attachments(keeper);
    } else if (order->kind == ORDER_TAKE_DOWN) {
        take_down(keeper);
    } else if (!keeper->begun) {
        return; /* nobody's yet */
    } else if (obey_attachments(keeper, order)) {
        return;
    } else if (order->kind == ORDER_WANT) {
        want(keeper, order);
    } else if (order->kind == ORDER_UNWANT) {
        unwant(keeper, order->name);
    } else if (order->kind == ORDER_PREPARE && !keeper->ready) {
        begin(keeper);
    } else if (keeper->ready && order->kind == ORDER_SETTLED) {
        settle(keeper);
    } else if (carrier && order->kind == ORDER_REPLACE) {
        carrier->acts->replace(carrier, order->name);
    } else if (carrier && order->kind == ORDER_ENDPOINT) {
        carrier->acts->endpoint(carrier, order->name);
    } else if (carrier && order->kind == ORDER_COUNT) {
        carrier->acts->count(carrier);
    }
}

/* An end of file: the gateway is gone, and its tunnels stay; unless it had them taken down, which
 * goes on. */
static void came(uv_poll_t *poll, int status, int events)
{
    struct keeper *keeper = poll->data;
    static struct order order;
    if (status == 0 && (events & UV_WRITABLE))
        say_all_unsaid(keeper);
    for (int i = 0; i < AT_ONCE && !keeper->ending; i++) {
        int got = order_receive(keeper->fd, &order);
        if (got == -EAGAIN)
            break;
        if (got == -EPROTO) {
            say_trouble(keeper, "", "an order was none, and was passed over");
            continue;
        }
        if (got <= 0) {
            if (keeper->going)
                uv_poll_stop(&keeper->poll);
            else
                leave(keeper);
            break;
        }
        if (!keeper->going && !keeper->refused)
            obey(keeper, &order);
    }
    explicit_bzero(&order, sizeof order);
}

static void listen_for(struct keeper *keeper, int what)
{
    if (keeper->polled_for == what || keeper->ending)
        return;
    keeper->polled_for = what;
    uv_poll_start(&keeper->poll, what, came);
}

/* -- the process -- */

static bool keep_few(void)
{
    static const unsigned kept[] = {CAP_NET_ADMIN,        CAP_SYS_ADMIN, CAP_KILL,
                                    CAP_NET_BIND_SERVICE, CAP_NET_RAW,   CAP_CHOWN};
    bool had[sizeof kept / sizeof *kept];
    if (capng_get_caps_process())
        return false;
    bool bounds = capng_have_capability(CAPNG_EFFECTIVE, CAP_SETPCAP);
    for (size_t i = 0; i < sizeof kept / sizeof *kept; i++)
        had[i] = capng_have_capability(CAPNG_PERMITTED, kept[i]);
    capng_clear(CAPNG_SELECT_ALL);
    for (size_t i = 0; i < sizeof kept / sizeof *kept; i++) {
        if (had[i])
            capng_update(CAPNG_ADD,
                         (capng_type_t)(CAPNG_EFFECTIVE | CAPNG_PERMITTED | CAPNG_BOUNDING_SET),
                         kept[i]);
    }
    return capng_apply(bounds ? CAPNG_SELECT_BOTH : CAPNG_SELECT_CAPS) == 0;
}

static void lower(void)
{
    static const int ignored[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE};
    struct rlimit none = {0, 0}, files;
    for (size_t i = 0; i < sizeof ignored / sizeof *ignored; i++)
        signal(ignored[i], SIG_IGN);
    (void)setrlimit(RLIMIT_CORE, &none);
    if (getrlimit(RLIMIT_NOFILE, &files) == 0 && files.rlim_cur < files.rlim_max) {
        files.rlim_cur = files.rlim_max; /* some six for each tunnel */
        (void)setrlimit(RLIMIT_NOFILE, &files);
    }
    prctl(PR_SET_DUMPABLE, 0);
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    prctl(PR_SET_NAME, "sekishod-keeper");
}

static bool go_out(const char *outer, struct trouble *ret_trouble)
{
    bool is_path = strchr(outer, '/') != NULL;
    int fd = is_path ? open(outer, O_RDONLY | O_CLOEXEC) : space_open(outer, ret_trouble);
    if (fd < 0)
        return is_path ? trouble_is(ret_trouble, errno, "the outer namespace %s", outer) : false;
    bool fine = setns(fd, CLONE_NEWNET) == 0 ||
                trouble_is(ret_trouble, errno, "the outer namespace %s", outer);
    close(fd);
    return fine;
}

static int start(struct keeper *keeper, const char *outer)
{
    struct trouble trouble;
    int size = SOCKET_BYTES;
    (void)setsockopt(keeper->fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
    lower();
    if (uv_loop_init(&keeper->loop))
        return -1;
    int failed = uv_poll_init(&keeper->loop, &keeper->poll, keeper->fd) ||
                 uv_timer_init(&keeper->loop, &keeper->patience);
    assert(!failed);
    keeper->poll.data = keeper->patience.data = keeper;
    keeper->early = calloc(PERMIT_TUNNELS, sizeof *keeper->early);
    keeper->kept = calloc(PERMIT_TUNNELS, sizeof *keeper->kept);
    listen_for(keeper, UV_READABLE);
    if (!keeper->early || !keeper->kept)
        refuse(keeper, no_memory);
    else if (outer && !go_out(outer, &trouble))
        refuse(keeper, trouble.sentence);
    else if (!keep_few())
        refuse(keeper, "the keeper's privileges cannot be lowered");
    return 0;
}

static void close_leftover(uv_handle_t *left, void *context)
{
    (void)context;
    if (!uv_is_closing(left))
        uv_close(left, NULL);
}

int keeper_live(int fd, const char *outer, const struct permit_pools *pools)
{
    static struct keeper keeper;
    keeper = (struct keeper){.fd = fd, .pools = pools, .claim = {.fd = -1}};
    if (start(&keeper, outer) == 0)
        uv_run(&keeper.loop, UV_RUN_DEFAULT);
    if (keeper.early)
        forget_early(&keeper);
    uv_walk(&keeper.loop, close_leftover, NULL);
    uv_run(&keeper.loop, UV_RUN_DEFAULT);
    free(keeper.kept);
    permit_destroy(keeper.permit);
    let_go(&keeper);
    close(fd);
    return 0;
}

int keeper_fork(const char *outer, const struct permit_pools *pools, int *ret_fd)
{
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends))
        return -errno;
    pid_t pid = fork();
    if (pid < 0) {
        int error = -errno;
        close(ends[0]);
        close(ends[1]);
        return error;
    }
    if (pid == 0) {
        close(ends[0]);
        (void)fcntl(ends[1], F_SETFL, O_NONBLOCK);
        _exit(keeper_live(ends[1], outer, pools));
    }
    close(ends[1]);
    *ret_fd = ends[0];
    return pid;
}
