#include "run/run.h"

#include "run/daemon.h"

int run_sekishod(int argc, char *const argv[], FILE *out, FILE *err)
{
    struct run_options options;
    struct daemon daemon;
    enum run_exit status = options_read(argc, argv, err, &options);
    if (status != RUN_FINE)
        return (int)status;
    if (options.help) {
        options_help(out);
        return RUN_FINE;
    }
    if (options.version) {
        fprintf(out, "sekishod %s\n", SEKISHOD_VERSION);
        return RUN_FINE;
    }
    if (options.check) {
        struct plan *plan;
        status = plan_read(&options, err, &plan);
        if (status != RUN_FINE)
            return (int)status;
        plan_show(plan, out);
        plan_free(plan);
        return RUN_FINE;
    }
    status = daemon_start(&daemon, &options, out, err);
    if (status != RUN_FINE)
        return (int)status;
    daemon_run(&daemon);
    daemon_done(&daemon);
    return (int)daemon.status;
}
