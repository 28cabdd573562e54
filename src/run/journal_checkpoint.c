#define _GNU_SOURCE /* close_range */

#include "run/journal_checkpoint.h"

#include "engine/checkpoint.h"
#include "run/journal_writer.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

/* -- names -- */

struct telling {
    void (*take)(void *context, const struct journal_name *name);
    void *context;
};

static void tell(const struct telling *telling, enum journal_name_kind kind, uint16_t number,
                 uint16_t of, const char *text)
{
    const struct journal_name name = {kind, number, of, {(const uint8_t *)text, strlen(text)}};
    telling->take(telling->context, &name);
}

static void tell_list(const struct telling *telling, enum journal_name_kind kind,
                      const struct number_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        tell(telling, kind, (uint16_t)(i + 1), 0, list->names[i]);
}

/* Interfaces are called as the node calls them; they are what the engine was told of. */
static void tell_interfaces(const struct telling *telling, const struct plan *plan)
{
    for (size_t i = 0; i < plan->told_count; i++) {
        if (plan->told[i].kind != EVENT_INTERFACE)
            continue;
        const struct port *port = &plan->node->ports[plan->node->setup[i].interface.interface];
        tell(telling, JOURNAL_INTERFACE, plan->told[i].interface.interface, 0, port->name);
    }
}

static void tell_vpc(const struct telling *telling, const struct node *vpc)
{
    tell(telling, JOURNAL_VPC, vpc->vpc, 0, vpc->id);
    for (uint16_t i = 1; i <= vpc->table_count; i++)
        tell(telling, JOURNAL_TABLE, i, vpc->vpc, vpc->table_ids[i]);
    for (uint16_t i = 1; i <= vpc->target_count; i++)
        tell(telling, JOURNAL_TARGET, i, vpc->vpc, vpc->targets[i].id ? vpc->targets[i].id : "");
}

void journal_names_each(const struct journal_subject *subject,
                        void (*take)(void *context, const struct journal_name *name), void *context)
{
    const struct telling telling = {take, context};
    const struct plan *plan = subject->plan;
    tell(&telling, JOURNAL_GATEWAY, 0, 0, plan->node->id);
    tell_list(&telling, JOURNAL_ATTACHMENT, &subject->numbers->lists[NUMBER_ATTACHMENT]);
    tell_list(&telling, JOURNAL_NEIGHBOR, &subject->numbers->lists[NUMBER_NEIGHBOR]);
    tell_interfaces(&telling, plan);
    for (size_t i = 0; i < plan->world->node_count; i++) {
        const struct node *vpc = &plan->world->nodes[i];
        if (vpc->kind == NODE_VPC && vpc->owner == plan->node_index)
            tell_vpc(&telling, vpc);
    }
}

/* -- the file: all of this runs in the child, which allocates nothing -- */

struct file {
    int fd;
    int error; /* the first */
};

static uint8_t room[JOURNAL_RECORD_BYTES + JOURNAL_BODY_MAX];

static void put(struct file *file, const struct writer *writer)
{
    size_t size;
    assert(!writer->failed);
    if (file->error == 0)
        file->error = journal_write(file->fd, writer_slice(writer), &size);
}

static void put_sealed(struct file *file, struct writer *writer)
{
    journal_seal(writer, 0);
    journal_sum(writer->data, writer->size);
    put(file, writer);
}

static void put_name(void *context, const struct journal_name *name)
{
    struct writer writer = writer_over(room, sizeof room);
    journal_name_encode(name, &writer);
    journal_sum(writer.data, writer.size);
    put(context, &writer);
}

static void put_state(struct file *file, const struct journal_header *header,
                      const struct journal_subject *subject)
{
    struct checkpoint_walk walk = {0};
    struct writer writer = writer_over(room, sizeof room);
    journal_header_encode(header, &writer);
    put(file, &writer);
    writer = writer_over(room, sizeof room);
    journal_begin(&writer, JOURNAL_CONFIG);
    config_encode(engine_config_of(subject->engine), &writer);
    put_sealed(file, &writer);
    journal_names_each(subject, put_name, file);
    for (bool more = true; more && file->error == 0;) {
        writer = writer_over(room, sizeof room);
        journal_begin(&writer, JOURNAL_CHECKPOINT);
        more = checkpoint_write(&walk, subject->engine, &writer);
        put_sealed(file, &writer);
    }
    writer = writer_over(room, sizeof room);
    journal_begin(&writer, JOURNAL_CHECKPOINT_END);
    journal_put_u64(&writer, engine_digest(subject->engine));
    put_sealed(file, &writer);
}

/* The daemon's sockets are its own: a connection that it closes must not live on in here. Its
 * signals, too. */
static void stand_alone(void)
{
    static const int numbers[] = {SIGTERM, SIGINT, SIGABRT, SIGSEGV};
    sigset_t none;
    (void)close_range(0, ~0U, 0);
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        signal(numbers[i], SIG_DFL);
    signal(SIGHUP, SIG_IGN);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    (void)setpriority(PRIO_PROCESS, 0, 10); /* BGP comes first */
}

static int write_file(const struct journal_folder *folder, const struct journal_header *header,
                      const struct journal_subject *subject)
{
    char partial[FOLDER_FILE], path[FOLDER_FILE];
    struct file file = {0};
    journal_folder_name(folder, FOLDER_PARTIAL, header->number, partial);
    journal_folder_name(folder, FOLDER_CHECKPOINT, header->number, path);
    (void)journal_folder_make(folder->path);
    file.fd = open(partial, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (file.fd < 0)
        return errno;
    put_state(&file, header, subject);
    if (file.error == 0 && fdatasync(file.fd))
        file.error = errno;
    if (file.error == 0 && rename(partial, path))
        file.error = errno;
    if (file.error)
        (void)unlink(partial);
    return file.error;
}

/* No signal arrives in the child before it is on its own: what catches one would tell the daemon
 * through a pipe that both have. */
pid_t journal_checkpoint_fork(const struct journal_folder *folder,
                              const struct journal_header *header,
                              const struct journal_subject *subject)
{
    sigset_t all, before;
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, &before);
    pid_t child = fork();
    int error = errno;
    if (child == 0) {
        stand_alone();
        _exit(write_file(folder, header, subject));
    }
    sigprocmask(SIG_SETMASK, &before, NULL);
    return child < 0 ? -error : child;
}
