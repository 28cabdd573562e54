/* The answer as JUnit XML, as test reports of build servers are read: one suite a network, one case
 * a kind of finding, so that the list of cases is the same in every run and a case has a history. A
 * case fails when there is such a finding at or above the level that fails; what is below stands
 * in the case's output; a case that was not asked for is skipped. The first case is the verdict: it
 * fails when no finding says why the network is not stable, and is an error when there is no
 * verdict, as after an interrupt. Then cases without a finding are skipped, too: that there is none
 * is not known. So the suite is red whenever the program's exit status is not 0. UTF-8; whatever
 * XML 1.0 cannot hold becomes U+FFFD. */
#pragma once

#include "check/check.h"

/* name: how the suite is called, the network file's. */
void junit_write(const struct check *check, const char *name, enum check_level fail_on, FILE *out);
