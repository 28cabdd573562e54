/* The programs of a lab: started in their namespaces, and found and ended again by number and start
 * time. They outlive whoever started them. Each has SEKISHO_LAB=NAME in its environment, by which a
 * program is known that was started and not yet written down. */
#pragma once

#include "lab/running.h"

#define DAEMON_MARK "SEKISHO_LAB"

/* words: to NULL; copied, like setting, which may be NULL. The daemon had none before. */
void daemon_words(struct running_daemon *daemon, const char *const words[], const char *setting);

/* Starts it as its words say. Fills in pid and start. */
bool daemon_start(const char *lab, struct running_daemon *daemon, struct trouble *ret_trouble)
    __attribute__((warn_unused_result));

/* SIGTERM, at most wait_ms, SIGKILL. One that has ended, or whose number somebody else has, is left
 * alone. */
bool daemon_stop(struct running_daemon *daemon, int wait_ms, struct trouble *ret_trouble);

/* Nothing, when it has ended. */
void daemon_signal(const struct running_daemon *daemon, int number);

/* What a process has in memory, in KiB: "Rss", or of that "Private_", what it shares with nobody;
 * 0: it has ended. */
unsigned long daemon_kib(pid_t pid, const char *word);

/* Always false: that it has ended by itself, with its last words. */
bool daemon_ended(const struct running_daemon *daemon, struct trouble *ret_trouble);

/* Ends every process that is in one of the lab's namespaces or bears its mark, but not ourselves;
 * returns how many are left. */
unsigned daemons_sweep(const char *lab, struct trouble *ret_trouble);

/* Memory that the same processes have for themselves, in KiB, and how many they are. */
unsigned long daemons_memory_kib(const char *lab, unsigned *ret_count);
