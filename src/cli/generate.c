#include "network/generate.h"

#include "cli/arguments.h"
#include "cli/commands.h"
#include "explain/json.h"

#include <inttypes.h>
#include <stdlib.h>

static const struct option options[] = {
    {"seed", "N", "the same seed and shape give the same network; 1 unless said"},
    {"gateways", "N", "at most so many VPN gateways, 1 to 8; 3 unless said"},
    {"sites", "N", "at most so many sites, 1 to 32; 6 unless said"},
    {"connections", "N", "at most so many VPN connections a site, 1 to 3; 3 unless said"},
    {"direct-connects", "N", "at most so many Direct Connects, 0 to 8; 2 unless said"},
    {"steps", "N", "at most so many steps of a story, 0 to 16; 3 unless said"},
    {"danger", "PERCENT", "of 100 routers so many announce what covers endpoints; 25 unless said"},
    {"ipv6", "PERCENT", "of 100 networks so many have IPv6, too; 25 unless said"},
    {"filters", "PERCENT", "and so many have security groups and network ACLs; none unless said"},
    {"policies", "PERCENT",
     "and so many have allow-lists and changes of attributes; none unless said"},
    {"fast", NULL, "timers of seconds, for short runs"},
    {"json", NULL, "the answer for a machine, with the file in it"},
};

/* A number of the shape, with its bounds; what the user left out stays as it is. */
static bool read_number(struct cli *cli, const struct arguments *arguments, const char *option,
                        unsigned least, unsigned most, unsigned *number)
{
    uint64_t given;
    if (!arguments_number(cli, arguments, option, *number, &given))
        return false;
    if (given < least || given > most) {
        cli_error(cli, "--%s %" PRIu64 ": expected %u to %u", option, given, least, most);
        return false;
    }
    *number = (unsigned)given;
    return true;
}

static bool read_shape(struct cli *cli, const struct arguments *arguments,
                       struct generate_shape *shape)
{
    shape->fast = arguments_has(arguments, "fast");
    return read_number(cli, arguments, "gateways", 1, GENERATE_GATEWAYS_MAX, &shape->gateways) &&
           read_number(cli, arguments, "sites", 1, GENERATE_SITES_MAX, &shape->sites) &&
           read_number(cli, arguments, "connections", 1, GENERATE_CONNECTIONS_MAX,
                       &shape->connections) &&
           read_number(cli, arguments, "direct-connects", 0, GENERATE_DIRECT_CONNECTS_MAX,
                       &shape->direct_connects) &&
           read_number(cli, arguments, "steps", 0, GENERATE_STEPS_MAX, &shape->steps) &&
           read_number(cli, arguments, "danger", 0, 100, &shape->danger_percent) &&
           read_number(cli, arguments, "ipv6", 0, 100, &shape->six_percent) &&
           read_number(cli, arguments, "filters", 0, 100, &shape->filter_percent) &&
           read_number(cli, arguments, "policies", 0, 100, &shape->policy_percent);
}

static void say_number(FILE *out, const char *option, unsigned number, unsigned usual)
{
    if (number != usual)
        fprintf(out, " --%s %u", option, number);
}

/* The command that writes this very file again; with a line left blank, the comment belongs to the
 * whole file. */
static void say_command(FILE *out, uint64_t seed, const struct generate_shape *shape)
{
    const struct generate_shape *usual = &generate_usual;
    fprintf(out, "# A random network of sekisho " SEKISHO_VERSION ":\n");
    fprintf(out, "# sekisho generate --seed %" PRIu64, seed);
    say_number(out, "gateways", shape->gateways, usual->gateways);
    say_number(out, "sites", shape->sites, usual->sites);
    say_number(out, "connections", shape->connections, usual->connections);
    say_number(out, "direct-connects", shape->direct_connects, usual->direct_connects);
    say_number(out, "steps", shape->steps, usual->steps);
    say_number(out, "danger", shape->danger_percent, usual->danger_percent);
    say_number(out, "ipv6", shape->six_percent, usual->six_percent);
    say_number(out, "filters", shape->filter_percent, usual->filter_percent);
    say_number(out, "policies", shape->policy_percent, usual->policy_percent);
    fputs(shape->fast ? " --fast\n\n" : "\n\n", out);
}

static void write_file(FILE *out, uint64_t seed, const struct generate_shape *shape)
{
    struct network *network = network_generate(seed, shape);
    say_command(out, seed, shape);
    network_format(network, out);
    network_free(network);
}

/* Under the options' names. */
static json_t *shape_json(const struct generate_shape *shape)
{
    json_t *object = json_object();
    json_put(object, "gateways", json_integer(shape->gateways));
    json_put(object, "sites", json_integer(shape->sites));
    json_put(object, "connections", json_integer(shape->connections));
    json_put(object, "direct_connects", json_integer(shape->direct_connects));
    json_put(object, "steps", json_integer(shape->steps));
    json_put(object, "danger", json_integer(shape->danger_percent));
    json_put(object, "ipv6", json_integer(shape->six_percent));
    json_put(object, "filters", json_integer(shape->filter_percent));
    json_put(object, "policies", json_integer(shape->policy_percent));
    json_put(object, "fast", json_boolean(shape->fast));
    return object;
}

static enum cli_exit write_json(struct cli *cli, uint64_t seed, const struct generate_shape *shape)
{
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    if (out)
        write_file(out, seed, shape);
    if (!out || fclose(out) != 0) {
        cli_error(cli, "no memory to write the network");
        free(text);
        return CLI_WORLD;
    }
    json_t *answer = json_object();
    json_put(answer, "seed", json_seed(seed));
    json_put(answer, "shape", shape_json(shape));
    json_put(answer, "network", json_text(text));
    free(text);
    return json_write_take(answer, cli->out.out) ? CLI_FINE : CLI_WORLD;
}

static enum cli_exit run(struct cli *cli, const struct arguments *arguments)
{
    struct generate_shape shape = generate_usual;
    uint64_t seed;
    if (!arguments_number(cli, arguments, "seed", 1, &seed) || !read_shape(cli, arguments, &shape))
        return CLI_USAGE;
    if (arguments_has(arguments, "json"))
        return write_json(cli, seed, &shape);
    write_file(cli->out.out, seed, &shape);
    return CLI_FINE;
}

const struct command command_generate = {
    .name = "generate",
    .operands = "",
    .sentence = "Writes a random network: what people build, and what they regret, from a seed.",
    .text =
        "A network of its own kind each time: all that a network file can say occurs, in sound\n"
        "networks and in such as the checker warns of. A comment says how to make it again.",
    .options = options,
    .option_count = sizeof options / sizeof *options,
    .run = run,
};
