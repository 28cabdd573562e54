#include "import/import.h"

#include "import/compare.h"
#include "import/draft.h"
#include "import/infer.h"
#include "import/missing.h"
#include "import/read.h"
#include "import/remark.h"
#include "import/summary.h"
#include "network/memory.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

struct import {
    struct import_remarks remarks;
    struct aws aws;
    char **files; /* their names, which everything borrows */
    size_t file_count, file_cap;
    size_t total_bytes;
    struct import_count counts[AWS_KINDS];
    struct import_compared compared;
    struct network *network; /* after import_finish */
    char *text;
    size_t text_size;
};

struct import *import_create(void)
{
    struct import *import = memory_zeroed(1, sizeof *import);
    import->aws.remarks = &import->remarks;
    return import;
}

void import_free(struct import *import)
{
    if (!import)
        return;
    aws_done(&import->aws);
    remarks_done(&import->remarks);
    for (size_t i = 0; i < import->file_count; i++)
        free(import->files[i]);
    free(import->files);
    network_free(import->network);
    free(import->text);
    free(import);
}

/* --- files --- */

static const char *add_file(struct import *import, const char *name)
{
    import->files =
        memory_grow(import->files, import->file_count, &import->file_cap, sizeof *import->files);
    return import->files[import->file_count++] = memory_text(name, strlen(name));
}

/* Folders come in order, since files do; a file given alone or out of order makes one more. */
static size_t folder_of(struct import *import, const char *name)
{
    struct aws *aws = &import->aws;
    const char *slash = strrchr(name, '/');
    size_t size = slash ? (size_t)(slash - name) : 0;
    for (size_t back = 0; back < aws->folder_count && back < 64; back++) {
        const char *path = aws->folders[aws->folder_count - 1 - back].path;
        if (strlen(path) == size && memcmp(path, name, size) == 0)
            return aws->folder_count - 1 - back;
    }
    aws->folders =
        memory_grow(aws->folders, aws->folder_count, &aws->folder_cap, sizeof *aws->folders);
    aws->folders[aws->folder_count++] = (struct aws_folder){.path = memory_text(name, size)};
    return aws->folder_count - 1;
}

void import_unreadable(struct import *import, const char *name, const char *why)
{
    const char *kept = name ? add_file(import, name) : NULL;
    remark_say(&import->remarks, IMPORT_WRONG, (struct import_place){.file = kept}, NULL, "%s%s",
               kept ? "the file cannot be read: " : "", why);
}

void import_take(struct import *import, const char *name, struct slice text)
{
    struct document document;
    const char *kept = add_file(import, name);
    size_t folder = folder_of(import, kept);
    if (text.size > IMPORT_TOTAL_MAX - import->total_bytes) {
        remark_say(&import->remarks, IMPORT_WRONG, (struct import_place){.file = kept}, NULL,
                   "all files together are larger than 256 MiB; this one is left out");
        return;
    }
    import->total_bytes += text.size;
    if (document_read(&document, kept, text, &import->remarks))
        read_document(&import->aws, &document, folder);
    document_done(&document);
}

/* --- the network --- */

static void draft_all(struct draft *draft)
{
    draft_vpcs(draft);
    draft_gateways(draft);
    draft_peerings(draft);
    draft_instances(draft);
    draft_filters(draft);
    draft_tables(draft);
    draft_connections(draft);
    draft_direct(draft);
    draft_learned(draft);
}

static void count_all(struct import *import)
{
    const struct aws *aws = &import->aws;
    for (enum aws_kind kind = 0; kind < AWS_KINDS; kind++) {
        struct import_count *count = &import->counts[kind];
        count->key = aws_noun(kind)->key;
        for (size_t i = 0; i < aws_count(aws, kind); i++) {
            const struct aws_thing *thing = aws_at(aws, kind, i);
            count->read += !thing->inferred;
            count->used += !thing->inferred && thing->used;
        }
    }
}

static void write_text(struct import *import, const struct network *network)
{
    free(import->text);
    FILE *out = open_memstream(&import->text, &import->text_size);
    assert(out);
    network_format(network, out);
    fclose(out);
}

/* What was written is read again, as whoever gets it will: nothing else is handed out. */
static bool parse_text(struct import *import, const struct network *draft)
{
    struct diagnostics diagnostics;
    write_text(import, draft);
    struct slice text = {(const uint8_t *)import->text, import->text_size};
    network_free(import->network);
    import->network = NULL;
    diagnostics_init(&diagnostics);
    bool sound = network_parse(text, "import", &diagnostics, &import->network);
    if (!sound) {
        const struct diagnostic *first = &diagnostics.items[0];
        remark_conclude(&import->remarks, IMPORT_WRONG,
                        "no sound network file can be made of the export: %s%s%s", first->message,
                        first->hint ? "; " : "", first->hint ? first->hint : "");
    }
    diagnostics_done(&diagnostics);
    if (!sound)
        return false;
    assert(network_equal(draft, import->network));
    write_text(import, import->network); /* comments as they are when they are read */
    return true;
}

static bool is_empty(const struct network *network)
{
    return network->vpc_count + network->vpn_gateway_count + network->vpn_connection_count == 0;
}

bool import_finish(struct import *import)
{
    struct draft draft;
    bool done = false;
    aws_settle(&import->aws);
    infer_gateways(&import->aws);
    draft_init(&draft, &import->aws);
    draft_all(&draft);
    missing_say(&import->aws);
    count_all(import);
    if (is_empty(draft.network)) {
        remark_conclude(&import->remarks, IMPORT_WRONG,
                        "nothing in the export has a place in a network file; expected VPCs, VPN"
                        " gateways or VPN connections");
    } else if (parse_text(import, draft.network)) {
        compare_run(&import->aws, import->network, &import->remarks, &import->compared);
        summary_comment(&draft, import);
        done = parse_text(import, draft.network);
    }
    draft_done(&draft);
    return done;
}

/* --- what came of it --- */

const struct network *import_network(const struct import *import)
{
    return import->network;
}

const char *import_file_text(const struct import *import, size_t *ret_size)
{
    *ret_size = import->text_size;
    return import->text;
}

const struct import_remarks *import_remarks(const struct import *import)
{
    return &import->remarks;
}

size_t import_file_count(const struct import *import)
{
    return import->file_count;
}

struct import_compared import_compared(const struct import *import)
{
    return import->compared;
}

size_t import_count_total(const struct import *import)
{
    (void)import;
    return AWS_KINDS;
}

struct import_count import_count_at(const struct import *import, size_t index)
{
    return import->counts[index];
}
