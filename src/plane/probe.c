#define _GNU_SOURCE /* unshare, memmem */

#include "plane/probe.h"

#include "plane/devices.h"
#include "plane/firewall.h"

#include <errno.h>
#include <fcntl.h>
#include <libmnl/libmnl.h>
#include <linux/capability.h>
#include <linux/xfrm.h>
#include <netinet/in.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define CHARON   "/usr/sbin/charon-systemd"
#define LIBIPSEC "/usr/lib/ipsec/plugins/libstrongswan-kernel-libipsec.so"

enum { VERSION_BYTES = 16, KEY_BYTES = 20, PATIENCE_S = 10 };

static const struct {
    const char *word, *sentence;
} texts[] = {
#define PROBE(name, word, sentence) {word, sentence},
#include "plane/probe.def"
#undef PROBE
};

const char *probe_word(enum plane_probe probe)
{
    return texts[probe].word;
}

__attribute__((format(printf, 2, 3))) static void there(struct probe_answer *answer,
                                                        const char *format, ...)
{
    va_list arguments;
    answer->there = true;
    va_start(arguments, format);
    vsnprintf(answer->sentence, sizeof answer->sentence, format, arguments);
    va_end(arguments);
}

/* What to do, and what the world said. */
static void missing(struct probe_answer answers[], enum plane_probe probe, const char *said)
{
    answers[probe].there = false;
    snprintf(answers[probe].sentence, sizeof answers[probe].sentence, "%.180s (%.180s)",
             texts[probe].sentence, said);
}

static void say_if(struct probe_answer answers[], enum plane_probe probe, bool is, const char *what,
                   const struct trouble *trouble)
{
    if (is)
        there(&answers[probe], "%s", what);
    else
        missing(answers, probe, trouble->sentence);
}

/* -- rights -- */

static void ask_root(struct probe_answer answers[])
{
    struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
    struct __user_cap_data_struct sets[2] = {{0}};
    bool has = syscall(SYS_capget, &header, sets) == 0 && sets[0].effective >> CAP_NET_ADMIN & 1 &&
               sets[0].effective >> CAP_SYS_ADMIN & 1;
    struct trouble trouble = {0, "these capabilities are missing"};
    say_if(answers, PROBE_ROOT, has, "CAP_NET_ADMIN and CAP_SYS_ADMIN", &trouble);
}

static void ask_spaces(struct probe_answer answers[])
{
    char name[NAME_SPACE_BYTES];
    struct trouble trouble;
    snprintf(name, sizeof name, "sekisho-probe-%d", (int)getpid());
    bool made = space_make(name, &trouble) && space_remove(name, &trouble);
    say_if(answers, PROBE_SPACES, made, "network namespaces in " SPACE_FOLDER, &trouble);
}

/* -- strongSwan -- */

/* The version is a word of digits and dots between two zero bytes; no other is in the file. */
static bool version_in(const char *bytes, size_t size, char ret_version[VERSION_BYTES])
{
    for (size_t at = 1; at + VERSION_BYTES < size; at++) {
        size_t length = strnlen(bytes + at, VERSION_BYTES);
        if (bytes[at - 1] == 0 && length >= 5 && length < VERSION_BYTES &&
            strspn(bytes + at, "0123456789.") == length && bytes[at] != '.' &&
            strchr(bytes + at, '.') && strchr(bytes + at, '.') != strrchr(bytes + at, '.')) {
            memcpy(ret_version, bytes + at, length + 1);
            return true;
        }
    }
    return false;
}

static void ask_charon(struct probe_answer answers[])
{
    char version[VERSION_BYTES] = "";
    struct stat about;
    int fd = open(CHARON, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &about) || access(CHARON, X_OK)) {
        missing(answers, PROBE_CHARON, "there is no " CHARON " that we may execute");
    } else {
        size_t size = (size_t)about.st_size;
        char *bytes = mmap(NULL, size, PROT_READ, MAP_PRIVATE, fd, 0);
        bool known = bytes != MAP_FAILED && version_in(bytes, size, version);
        there(&answers[PROBE_CHARON], CHARON ", strongSwan %s",
              known ? version : "of unknown version");
        if (bytes != MAP_FAILED)
            munmap(bytes, size);
    }
    if (fd >= 0)
        close(fd);
}

static void ask_libipsec(struct probe_answer answers[])
{
    if (access(LIBIPSEC, R_OK) == 0)
        there(&answers[PROBE_LIBIPSEC], "%s", LIBIPSEC);
    else
        missing(answers, PROBE_LIBIPSEC, "there is no " LIBIPSEC);
}

/* -- the kernel, inside a namespace without a name, which ends with the visit -- */

