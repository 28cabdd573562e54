/* Who plays charon-systemd in tests: the test program itself, started again with STRONGSWAN_CONF in
 * its environment. What the player says is in files of its folder:
 *
 *     sas      lines "vpn-a/1 IKE-NUMBER CHILD-NUMBER STATE": what list-sas has
 *     event    the name of an event to send; it removes the file then
 *     refuse   the name of a command that it refuses
 *     keys     private keys that it has, a word each; one that is loaded is called as what it is
 *     asked    what it was asked, a line each, in the words of vici_text_rig.h
 *
 * and the test writes charon's log itself. */
#pragma once

#include "plane/charon.h"

#include "plane/vici_text_rig.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define RIG_UNUSED __attribute__((unused))

enum { RIG_FILE_BYTES = 1 << 20, RIG_TURNS = 4000, RIG_TURN_MS = 5, RIG_CLIENTS = 4 };

/* -- files -- */

static char rig_folder[64];

RIG_UNUSED static const char *rig_path(const char *name)
{
    static char path[128];
    snprintf(path, sizeof path, "%s/%s", rig_folder, name);
    return path;
}

RIG_UNUSED static const char *rig_read(const char *name)
{
    static char text[RIG_FILE_BYTES];
    FILE *file = fopen(rig_path(name), "r");
    size_t size = file ? fread(text, 1, sizeof text - 1, file) : 0;
    text[size] = '\0';
    if (file)
        fclose(file);
    return text;
}

RIG_UNUSED static void rig_write(const char *name, const char *mode, const char *text)
{
    char fresh[128];
    snprintf(fresh, sizeof fresh, "%s", rig_path(name));
    if (mode[0] == 'w') /* as a whole: the player may look at any time */
        snprintf(fresh, sizeof fresh, "%s", rig_path("new"));
    FILE *file = fopen(fresh, mode);
    fputs(text, file);
    fclose(file);
    if (mode[0] == 'w')
        rename(fresh, rig_path(name));
}

/* -- the player -- */

struct rig_client {
    int fd;
    uint8_t got[CONNECTION_REQUEST_MAX];
    size_t size;
};

static struct rig_client rig_clients[RIG_CLIENTS];

static void rig_send(int fd, struct writer *writer)
{
    vici_end(writer);
    send(fd, writer->data, writer->size, MSG_NOSIGNAL);
}

static void rig_send_sas(int fd)
{
    char name[64], state[32];
    unsigned number, child;
    for (const char *at = rig_read("sas"); *at; at += strcspn(at, "\n") + 1) {
        uint8_t room[1024];
        struct writer writer = writer_over(room, sizeof room);
        if (sscanf(at, "%63s %u %u %31s", name, &number, &child, state) != 4)
            break;
        vici_begin(&writer, VICI_EVENT, "list-sa");
        vici_section(&writer, name);
        vici_key_u64(&writer, "uniqueid", number);
        vici_key_text(&writer, "version", "2");
        vici_section(&writer, "child-sas");
        vici_section(&writer, "child");
        vici_key_u64(&writer, "uniqueid", child);
        vici_key_text(&writer, "state", state);
        vici_key_text(&writer, "bytes-in", "77");
        vici_section_end(&writer);
        vici_section_end(&writer);
        vici_section_end(&writer);
        rig_send(fd, &writer);
    }
}

static void rig_add_keys(struct writer *writer)
{
    char word[64];
    int size = 0;
    vici_list(writer, "keys");
    for (const char *at = rig_read("keys"); sscanf(at, "%63s%n", word, &size) == 1; at += size)
        vici_list_text(writer, word);
    vici_list_end(writer);
}

static void rig_answer(int fd, const struct vici_packet *packet, struct slice whole)
{
    uint8_t room[256];
    struct writer writer = writer_over(room, sizeof room);
    struct slice data;
    char name[64];
    snprintf(name, sizeof name, "%.*s", (int)packet->name.size, (const char *)packet->name.data);
    if (packet->type == VICI_REGISTER) {
        vici_begin(&writer, VICI_CONFIRM, NULL);
        rig_send(fd, &writer);
        return;
    }
    bool refused = strcmp(rig_read("refuse"), name) == 0;
    if (strcmp(name, "list-sas") == 0) {
        rig_send_sas(fd);
    } else {
        rig_write("asked", "a", vici_text(whole));
        rig_write("asked", "a", "\n");
    }
    vici_begin(&writer, VICI_RESPONSE, NULL);
    vici_key_text(&writer, "success", refused ? "no" : "yes");
    if (refused)
        vici_key_text(&writer, "errmsg", "it was told to");
    if (strcmp(name, "load-key") == 0 && vici_find(packet->message, "data", &data))
        vici_key(&writer, "id", data);
    if (strcmp(name, "get-keys") == 0)
        rig_add_keys(&writer);
    rig_send(fd, &writer);
}

static void rig_serve(struct rig_client *client)
{
    struct vici_packet packet;
    ssize_t size = recv(client->fd, client->got + client->size, sizeof client->got - client->size,
                        MSG_DONTWAIT);
    if (size == 0) {
        close(client->fd);
        *client = (struct rig_client){0};
        return;
    }
    client->size += size > 0 ? (size_t)size : 0;
    while (vici_packet((struct slice){client->got, client->size}, &packet) == VICI_WHOLE) {
        rig_answer(client->fd, &packet, (struct slice){client->got, packet.size_bytes});
        client->size -= packet.size_bytes;
        memmove(client->got, client->got + packet.size_bytes, client->size);
    }
}

static void rig_send_event(void)
{
    uint8_t room[256];
    struct writer writer = writer_over(room, sizeof room);
    const char *name = rig_read("event");
    if (name[0] == 0)
        return;
    vici_begin(&writer, VICI_EVENT, name);
    vici_section(&writer, "vpn-a/1");
    vici_section_end(&writer);
    vici_end(&writer);
    unlink(rig_path("event"));
    for (unsigned i = 0; i < RIG_CLIENTS; i++)
        if (rig_clients[i].fd > 0)
            send(rig_clients[i].fd, writer.data, writer.size, MSG_NOSIGNAL);
}

static void rig_play(const char *conf)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
    snprintf(rig_folder, sizeof rig_folder, "%.*s", (int)(strrchr(conf, '/') - conf), conf);
    snprintf(address.sun_path, sizeof address.sun_path, "%.90s", rig_path("charon.vici"));
    if (bind(listener, (struct sockaddr *)&address, sizeof address) || listen(listener, 4))
        exit(1);
    while (access(rig_folder, F_OK) == 0) {
        int fd = accept(listener, NULL, NULL);
        for (unsigned i = 0; i < RIG_CLIENTS; i++) {
            if (fd > 0 && rig_clients[i].fd == 0) {
                rig_clients[i].fd = fd;
                fd = -1;
            }
            if (rig_clients[i].fd > 0)
                rig_serve(&rig_clients[i]);
        }
        rig_send_event();
        poll(NULL, 0, 1);
    }
    exit(0);
}

/* Call it first in main. */
RIG_UNUSED static void rig_maybe_play(void)
{
    const char *conf = getenv("STRONGSWAN_CONF");
    if (conf)
        rig_play(conf);
}
