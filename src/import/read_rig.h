/* One answer of AWS, read: what became of it, and the remarks. JSON is written with ' for ". */
#pragma once

#include "import/read.h"
#include "import/remark.h"
#include "tests/harness.h"

#include <stdlib.h>

static struct import_remarks read_remarks;
static struct aws read_aws;

static inline void read_close(void)
{
    aws_done(&read_aws);
    remarks_done(&read_remarks);
}

static inline void read_of(const char *json)
{
    struct document document;
    size_t size = strlen(json);
    char *text = malloc(size + 1);
    CHECK(text != NULL);
    for (size_t i = 0; i <= size; i++)
        text[i] = json[i] == '\'' ? '"' : json[i];
    read_close();
    read_aws.remarks = &read_remarks;
    read_aws.folders = calloc(1, sizeof *read_aws.folders);
    read_aws.folder_count = 1;
    CHECK(document_read(&document, "a.json", (struct slice){(const uint8_t *)text, size},
                        &read_remarks));
    if (document.root)
        read_document(&read_aws, &document, 0);
    document_done(&document);
    free(text);
}

static inline void *read_thing(enum aws_kind kind, size_t index)
{
    CHECK(index < aws_count(&read_aws, kind));
    return aws_at(&read_aws, kind, index);
}

/* Exactly one remark, on that line, that says the part. */
static inline void read_says(unsigned line, const char *part)
{
    CHECK_EQUAL((int64_t)read_remarks.count, 1);
    if (read_remarks.count != 1)
        return;
    CHECK_EQUAL(read_remarks.items[0].line, line);
    CHECK(strstr(read_remarks.items[0].text, part) != NULL);
}
