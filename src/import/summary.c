#include "import/summary.h"

#include "network/memory.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    const char *name, *title;
} subjects[IMPORT_SUBJECTS] = {
    [IMPORT_WRONG] = {"wrong", "Wrong in the export"},
    [IMPORT_DIFFERS] = {"differs", "Where the export differs, from itself or from the model"},
    [IMPORT_MISSING] = {"missing", "Missing"},
    [IMPORT_ASSUMED] = {"assumed", "Assumed"},
    [IMPORT_NOT_MODELED] = {"not_modeled", "Read, and without a place in a network file"},
};

const char *import_subject_name(enum import_subject subject)
{
    return subjects[subject].name;
}

const char *summary_title(enum import_subject subject)
{
    return subjects[subject].title;
}

char *summary_sentence(const struct import_remark *remark)
{
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    assert(out);
    if (remark->file && remark->line)
        fprintf(out, "%s:%u: ", remark->file, remark->line);
    else if (remark->file)
        fprintf(out, "%s: ", remark->file);
    fputs(remark->text, out);
    if (remark->depends)
        fprintf(out, "; on it depends: %s", remark->depends);
    fclose(out);
    return text;
}

static void comment_subject(struct draft *draft, const struct import *import,
                            enum import_subject subject)
{
    const struct import_remarks *remarks = import_remarks(import);
    struct place place = draft->network->place;
    size_t shown = 0;
    if (remarks->counts[subject] == 0)
        return;
    draft_comment(draft, place, "%s", "");
    draft_comment(draft, place, "%s:", subjects[subject].title);
    for (size_t i = 0; i < remarks->count; i++) {
        if (remarks->items[i].subject != subject)
            continue;
        char *sentence = summary_sentence(&remarks->items[i]);
        draft_comment(draft, place, "- %s", sentence);
        free(sentence);
        shown++;
    }
    if (shown < remarks->counts[subject])
        draft_comment(draft, place, "- and %zu more", remarks->counts[subject] - shown);
}

/* "Vpcs 4, Subnets 10": what has a place in the file. */
static char *counts_of(const struct import *import)
{
    char *text = NULL;
    size_t size, shown = 0;
    FILE *out = open_memstream(&text, &size);
    assert(out);
    for (size_t i = 0; i < import_count_total(import); i++) {
        struct import_count count = import_count_at(import, i);
        if (count.used == 0)
            continue;
        fprintf(out, "%s%s %zu", shown++ ? ", " : "", count.key, count.used);
        if (count.used < count.read)
            fprintf(out, " of %zu", count.read);
    }
    fclose(out);
    return text;
}

char *summary_compared(const struct import *import)
{
    struct import_compared compared = import_compared(import);
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    assert(out);
    if (compared.done && compared.tunnels + compared.routes == 0)
        fputs("There is nothing in it that a run could be held against.", out);
    else if (compared.done && compared.tunnels == 0)
        fprintf(out, "Run until it comes to rest, it has %zu of %zu propagated routes.",
                compared.routes_agree, compared.routes);
    else if (compared.done)
        fprintf(out,
                "Run until it comes to rest, it has %zu of %zu tunnels as the telemetry has them,"
                " and %zu of %zu propagated routes.",
                compared.tunnels_agree, compared.tunnels, compared.routes_agree, compared.routes);
    else
        fputs("It is not compared with the export by a run of it; below stands why.", out);
    fclose(out);
    return text;
}

void summary_comment(struct draft *draft, const struct import *import)
{
    size_t files = import_file_count(import);
    char *counts = counts_of(import);
    draft_comment(draft, draft->network->place, "From %zu file%s of AWS's answers: %s.", files,
                  files == 1 ? "" : "s", counts);
    free(counts);
    char *compared = summary_compared(import);
    draft_comment(draft, draft->network->place, "%s", compared);
    free(compared);
    for (enum import_subject subject = 0; subject < IMPORT_SUBJECTS; subject++)
        comment_subject(draft, import, subject);
}
