#include "network/reference.h"

#include "network/scalar.h"
#include "network/schema.h"

#include <assert.h>
#include <inttypes.h>
#include <string.h>

enum { CHAPTERS_MAX = 80 };

/* The schemas in the order in which they are first needed, each once. */
struct chapters {
    const struct schema *items[CHAPTERS_MAX];
    size_t count;
};

static void chapters_add(struct chapters *chapters, const struct schema *schema)
{
    for (size_t i = 0; i < chapters->count; i++)
        if (chapters->items[i] == schema)
            return;
    assert(chapters->count < CHAPTERS_MAX);
    chapters->items[chapters->count++] = schema;
    for (size_t i = 0; i < schema->field_count; i++)
        if (schema->fields[i].of)
            chapters_add(chapters, schema->fields[i].of);
}

static const char *scalar_word(const struct field *field)
{
    switch (field->type) {
    case FIELD_ID:
    case FIELD_DEFINE:
        return "new name";
    case FIELD_REF:
        return "name";
    case FIELD_BOOL:
        return "true or false";
    case FIELD_ASN:
    case FIELD_PATH_ASN:
        return "AS number";
    case FIELD_COMMUNITY:
        return "community";
    case FIELD_DURATION:
        return "duration";
    case FIELD_ADDRESS:
        return field->six == FIELD_SIX ? "IPv6 address" : "address";
    case FIELD_PREFIX:
        return field->six == FIELD_SIX ? "IPv6 prefix" : "prefix";
    case FIELD_PROTOCOL:
        return "all, tcp, udp, icmp, icmpv6, esp, gre, sctp or 0 to 255";
    case FIELD_PORTS:
        return "port or range";
    case FIELD_TEXT:
    case FIELD_SECRET:
        return "text";
    case FIELD_PATH:
        return "path";
    case FIELD_DEVICE:
        return "device";
    case FIELD_CHOICE:
    case FIELD_NUMBER:
    case FIELD_STRUCT:
    case FIELD_INLINE:
    case FIELD_OPTIONAL:
        break;
    }
    return "";
}

/* "name: instance, router": what may be named. */
static void describe_kinds(uint32_t kinds, FILE *out)
{
    const char *separator = "name: ";
    for (int kind = NETWORK_NOTHING + 1; kind < NETWORK_KINDS; kind++) {
        if (!(kinds >> kind & 1))
            continue;
        fprintf(out, "%s%s", separator, network_kind_name((enum network_kind)kind));
        separator = ", ";
    }
}

/* "name: VPC, router", "aws or sekisho", "1 to 4094", "prefix"; structs are the caller's. */
static void describe_scalar(const struct field *field, FILE *out)
{
    if (field->type == FIELD_CHOICE) {
        for (const struct choice *choice = field->choices; choice->text; choice++)
            fprintf(out, "%s%s",
                    choice == field->choices ? ""
                    : choice[1].text         ? ", "
                                             : " or ",
                    choice->text);
    } else if (field->type == FIELD_REF) {
        describe_kinds(field->kinds, out);
    } else if (field->type == FIELD_NUMBER) {
        fprintf(out, "%" PRId64 " to %" PRId64, field->min, field->max);
    } else {
        fputs(scalar_word(field), out);
    }
}

static void describe_initial(const struct field *field, FILE *out)
{
    if (field->required)
        fputs("required", out);
    else if (field->initial)
        fputs(field->initial, out);
    else if (field->open)
        fputs(field->open, out);
    else if (field->of)
        fputs("as told there", out);
}

/* The alternatives beside which a key may stand: "with router or route_table". */
static void describe_only(const struct schema *schema, const struct field *field, FILE *out)
{
    const char *separator = "With ";
    for (size_t i = 0; field->only && i < schema->field_count; i++) {
        const struct field *other = &schema->fields[i];
        if (!other->tag || !(field->only >> other->tag & 1))
            continue;
        fprintf(out, "%s%s", separator, other->key);
        separator = " or ";
    }
    if (field->only)
        fputs(": ", out);
}

/* --- Markdown --- */

static void put_anchor(const char *title, FILE *out)
{
    for (const char *at = title; *at; at++)
        if (*at == ' ')
            fputc('-', out);
        else if (*at >= 'A' && *at <= 'Z')
            fputc(*at - 'A' + 'a', out);
        else if ((*at >= 'a' && *at <= 'z') || *at == '_' || *at == '-')
            fputc(*at, out);
}

