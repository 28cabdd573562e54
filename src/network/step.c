#include "network/step.h"

#include "network/check.h"
#include "network/memory.h"
#include "network/read.h"
#include "network/resolve.h"

#include <stdlib.h>

static void read_step(struct network *network, const struct yaml *yaml,
                      struct diagnostics *diagnostics)
{
    struct reading reading = {.diagnostics = diagnostics};
    size_t count = network->step_count;
    struct network_step *longer = memory_zeroed(count + 1, sizeof *longer);
    for (size_t i = 0; i < count; i++)
        longer[i] = network->story[i];
    free(network->story);
    network->story = longer;
    network->step_count = count + 1;
    read_struct(&reading, &schema_step, yaml->root, &longer[count]);
    resolve_names(network, diagnostics);
    struct checking checking = {network, diagnostics, &reading.marks};
    check_network(&checking);
    reading_done(&reading);
}

bool network_add_step(struct network *network, struct slice text, const char *name,
                      struct diagnostics *diagnostics)
{
    struct yaml yaml;
    size_t errors = diagnostics->count + diagnostics->dropped;
    diagnostics_open(diagnostics, name, text);
    bool sound = yaml_read(text, diagnostics, &yaml);
    diagnostics->text = yaml.text;
    if (sound && !yaml.root)
        diagnostics_add(diagnostics, (struct place){0}, 1, "expected a step of a story",
                        "it says nothing");
    else if (sound)
        read_step(network, &yaml, diagnostics);
    yaml_done(&yaml);
    diagnostics_close(diagnostics);
    return diagnostics->count + diagnostics->dropped == errors;
}
