#include "plane/charon_parts.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Requests have keys in them: this memory is wiped after each. */
static uint8_t room[CONNECTION_REQUEST_MAX];

static struct writer fresh_writer(void)
{
    return writer_over(room, sizeof room);
}

/* -- answers -- */

static void complain_of(struct charon *charon, const char *tunnel, const char *what,
                        struct slice message)
{
    struct slice reason = {0};
    char sentence[CHARON_WHY_BYTES];
    if (!vici_find(message, "errmsg", &reason))
        reason = (struct slice){(const uint8_t *)"no reason given", 15};
    snprintf(sentence, sizeof sentence, "charon refused %s: %.*s", what,
             (int)(reason.size < 160 ? reason.size : 160), (const char *)reason.data);
    charon_complain(charon, tunnel, sentence);
}

static bool succeeded(enum vici_outcome outcome, struct slice message)
{
    struct slice value;
    return outcome == VICI_ANSWERED && vici_find(message, "success", &value) && value.size == 3 &&
           memcmp(value.data, "yes", 3) == 0;
}

static void credential_loaded(void *of, enum vici_outcome outcome, struct slice message)
{
    if (outcome != VICI_BROKEN && !succeeded(outcome, message))
        complain_of(of, "", "a key or a certificate", message);
}

/* A tunnel may be gone when its answer comes, so answers know the name. */
struct charon_asked {
    struct charon_asked *next;
    struct charon *charon;
    uint64_t digest;
    char name[PLANE_NAME_BYTES];
};

static struct charon_asked *asked_made(struct charon *charon, const char *name, uint64_t digest)
{
    struct charon_asked *asked = calloc(1, sizeof *asked);
    if (!asked)
        return NULL;
    asked->charon = charon;
    asked->digest = digest;
    memcpy(asked->name, name, strlen(name) + 1);
    asked->next = charon->asked;
    charon->asked = asked;
    return asked;
}

static void asked_done(struct charon_asked *asked)
{
    for (struct charon_asked **at = &asked->charon->asked; *at; at = &(*at)->next)
        if (*at == asked) {
            *at = asked->next;
            break;
        }
    free(asked);
}

void charon_forget_asked(struct charon *charon)
{
    while (charon->asked)
        asked_done(charon->asked);
}

static void connection_loaded(void *of, enum vici_outcome outcome, struct slice message)
{
    struct charon_asked *asked = of;
    struct charon *charon = asked->charon;
    struct charon_tunnel *tunnel = charon_tunnel_called(charon, asked->name);
    if (tunnel && succeeded(outcome, message)) {
        tunnel->loaded = true;
        tunnel->digest = asked->digest;
        charon_record_loaded(charon);
        charon_look(charon);
        charon_schedule(charon);
    } else if (tunnel && outcome != VICI_BROKEN) {
        complain_of(charon, asked->name, "the connection", message);
    }
    asked_done(asked);
}

/* What cannot be asked is answered at once. A queue that is full belongs to a charon that does not
 * answer any more. */
static void ask(struct charon *charon, struct writer *writer, vici_answered *answered, void *of)
{
    bool open = vici_line_is_open(charon->line);
    bool asked = open && !writer->failed &&
                 vici_line_ask(charon->line, writer_slice(writer), NULL, NULL, answered, of);
    explicit_bzero(room, sizeof room);
    if (asked)
        return;
    if (answered)
        answered(of, VICI_BROKEN, (struct slice){0});
    if (open && !writer->failed)
        vici_line_break(charon->line);
}

/* -- keys and certificates -- */

/* Another tunnel with this peer: then a key belongs to the pair of both ends. */
static bool peer_is_shared(const struct charon *charon, const struct charon_tunnel *tunnel)
{
    for (unsigned i = 0; i < charon->tunnel_count; i++) {
        const struct plane_tunnel *other = &charon->tunnels[i]->wanted;
        if (other != &tunnel->wanted && other->peer == tunnel->wanted.peer &&
            strcmp(other->peer_id, tunnel->wanted.peer_id) == 0)
            return true;
    }
    return false;
}

static void load_key(struct charon *charon, const struct charon_tunnel *tunnel,
                     enum connection_key key)
{
    const char *psk = key == CONNECTION_KEY_FORMER ? tunnel->former_psk : tunnel->wanted.psk;
    struct writer writer = fresh_writer();
    connection_shared(&writer, &tunnel->wanted, psk, key, peer_is_shared(charon, tunnel));
    ask(charon, &writer, credential_loaded, charon);
}

static void unload_key(struct charon *charon, const char *name, enum connection_key key)
{
    struct writer writer = fresh_writer();
    connection_unshared(&writer, name, key);
    ask(charon, &writer, NULL, NULL);
}

/* Of several keys that fit, charon uses the one that was loaded last for itself (5.9.8, seen); from
 * a peer it believes each of them (IKEv2). Loading replaces, so there is never a moment without. */
static void load_keys(struct charon *charon, const struct charon_tunnel *tunnel)
{
    bool former_last = tunnel->former_psk[0] && tunnel->former_first;
    if (former_last)
        load_key(charon, tunnel, CONNECTION_KEY_PRESENT);
    if (tunnel->former_psk[0])
        load_key(charon, tunnel, CONNECTION_KEY_FORMER);
    if (!former_last)
        load_key(charon, tunnel, CONNECTION_KEY_PRESENT);
}

void charon_forget_former(struct charon *charon, const struct charon_tunnel *tunnel)
{
    unload_key(charon, tunnel->wanted.name, CONNECTION_KEY_FORMER);
}