static struct nlmsghdr *esp_state(void *room)
{
    struct nlmsghdr *request = rtnetlink_begin(room, XFRM_MSG_NEWSA, NLM_F_CREATE | NLM_F_ACK);
    struct xfrm_usersa_info *state = mnl_nlmsg_put_extra_header(request, sizeof *state);
    _Alignas(4) uint8_t bytes[sizeof(struct xfrm_algo_aead) + KEY_BYTES] = {0};
    struct xfrm_algo_aead *cipher = (void *)bytes;
    *cipher = (struct xfrm_algo_aead){
        .alg_name = "rfc4106(gcm(aes))", .alg_key_len = 8 * KEY_BYTES, .alg_icv_len = 128};
    state->family = AF_INET;
    state->mode = XFRM_MODE_TUNNEL;
    state->id.proto = IPPROTO_ESP;
    state->id.spi = htonl(0x1000);
    state->id.daddr.a4 = htonl(INADDR_LOOPBACK);
    state->saddr.a4 = htonl(INADDR_LOOPBACK);
    state->lft.soft_byte_limit = state->lft.hard_byte_limit = XFRM_INF;
    state->lft.soft_packet_limit = state->lft.hard_packet_limit = XFRM_INF;
    mnl_attr_put(request, XFRMA_ALG_AEAD, sizeof bytes, bytes);
    return request;
}

static int make_esp_state(void)
{
    _Alignas(8) uint8_t room[RTNETLINK_REQUEST_BYTES];
    struct timeval patience = {PATIENCE_S, 0};
    struct rtnetlink_said said = {0};
    int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_XFRM);
    if (fd < 0)
        return errno;
    struct nlmsghdr *request = esp_state(room);
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    ssize_t size = send(fd, request, request->nlmsg_len, MSG_NOSIGNAL);
    if (size > 0)
        size = recv(fd, room, sizeof room, 0);
    int error = size < 0 ? errno : EPROTO;
    struct slice bytes = {room, size > 0 ? (size_t)size : 0};
    if (rtnetlink_next(&bytes, &said) && said.kind == RTNETLINK_ERROR)
        error = said.error;
    close(fd);
    return error;
}

static void ask_kernel(void *context)
{
    struct probe_answer *answers = context;
    struct rtnetlink here;
    struct trouble trouble;
    struct firewall firewall = {.table = "sekisho-probe"};
    if (unshare(CLONE_NEWNET) || !rtnetlink_open(&here, NULL, &trouble)) {
        for (enum plane_probe probe = 0; probe < PROBES; probe++) {
            if (probe == PROBE_TUN || probe == PROBE_ESP || probe == PROBE_XFRM ||
                probe == PROBE_NFTABLES)
                missing(answers, probe, "no namespace to try it in");
        }
        return;
    }
    say_if(answers, PROBE_TUN, device_tun(&here, "probe-tun", &trouble), "/dev/net/tun", &trouble);
    int error = make_esp_state();
    trouble_is(&trouble, error, "an ESP state with AES-GCM");
    say_if(answers, PROBE_ESP, error == 0, "ESP in the kernel", &trouble);
    say_if(answers, PROBE_XFRM, device_xfrm(&here, "probe-xfrm", &here, "lo", 1, &trouble),
           "XFRM interfaces in the kernel", &trouble);
    say_if(answers, PROBE_NFTABLES, firewall_put(NULL, &firewall, &trouble), "nftables", &trouble);
    rtnetlink_close(&here);
}

void probe_all(struct probe_answer answers[PROBES])
{
    struct trouble trouble;
    memset(answers, 0, PROBES * sizeof *answers);
    ask_root(answers);
    ask_spaces(answers);
    ask_charon(answers);
    ask_libipsec(answers);
    if (!space_within(NULL, ask_kernel, answers, &trouble)) {
        missing(answers, PROBE_TUN, trouble.sentence);
        missing(answers, PROBE_ESP, trouble.sentence);
        missing(answers, PROBE_XFRM, trouble.sentence);
        missing(answers, PROBE_NFTABLES, trouble.sentence);
    }
}

/* -- planes -- */

static bool all_there(const struct probe_answer answers[], const enum plane_probe *needed,
                      size_t count, const char *plane, struct trouble *ret_trouble)
{
    for (size_t i = 0; i < count; i++) {
        if (!answers[needed[i]].there)
            return trouble_is(ret_trouble, 0, "the data plane %s is not possible here: %s", plane,
                              answers[needed[i]].sentence);
    }
    return true;
}

bool probe_rights(struct trouble *ret_trouble)
{
    struct probe_answer answers[PROBES];
    ask_root(answers);
    ask_spaces(answers);
    const struct probe_answer *first =
        &answers[answers[PROBE_ROOT].there ? PROBE_SPACES : PROBE_ROOT];
    return first->there || trouble_is(ret_trouble, 0, "%s", first->sentence);
}

bool probe_userspace(const struct probe_answer answers[PROBES], struct trouble *ret_trouble)
{
    static const enum plane_probe needed[] = {PROBE_ROOT,   PROBE_SPACES,   PROBE_TUN,
                                              PROBE_CHARON, PROBE_LIBIPSEC, PROBE_NFTABLES};
    return all_there(answers, needed, sizeof needed / sizeof needed[0], "userspace", ret_trouble);
}

bool probe_xfrm(const struct probe_answer answers[PROBES], struct trouble *ret_trouble)
{
    static const enum plane_probe needed[] = {PROBE_ROOT, PROBE_SPACES, PROBE_CHARON,
                                              PROBE_ESP,  PROBE_XFRM,   PROBE_NFTABLES};
    return all_there(answers, needed, sizeof needed / sizeof needed[0], "xfrm", ret_trouble);
}
