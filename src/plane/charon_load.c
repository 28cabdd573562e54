#include "plane/charon_parts.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ASKED_AT_ONCE = 32, CHARON_LOADED_BYTES = CHARON_TUNNELS_MAX * (PLANE_NAME_BYTES + 20) };

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

/* -- what was asked and not answered yet -- */

enum asked_kind {
    ASKED_COMMAND,
    ASKED_CREDENTIAL,
    ASKED_PRIVATE_KEY,
    ASKED_CONNECTION,
    ASKED_KEYS
};

/* A tunnel may be gone when its answer comes, so answers know the name. */
struct charon_asked {
    struct charon_asked *next;
    struct charon *charon;
    enum asked_kind kind;
    uint64_t digest;
    char name[PLANE_NAME_BYTES];
};

static void asked_done(struct charon_asked *asked)
{
    for (struct charon_asked **at = &asked->charon->asked; *at; at = &(*at)->next)
        if (*at == asked) {
            *at = asked->next;
            asked->charon->asked_count--;
            break;
        }
    free(asked);
}

void charon_forget_asked(struct charon *charon)
{
    while (charon->asked)
        asked_done(charon->asked);
    charon_forget_left(charon);
}

bool charon_is_busy(const struct charon *charon)
{
    return charon->asked_count >= ASKED_AT_ONCE;
}

static void take_connection(struct charon *charon, const struct charon_asked *asked)
{
    struct charon_tunnel *tunnel = charon_tunnel_called(charon, asked->name);
    if (!tunnel)
        return;
    tunnel->loaded = true;
    tunnel->digest = asked->digest;
    charon_look(charon);
}

static void take_private_key(struct charon *charon, const char *name, struct slice message)
{
    struct charon_tunnel *tunnel = charon_tunnel_called(charon, name);
    struct slice id;
    if (!tunnel || !vici_find(message, "id", &id))
        return;
    snprintf(tunnel->key_id, sizeof tunnel->key_id, "%.*s",
             (int)(id.size < CHARON_KEY_ID_BYTES ? id.size : 0), (const char *)id.data);
}

static void unload_strange_keys(struct charon *charon, struct slice message);
static void load_next(struct charon *charon);

static void take_answer(struct charon *charon, const struct charon_asked *asked,
                        struct slice message)
{
    static const char *const what[] = {[ASKED_CREDENTIAL] = "a key",
                                       [ASKED_PRIVATE_KEY] = "the private key",
                                       [ASKED_CONNECTION] = "the connection"};
    if (asked->kind == ASKED_KEYS)
        unload_strange_keys(charon, message);
    else if (asked->kind == ASKED_COMMAND)
        return;
    else if (!succeeded(VICI_ANSWERED, message))
        complain_of(charon, asked->name, what[asked->kind], message);
    else if (asked->kind == ASKED_PRIVATE_KEY)
        take_private_key(charon, asked->name, message);
    else if (asked->kind == ASKED_CONNECTION)
        take_connection(charon, asked);
}

static void answered(void *of, enum vici_outcome outcome, struct slice message)
{
    struct charon_asked *asked = of;
    struct charon *charon = asked->charon;
    if (outcome != VICI_BROKEN)
        take_answer(charon, asked, message);
    asked_done(asked);
    if (outcome == VICI_BROKEN)
        return; /* all of it is said anew when it can be */
    load_next(charon);
    charon_schedule(charon);
}

/* A queue that is full belongs to a charon that does not answer any more. */
static void ask_as(struct charon *charon, struct writer *writer, enum asked_kind kind,
                   const char *name, uint64_t digest)
{
    struct charon_asked *asked =
        vici_line_is_open(charon->line) && !writer->failed ? calloc(1, sizeof *asked) : NULL;
    bool fine = false;
    if (asked) {
        *asked = (struct charon_asked){charon->asked, charon, kind, digest, ""};
        snprintf(asked->name, sizeof asked->name, "%s", name);
        charon->asked = asked;
        charon->asked_count++;
        fine = vici_line_ask(charon->line, writer_slice(writer), NULL, NULL, answered, asked);
    }
    explicit_bzero(room, sizeof room);
    if (!asked || fine)
        return;
    asked_done(asked);
    vici_line_break(charon->line);
}

static void ask(struct charon *charon, struct writer *writer)
{
    ask_as(charon, writer, ASKED_COMMAND, "", 0);
}

/* -- keys and certificates -- */

/* Another tunnel with this peer: then a key belongs to the pair of both ends. */
static bool same_peer(const struct plane_tunnel *one, const struct plane_tunnel *other)
{
    return one != other && one->peer == other->peer && strcmp(one->peer_id, other->peer_id) == 0;
}