static void markdown_type(const struct field *field, FILE *out)
{
    if (field->list)
        fputs("list: ", out);
    if (!field->of) {
        describe_scalar(field, out);
        return;
    }
    fprintf(out, "[%s](#", field->of->noun);
    put_anchor(field->of->title, out);
    fputc(')', out);
}

static void markdown_row(const struct schema *schema, const struct field *field, FILE *out)
{
    fprintf(out, "| `%s` | ", field->key);
    markdown_type(field, out);
    fputs(" | ", out);
    if (field->tag)
        fputs("one of these", out);
    else
        describe_initial(field, out);
    fputs(" | ", out);
    describe_only(schema, field, out);
    fprintf(out, "%s |\n", field->sentence);
}

static void markdown_chapter(const struct schema *schema, FILE *out)
{
    fprintf(out, "\n## %s\n\n", schema->title);
    if (schema->text)
        fprintf(out, "%s\n\n", schema->text);
    fputs("| key | value | left out | meaning |\n|---|---|---|---|\n", out);
    for (size_t i = 0; i < schema->field_count; i++)
        markdown_row(schema, &schema->fields[i], out);
}

static const char preface[] =
    "# The network file\n"
    "\n"
    "One YAML file says a whole story in AWS's nouns. `sekisho check` runs it, `sekisho format`\n"
    "writes it canonically. This page is written from the tables that the reader itself uses\n"
    "(`src/network/schema.h`); `examples/incident.yaml` is a file to begin with.\n"
    "\n"
    "- A **name** begins with a letter and goes on with letters, digits or `.` `_` `-`, 64 at\n"
    "  most. Every name is given once in a file, whatever it names.\n"
    "- A **duration** is a number with a unit: `60s`, `1.5s`, `500ms`, `2m`, `1h`.\n"
    "- A **prefix** is written `10.0.0.0/16`, without host bits; an **address** `198.51.100.10`.\n"
    "- What is not known can be left out. A list left out and a list written `[]` are two\n"
    "  statements: *not known* (or the default below) and *none*.\n"
    "- Not read: anchors, aliases, tags, a second document, more than 16 MiB, lines longer than\n"
    "  256 KiB, more than a million values, lists and maps nested more than 32 deep.\n";

void reference_markdown(FILE *out)
{
    struct chapters chapters = {0};
    chapters_add(&chapters, &schema_network);
    fputs(preface, out);
    for (size_t i = 0; i < chapters.count; i++)
        markdown_chapter(chapters.items[i], out);
}

/* --- mdoc --- */

static void mdoc_text(const char *text, FILE *out)
{
    if (*text == '.' || *text == '\'')
        fputs("\\&", out);
    for (; *text; text++) {
        if (*text == '\\')
            fputs("\\e", out);
        else if (*text == '`')
            fputc('\'', out);
        else
            fputc(*text, out);
        if (*text == '.' && text[1] == ' ') /* a sentence a line */
            fputc('\n', out), text++;
    }
    fputc('\n', out);
}

static void mdoc_field(const struct schema *schema, const struct field *field, FILE *out)
{
    fprintf(out, ".It Cm %s : Ar ", field->key);
    if (field->list)
        fputs("list: ", out);
    if (field->of)
        fputs(field->of->noun, out);
    else
        describe_scalar(field, out);
    fputc('\n', out);
    describe_only(schema, field, out);
    mdoc_text(field->sentence, out);
    if (field->tag || !(field->required || field->initial || field->open))
        return;
    fputs(field->required ? "This key is " : "Left out: ", out);
    describe_initial(field, out);
    fputs(".\n", out);
}

void reference_mdoc(FILE *out)
{
    struct chapters chapters = {0};
    chapters_add(&chapters, &schema_network);
    for (size_t i = 0; i < chapters.count; i++) {
        const struct schema *schema = chapters.items[i];
        fprintf(out, ".Ss %s\n", schema->title);
        if (schema->text)
            mdoc_text(schema->text, out);
        fputs(".Bl -tag -width Ds -compact\n", out);
        for (size_t j = 0; j < schema->field_count; j++)
            mdoc_field(schema, &schema->fields[j], out);
        fputs(".El\n", out);
    }
}
