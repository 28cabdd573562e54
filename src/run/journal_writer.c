#define _GNU_SOURCE /* pthread_timedjoin_np */

#include "run/journal_writer.h"

#include "run/privileges.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { REST_AWAKE, REST_LINGERS, REST_SLEEPS };
enum { STACK_BYTES = 256 << 10, SMALL_RECORD = JOURNAL_RECORD_BYTES + 8 };

int journal_write(int file, struct slice bytes, size_t *ret_size)
{
    *ret_size = 0;
    while (*ret_size < bytes.size) {
        ssize_t size = write(file, bytes.data + *ret_size, bytes.size - *ret_size);
        if (size < 0 && errno != EINTR)
            return errno;
        if (size == 0)
            return ENOSPC;
        if (size > 0)
            *ret_size += (size_t)size;
    }
    return 0;
}

/* -- a segment -- */

static void account(struct journal_writer *writer)
{
    journal_folder_trim(&writer->folder, writer->written, writer->limit_bytes);
    atomic_store(&writer->state.bytes, writer->folder.bytes + writer->written);
    atomic_store(&writer->state.segments, journal_folder_count(&writer->folder));
}

/* From here on nothing of it can be relied on; what was written in part is taken back. */
static void break_off(struct journal_writer *writer, int error)
{
    atomic_store(&writer->state.error, error);
    if (writer->file >= 0 && ftruncate(writer->file, (off_t)writer->written)) {
        close(writer->file); /* then the reader finds a record that is cut */
        writer->file = -1;
    }
}

static bool is_broken(const struct journal_writer *writer)
{
    return atomic_load_explicit(&writer->state.error, memory_order_relaxed) != 0;
}

/* Its name is still there? Bytes written into a file without one are lost. */
static bool is_there(const struct journal_writer *writer)
{
    struct stat status;
    return writer->file >= 0 && fstat(writer->file, &status) == 0 && status.st_nlink > 0;
}

static int put_number(struct journal_writer *writer, enum journal_kind kind, uint64_t number)
{
    uint8_t bytes[SMALL_RECORD];
    struct writer record = writer_over(bytes, sizeof bytes);
    size_t size;
    journal_begin(&record, kind);
    journal_put_u64(&record, number);
    journal_seal(&record, 0);
    journal_sum(bytes, record.size);
    int error = journal_write(writer->file, writer_slice(&record), &size);
    writer->written += error ? 0 : size;
    return error;
}

static void end_segment(struct journal_writer *writer)
{
    int error = 0;
    if (writer->file < 0)
        return;
    if (is_broken(writer))
        error = put_number(writer, JOURNAL_GAP, writer->lost);
    if (!error)
        error = put_number(writer, JOURNAL_END, 0);
    if (error)
        (void)!ftruncate(writer->file, (off_t)writer->written);
    (void)fdatasync(writer->file);
    close(writer->file);
    writer->file = -1;
    writer->folder.bytes += writer->written;
    writer->written = 0;
}