static bool peer_is_shared(const struct charon *charon, const struct charon_tunnel *tunnel)
{
    for (unsigned i = 0; i < charon->tunnel_count; i++) {
        if (same_peer(&tunnel->wanted, &charon->tunnels[i]->wanted))
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
    ask_as(charon, &writer, ASKED_CREDENTIAL, tunnel->wanted.name, 0);
}

static void unload_key(struct charon *charon, const char *name, enum connection_key key)
{
    struct writer writer = fresh_writer();
    connection_unshared(&writer, name, key);
    ask(charon, &writer);
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

/* A file of the tunnel; empty when it has none. False: it cannot be read, which was told. */
static bool read_file(struct charon *charon, const struct charon_tunnel *tunnel, const char *path,
                      struct slice *ret_file)
{
    struct trouble trouble;
    size_t size = 0;
    *ret_file = (struct slice){0};
    if (path[0] == 0 || tunnel->wanted.psk[0])
        return true;
    char *file = charon_folder_read(path, CONNECTION_FILE_MAX, &size, &trouble);
    *ret_file = (struct slice){(const uint8_t *)file, size};
    if (!file)
        charon_complain(charon, tunnel->wanted.name, trouble.sentence);
    return file != NULL;
}

static void forget_file(struct slice file)
{
    charon_folder_forget((char *)(uintptr_t)file.data, file.size);
}

static void load_private_key(struct charon *charon, const struct charon_tunnel *tunnel)
{
    struct slice file;
    if (!read_file(charon, tunnel, tunnel->wanted.private_key, &file))
        return;
    struct writer writer = fresh_writer();
    connection_private_key(&writer, file);
    ask_as(charon, &writer, ASKED_PRIVATE_KEY, tunnel->wanted.name, 0);
    forget_file(file);
    charon->keys_unsure = true;
}

static bool has_key(const struct charon *charon, struct slice id)
{
    for (unsigned i = 0; i < charon->tunnel_count; i++) {
        const char *own = charon->tunnels[i]->key_id;
        if (id.size == strlen(own) && memcmp(own, id.data, id.size) == 0)
            return true;
    }
    return false;
}

/* charon knows private keys by what they are, not by whose they are: it is asked which it has, once
 * all that are wanted were loaded, and what is nobody's goes. */
static void ask_for_keys(struct charon *charon)
{
    struct writer writer = fresh_writer();
    charon->keys_unsure = false;
    connection_keys(&writer);
    ask_as(charon, &writer, ASKED_KEYS, "", 0);
}

static void unload_strange_keys(struct charon *charon, struct slice message)
{
    struct cursor cursor = cursor_over(message);
    struct vici_element element;
    while (!charon->keys_unsure && vici_next(&cursor, &element)) {
        if (element.type != VICI_LIST_ITEM || has_key(charon, element.value))
            continue;
        struct writer writer = fresh_writer();
        connection_unload_key(&writer, element.value);
        ask(charon, &writer);
    }
}

/* -- connections -- */

static void load_connection(struct charon *charon, struct charon_tunnel *tunnel)
{
    const struct connection_plane plane = {charon->spec.userspace, tunnel->interface_id};
    struct connection_files files = {{0}, {0}};
    struct writer writer = fresh_writer();
    bool fine = read_file(charon, tunnel, tunnel->wanted.certificate, &files.certificate) &&
                read_file(charon, tunnel, tunnel->wanted.authority, &files.authority);
    if (fine) {
        connection_load(&writer, &tunnel->wanted, &plane, &files);
        uint64_t digest = connection_digest(writer_slice(&writer));
        tunnel->loaded = tunnel->digest == digest;
        if (!tunnel->loaded)
            ask_as(charon, &writer, ASKED_CONNECTION, tunnel->wanted.name, digest);
    }
    forget_file(files.certificate);
    forget_file(files.authority);
}

static void load_now(struct charon *charon, struct charon_tunnel *tunnel)
{
    bool by_certificate = tunnel->wanted.psk[0] == 0;
    tunnel->unsaid = false;
    if (by_certificate) {
        load_private_key(charon, tunnel);
        unload_key(charon, tunnel->wanted.name, CONNECTION_KEY_PRESENT); /* if it had one */
    } else {
        load_keys(charon, tunnel);
        charon->keys_unsure = charon->keys_unsure || tunnel->key_id[0];
        tunnel->key_id[0] = '\0';
    }
    load_connection(charon, tunnel);
}

/* Those of the same peer have their keys said anew: they belong to both ends from now on. */
void charon_load(struct charon *charon, struct charon_tunnel *tunnel)
{
    tunnel->unsaid = true;
    for (unsigned i = 0; i < charon->tunnel_count; i++) {
        if (same_peer(&tunnel->wanted, &charon->tunnels[i]->wanted))
            charon->tunnels[i]->unsaid = true;
    }
    load_next(charon);
}

/* -- what nobody wants -- */

struct charon_left {
    struct charon_left *next;
    bool former_only; /* it is wanted, but for a key that an earlier one of us knew */
    char name[PLANE_NAME_BYTES];
};

void charon_forget_left(struct charon *charon)
{
    while (charon->left) {
        struct charon_left *left = charon->left;
        charon->left = left->next;
        free(left);
    }
}

static void leave_out(struct charon *charon, const char *name, bool former_only)
{
    struct charon_left *left = calloc(1, sizeof *left);
    if (!left)
        return; /* the next one of us finds it in the file */
    *left = (struct charon_left){charon->left, former_only, ""};
    snprintf(left->name, sizeof left->name, "%s", name);
    charon->left = left;
}

static void unload_left(struct charon *charon)
{
    struct charon_left left = *charon->left;
    struct writer writer = fresh_writer();
    free(charon->left);
    charon->left = left.next;
    unload_key(charon, left.name, CONNECTION_KEY_FORMER);
    if (left.former_only)
        return;
    connection_unload(&writer, left.name);
    ask(charon, &writer);
    charon_ask_terminate(charon, left.name);
    unload_key(charon, left.name, CONNECTION_KEY_PRESENT);
}

void charon_unload(struct charon *charon, struct charon_tunnel *tunnel)
{
    tunnel->unsaid = false;
    if (!charon->going)
        return;
    leave_out(charon, tunnel->wanted.name, false);
    charon->keys_unsure = charon->keys_unsure || tunnel->key_id[0];
    load_next(charon);
}

/* What an earlier one of us had loaded: wanted as it is, wanted otherwise, or by nobody. A former
 * key that it had is known no more. */
static void adopt_loaded(struct charon *charon)
{
    size_t size;
    char *text = charon_folder_read(charon->folder.loaded, CHARON_LOADED_BYTES, &size, NULL);
    char name[PLANE_NAME_BYTES];
    const char *at = text;
    uint64_t digest;
    while (text && charon_folder_digest(&at, &digest, name)) {
        struct charon_tunnel *tunnel = charon_tunnel_called(charon, name);
        leave_out(charon, name, tunnel != NULL);
        if (tunnel)
            tunnel->digest = digest;
    }
    free(text);
}

static void record_loaded(struct charon *charon)
{
    static char text[CHARON_LOADED_BYTES];
    struct trouble trouble;
    size_t size = 0;
    charon->recorded = true;
    for (unsigned i = 0; i < charon->tunnel_count; i++) {
        const struct charon_tunnel *tunnel = charon->tunnels[i];
        if (tunnel->loaded)
            size += (size_t)snprintf(text + size, sizeof text - size, "%016" PRIx64 " %s\n",
                                     tunnel->digest, tunnel->wanted.name);
    }
    if (!charon_folder_write(charon->folder.loaded, text, size, &trouble))
        charon_complain(charon, "", trouble.sentence);
}

/* -- one after the other -- */

static struct charon_tunnel *next_unsaid(const struct charon *charon)
{
    for (unsigned i = 0; i < charon->tunnel_count; i++) {
        if (charon->tunnels[i]->unsaid)
            return charon->tunnels[i];
    }
    return NULL;
}

/* However many tunnels there are, only so much is asked at once: first what goes, then what comes.
 * When all is answered, it is written down. */
static void load_next(struct charon *charon)
{
    struct charon_tunnel *tunnel = NULL;
    while (charon->going && vici_line_is_open(charon->line) && !charon_is_busy(charon)) {
        tunnel = charon->left ? NULL : next_unsaid(charon);
        if (charon->left)
            unload_left(charon);
        else if (tunnel)
            load_now(charon, tunnel);
        else
            break;
        charon->recorded = false;
    }
    if (!charon->going || charon->asked_count > 0 || charon->recorded)
        return;
    record_loaded(charon);
    if (charon->keys_unsure)
        ask_for_keys(charon);
    if (charon->ears.loaded)
        charon->ears.loaded(charon->ears.of);
}

void charon_load_all(struct charon *charon)
{
    charon_forget_left(charon);
    for (unsigned i = 0; i < charon->tunnel_count; i++) {
        charon->tunnels[i]->digest = 0;
        charon->tunnels[i]->unsaid = true;
    }
    charon->keys_unsure = charon->told_adopted;
    charon->recorded = false;
    if (charon->told_adopted)
        adopt_loaded(charon);
    load_next(charon);
    charon_look(charon);
}

/* -- commands -- */

void charon_ask_initiate(struct charon *charon, const char *name)
{
    struct writer writer = fresh_writer();
    connection_initiate(&writer, name);
    ask(charon, &writer);
}

void charon_ask_terminate(struct charon *charon, const char *name)
{
    struct writer writer = fresh_writer();
    connection_terminate(&writer, name, 0);
    ask(charon, &writer);
}

void charon_ask_abandon(struct charon *charon, uint32_t number)
{
    struct writer writer = fresh_writer();
    connection_abandon(&writer, number);
    ask(charon, &writer);
}

void charon_ask_replace(struct charon *charon, const char *name)
{
    struct writer writer = fresh_writer();
    connection_replace_ike(&writer, name);
    ask(charon, &writer);
    writer = fresh_writer();
    connection_replace_pair(&writer, name);
    ask(charon, &writer);
}