void charon_load_keys(struct charon *charon)
{
    if (!charon->going)
        return;
    for (unsigned i = 0; i < charon->tunnel_count && vici_line_is_open(charon->line); i++)
        if (charon->tunnels[i]->wanted.psk[0])
            load_keys(charon, charon->tunnels[i]);
}

static void load_file(struct charon *charon, const struct charon_tunnel *tunnel, const char *path,
                      void (*say)(struct writer *writer, struct slice file))
{
    struct trouble trouble;
    size_t size;
    if (path[0] == 0)
        return;
    char *file = charon_folder_read(path, CONNECTION_FILE_MAX, &size, &trouble);
    if (!file) {
        charon_complain(charon, tunnel->wanted.name, trouble.sentence);
        return;
    }
    struct writer writer = fresh_writer();
    say(&writer, (struct slice){(const uint8_t *)file, size});
    ask(charon, &writer, credential_loaded, charon);
    charon_folder_forget(file, size);
}

static void say_authority(struct writer *writer, struct slice file)
{
    connection_authority(writer, file);
}

/* -- connections -- */

static void load_connection(struct charon *charon, struct charon_tunnel *tunnel)
{
    const struct connection_plane plane = {charon->spec.userspace, tunnel->interface_id};
    const char *path = tunnel->wanted.certificate;
    struct trouble trouble;
    struct writer writer = fresh_writer();
    size_t size = 0;
    char *file = NULL;
    if (path[0] && tunnel->wanted.psk[0] == 0) {
        file = charon_folder_read(path, CONNECTION_FILE_MAX, &size, &trouble);
        if (!file) {
            charon_complain(charon, tunnel->wanted.name, trouble.sentence);
            return;
        }
    }
    connection_load(&writer, &tunnel->wanted, &plane, (struct slice){(const uint8_t *)file, size});
    free(file);
    uint64_t digest = connection_digest(writer_slice(&writer));
    tunnel->loaded = tunnel->digest == digest;
    struct charon_asked *asked =
        tunnel->loaded ? NULL : asked_made(charon, tunnel->wanted.name, digest);
    if (!asked)
        return;
    ask(charon, &writer, connection_loaded, asked);
}

void charon_load(struct charon *charon, struct charon_tunnel *tunnel)
{
    if (!charon->going)
        return;
    if (tunnel->wanted.psk[0]) {
        charon_load_keys(charon);
    } else {
        load_file(charon, tunnel, tunnel->wanted.authority, say_authority);
        load_file(charon, tunnel, tunnel->wanted.private_key, connection_private_key);
    }
    if (vici_line_is_open(charon->line))
        load_connection(charon, tunnel);
}

static void unload_called(struct charon *charon, const char *name)
{
    struct writer writer = fresh_writer();
    connection_unload(&writer, name);
    ask(charon, &writer, NULL, NULL);
    charon_ask_terminate(charon, name);
    unload_key(charon, name, CONNECTION_KEY_PRESENT);
}

void charon_unload(struct charon *charon, const struct charon_tunnel *tunnel)
{
    if (!charon->going)
        return;
    unload_called(charon, tunnel->wanted.name);
    charon_forget_former(charon, tunnel);
}

/* What an earlier one of us had loaded: wanted as it is, wanted otherwise, or by nobody. A former
 * key that it had is known no more. */
static void adopt_loaded(struct charon *charon)
{
    size_t size;
    char *text = charon_folder_read(charon->folder.loaded, 64 * 1024, &size, NULL);
    char name[PLANE_NAME_BYTES];
    const char *at = text;
    uint64_t digest;
    while (text && charon_folder_digest(&at, &digest, name)) {
        struct charon_tunnel *tunnel = charon_tunnel_called(charon, name);
        unload_key(charon, name, CONNECTION_KEY_FORMER);
        if (tunnel)
            tunnel->digest = digest;
        else
            unload_called(charon, name);
    }
    free(text);
}

void charon_load_all(struct charon *charon)
{
    for (unsigned i = 0; i < charon->tunnel_count; i++)
        charon->tunnels[i]->digest = 0;
    if (charon->told_adopted)
        adopt_loaded(charon);
    for (unsigned i = 0; i < charon->tunnel_count && vici_line_is_open(charon->line); i++)
        charon_load(charon, charon->tunnels[i]);
    charon_record_loaded(charon);
    charon_look(charon);
}

void charon_record_loaded(struct charon *charon)
{
    char text[CHARON_TUNNELS_MAX * (PLANE_NAME_BYTES + 20)];
    struct trouble trouble;
    size_t size = 0;
    for (unsigned i = 0; i < charon->tunnel_count; i++) {
        const struct charon_tunnel *tunnel = charon->tunnels[i];
        if (tunnel->loaded)
            size += (size_t)snprintf(text + size, sizeof text - size, "%016" PRIx64 " %s\n",
                                     tunnel->digest, tunnel->wanted.name);
    }
    if (!charon_folder_write(charon->folder.loaded, text, size, &trouble))
        charon_complain(charon, "", trouble.sentence);
}

/* -- commands -- */

void charon_ask_initiate(struct charon *charon, const char *name)
{
    struct writer writer = fresh_writer();
    connection_initiate(&writer, name);
    ask(charon, &writer, NULL, NULL);
}

void charon_ask_terminate(struct charon *charon, const char *name)
{
    struct writer writer = fresh_writer();
    connection_terminate(&writer, name, 0);
    ask(charon, &writer, NULL, NULL);
}

void charon_ask_replace(struct charon *charon, const char *name)
{
    struct writer writer = fresh_writer();
    connection_replace_ike(&writer, name);
    ask(charon, &writer, NULL, NULL);
    writer = fresh_writer();
    connection_replace_pair(&writer, name);
    ask(charon, &writer, NULL, NULL);
}