static int open_segment(struct journal_writer *writer, const struct ring_turn *turn)
{
    char path[FOLDER_FILE];
    size_t size;
    journal_folder_name(&writer->folder, FOLDER_SEGMENT, turn->number, path);
    (void)journal_folder_make(writer->folder.path);
    writer->file = /* appending: what is taken back leaves no hole */
        open(path, O_WRONLY | O_APPEND | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (writer->file < 0)
        return errno;
    int error =
        journal_write(writer->file, (struct slice){turn->header, JOURNAL_HEADER_BYTES}, &size);
    writer->written = error ? 0 : size;
    return error;
}

static void turn_over(struct journal_writer *writer, struct slice body)
{
    struct ring_turn turn;
    assert(body.size == sizeof turn);
    memcpy(&turn, body.data, sizeof turn);
    end_segment(writer);
    if (writer->folder.first == 0)
        writer->folder.first = turn.number;
    writer->folder.last = turn.number;
    if (turn.state)
        writer->folder.state = turn.number;
    writer->lost = 0;
    atomic_store(&writer->state.segment, turn.number);
    int error = open_segment(writer, &turn);
    if (error)
        break_off(writer, error);
    else
        atomic_store(&writer->state.error, 0);
    account(writer);
}

/* -- records -- */

static void sum_all(struct slice records)
{
    /* they lie in the ring, which is ours until they are taken */
    uint8_t *bytes = (uint8_t *)(uintptr_t)records.data;
    while (records.size > 0) {
        size_t size = journal_ring_first(records).size_bytes;
        journal_sum(bytes, size);
        bytes += size;
        records.data += size;
        records.size -= size;
    }
}

/* The events among them count as lost. */
static void drop(struct journal_writer *writer, struct slice records)
{
    uint64_t events = 0;
    while (records.size > 0) {
        struct ring_record record = journal_ring_first(records);
        events += record.kind == JOURNAL_EVENT;
        records.data += record.size_bytes;
        records.size -= record.size_bytes;
    }
    writer->lost += events;
    atomic_fetch_add(&writer->state.missing, events);
}

/* Whole records among the first bytes. */
static size_t whole_of(struct slice records, size_t bytes)
{
    size_t whole = 0;
    while (whole < bytes) {
        struct slice rest = {records.data + whole, records.size - whole};
        size_t size = journal_ring_first(rest).size_bytes;
        if (whole + size > bytes)
            break;
        whole += size;
    }
    return whole;
}

static void write_records(struct journal_writer *writer, struct slice records)
{
    size_t size = 0;
    if (is_broken(writer)) {
        drop(writer, records);
        return;
    }
    sum_all(records);
    int error = journal_write(writer->file, records, &size);
    size_t whole = whole_of(records, size);
    writer->written += whole;
    if (error) {
        break_off(writer, error);
        drop(writer, (struct slice){records.data + whole, records.size - whole});
    }
}

/* Whether there was anything. */
static bool write_all(struct journal_writer *writer)
{
    struct slice records;
    bool any = false;
    while ((records = journal_ring_look(&writer->ring)).size > 0) {
        struct ring_record first = journal_ring_first(records);
        if (first.kind == RING_TURN)
            turn_over(writer, first.body);
        else
            write_records(writer, records);
        journal_ring_take(&writer->ring, records.size);
        any = true;
    }
    if (!any)
        return false;
    if (!is_broken(writer) && !is_there(writer))
        break_off(writer, ENOENT);
    account(writer);
    return true;
}

/* -- the checkpoint's process -- */

static void look_after_child(struct journal_writer *writer)
{
    int status = 0, child = atomic_load(&writer->state.child);
    struct stat about;
    struct timespec now;
    char path[FOLDER_FILE];
    if (child == 0)
        return;
    pid_t ended = waitpid(child, &status, WNOHANG);
    if (ended == 0 || (ended < 0 && errno == EINTR))
        return;
    uint32_t number = atomic_load(&writer->state.child_number);
    journal_folder_name(&writer->folder, FOLDER_CHECKPOINT, number, path);
    if (lstat(path, &about) == 0) {
        writer->folder.bytes += (uint64_t)about.st_size;
        writer->folder.state = number;
        clock_gettime(CLOCK_MONOTONIC, &now);
        atomic_store(&writer->state.checkpoint_us,
                     (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000);
        atomic_store(&writer->state.checkpoint, number);
        atomic_store(&writer->state.checkpoint_error, 0);
    } else {
        int error = WIFEXITED(status) && WEXITSTATUS(status) ? WEXITSTATUS(status) : EINTR;
        journal_folder_name(&writer->folder, FOLDER_PARTIAL, number, path);
        (void)unlink(path);
        atomic_store(&writer->state.checkpoint_error, error);
    }
    account(writer);
    atomic_store(&writer->state.child, 0);
}

/* -- the thread -- */

static void wait_for_bell(struct journal_writer *writer, int rest, int timeout_ms)
{
    struct pollfd bell = {.fd = writer->bell, .events = POLLIN};
    uint64_t count;
    atomic_store(&writer->rest, rest);
    atomic_thread_fence(memory_order_seq_cst); /* pairs with the one in journal_writer_ring */
    bool idle = journal_ring_used(&writer->ring) == 0 && !atomic_load(&writer->ends);
    if (idle || rest == REST_LINGERS)
        (void)poll(&bell, 1, timeout_ms);
    atomic_store(&writer->rest, REST_AWAKE);
    if (bell.revents & POLLIN)
        (void)!read(writer->bell, &count, sizeof count);
}

static void *write_on(void *context)
{
    struct journal_writer *writer = context;
    privileges_drop();
    sem_post(&writer->lowered);
    while (!atomic_load(&writer->ends)) {
        bool any = write_all(writer);
        look_after_child(writer);
        bool child = atomic_load(&writer->state.child) != 0;
        if (any)
            wait_for_bell(writer, REST_LINGERS, WRITER_LINGER_MS);
        else
            wait_for_bell(writer, REST_SLEEPS, child ? WRITER_CHILD_MS : -1);
    }
    write_all(writer);
    end_segment(writer);
    return NULL;
}

static bool start(struct journal_writer *writer)
{
    pthread_attr_t attributes;
    sigset_t all, before;
    if (pthread_attr_init(&attributes))
        return false;
    (void)pthread_attr_setstacksize(&attributes, STACK_BYTES);
    sigfillset(&all);
    sigdelset(&all, SIGSYS);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    writer->runs = sem_init(&writer->lowered, 0, 0) == 0 &&
                   pthread_create(&writer->thread, &attributes, write_on, writer) == 0;
    while (writer->runs && sem_wait(&writer->lowered) && errno == EINTR)
        continue;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    pthread_attr_destroy(&attributes);
    return writer->runs;
}

bool journal_writer_begin(struct journal_writer *writer, struct journal_folder *folder,
                          uint64_t limit_bytes)
{
    *writer = (struct journal_writer){
        .folder = *folder, .limit_bytes = limit_bytes, .file = -1, .bell = -1};
    atomic_store(&writer->state.bytes, folder->bytes);
    atomic_store(&writer->state.segments, journal_folder_count(folder));
    writer->bell = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (writer->bell >= 0 && journal_ring_open(&writer->ring, RING_BYTES) && start(writer))
        return true;
    journal_writer_end(writer);
    return false;
}

static void ring_bell(struct journal_writer *writer)
{
    static const uint64_t one = 1;
    atomic_store(&writer->rest, REST_AWAKE); /* once is enough */
    (void)!write(writer->bell, &one, sizeof one);
}

void journal_writer_ring(struct journal_writer *writer)
{
    atomic_thread_fence(memory_order_seq_cst);
    size_t used = journal_ring_used(&writer->ring);
    int rest = atomic_load(&writer->rest);
    if (rest == REST_SLEEPS ? used > 0 : rest == REST_LINGERS && used > WRITER_URGE_BYTES)
        ring_bell(writer);
}

void journal_writer_end(struct journal_writer *writer)
{
    struct timespec until;
    bool ended = true;
    if (writer->runs) {
        atomic_store(&writer->ends, true);
        ring_bell(writer);
        clock_gettime(CLOCK_REALTIME, &until);
        until.tv_sec += WRITER_CLOSE_S;
        ended = pthread_timedjoin_np(writer->thread, NULL, &until) == 0;
    }
    if (!ended) /* a disk that hangs: it has what it needs until the process ends */
        return;
    if (writer->bell >= 0)
        close(writer->bell);
    journal_ring_close(&writer->ring);
    journal_folder_close(&writer->folder);
}
