/* The inside of an answer; for the files of this room only. */
#pragma once

#include "base/arena.h"
#include "check/change.h"
#include "check/check.h"
#include "check/reach.h"
#include "network/split.h"

struct region;

struct check {
    const struct network *network;
    struct check_options options;
    struct budget budget;
    struct arena arena; /* everything that the answer's pointers point to */
    enum check_verdict verdict;
    struct check_finding *findings;
    size_t finding_count, finding_cap;
    size_t hidden_count; /* findings left out, which stand behind the others */
    struct check_left_out left_out;
    bool selected[CHECK_FINDING_KINDS];
    struct check_texts assumptions;
    size_t networks_run;
    size_t variants_screened;
    const char *screen_end;     /* how the iteration over the file's story ended */
    size_t screen_steps;        /* of it, after the story's last step */
    const char *screen_differs; /* from the timed run, in words; NULL: they agree */
    int64_t spent_us;
    const char *complaint;
    bool interrupted; /* no further run is to be begun */
    size_t remedy_total;
    struct reach reach;         /* what no remedy may lose */
    struct region *region;      /* of which this is about a part; NULL: about the whole */
    struct network_parts parts; /* several: their answers are below, and this is about all */
    struct check **answers;     /* borrowed from until the end; NULL: not asked */
    size_t parts_asked;
};

/* An answer that knows nothing yet; NULL when there is no memory. */
struct check *check_begin(const struct network *network, const struct check_options *options)
    __attribute__((warn_unused_result));
/* Answers for a network that is one part. false: no memory. */
bool check_alone(struct check *check) __attribute__((warn_unused_result));
/* Findings in the order in which they are read. */
void check_order(struct check *check);

/* Memory of the answer's, zeroed. Ends the program when there is none. */
void *check_take(struct check *check, size_t size_bytes);
/* Room for one more item behind count: the array, or a longer copy of it. */
void *check_grow(struct check *check, void *array, size_t count, size_t *cap, size_t item_bytes);

/* printf's text as the answer's own. */
char *check_text(struct check *check, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void check_add_text(struct check *check, struct check_texts *texts, const char *text);
bool check_has_text(const struct check_texts *texts, const char *text);

struct check_finding *check_add_finding(struct check *check);
/* A network has been run: counted, and told to whom it concerns. */
void check_counted(struct check *check, const char *doing);

/* The text of addresses and prefixes in printf's arguments: valid until eight more are made. */
const char *text_of_ip(ip_addr addr);
const char *text_of_prefix(struct prefix prefix);
