/* What does an answer cost? One gateway of AWS's with ten connections of a hundred routes, whose
 * sites have their own default by DHCP: every failure and every announcement is tried, and every
 * tunnel has its finding. The same with two connections that carry each other (T02), and sites that
 * all fall to one default again and again. Times are of the processor.
 *
 *     check_bench                           all of it
 *     check_bench write CONNECTIONS ROUTES TUNNELS    the first one's file, for whole processes */
#include "bench/figure.h"
#include "bench/hub.h"
#include "check/check.h"

#include <string.h>

enum { TIMES = 5 };

static size_t count_kind(const struct check *check, const char *name)
{
    size_t count = 0;
    for (size_t i = 0; i < check_finding_count(check); i++)
        count += strcmp(check_finding_name(check_finding(check, i)->kind), name) == 0;
    return count;
}

/* least: findings of that name, or the figure is of something else. */
static void measure(const char *figure_name, const struct hub *hub, const char *name, size_t least)
{
    char *text;
    struct slice slice = hub_text(hub, &text);
    double spent_ms[TIMES];
    size_t screened = 0, runs = 0;
    for (int i = 0; i < TIMES; i++) {
        double start_ns = figure_now_ns();
        struct network *network = hub_parse(slice);
        struct check *check = check_run(network, &(struct check_options){.seed = 1});
        spent_ms[i] = (figure_now_ns() - start_ns) / 1e6;
        if (!check || count_kind(check, name) < least) {
            fprintf(stderr, "check_bench: %s is not found as often as it is there\n", name);
            exit(1);
        }
        screened = check_variants_screened(check);
        runs = check_networks_run(check);
        check_free(check);
        network_free(network);
    }
    char line[64];
    figure(figure_name, figure_median(spent_ms, TIMES), "ms");
    snprintf(line, sizeof line, "%s_screened", figure_name);
    figure(line, (double)screened, "variants");
    snprintf(line, sizeof line, "%s_runs", figure_name);
    figure(line, (double)runs, "networks");
    free(text);
}

int main(int argc, char **argv)
{
    struct hub hub = {.connections = 10, .routes = 100, .tunnels = 1, .aws = true, .dhcp = true};
    if (argc == 5 && strcmp(argv[1], "write") == 0) {
        hub.connections = (unsigned)strtoul(argv[2], NULL, 10);
        hub.routes = (unsigned)strtoul(argv[3], NULL, 10);
        hub.tunnels = (unsigned)strtoul(argv[4], NULL, 10);
        hub_write(&hub, stdout);
        return 0;
    }
    measure("check.one_tunnel", &hub, "weak-default", 10);
    hub.tunnels = 2;
    measure("check.two_tunnels", &hub, "weak-default", 20);
    hub.tunnels = 1;
    hub.mutual = true;
    measure("check.mutual", &hub, "mutual-recursion", 2);
    hub = (struct hub){
        .connections = 21, .routes = 1, .tunnels = 1, .aws = true, .dhcp = true, .announced = true};
    measure("check.flapping", &hub, "tunnel-recursion", 20);
    return 0;
}
