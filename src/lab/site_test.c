#include "lab/site.h"

#include "lab/keys.h"
#include "lab/plan_rig.h"

#include <sys/stat.h>
#include <unistd.h>

static void forget(const struct site *site, struct running_daemon *daemon)
{
    char path[LAB_PATH_BYTES];
    snprintf(path, sizeof path, "%.90s/swanctl.conf", site->folder.path);
    unlink(path);
    charon_folder_remove(&site->folder);
    for (size_t i = 0; daemon->words[i]; i++)
        free(daemon->words[i]);
    free(daemon->setting);
}

/* The tunnel as the customer sees it: ours is theirs. */
static void a_site_is_the_tunnels_other_end(void)
{
    struct trouble trouble = {0};
    char folder[] = "/tmp/sekisho-site.XXXXXX";
    struct site site;
    struct running_daemon daemon = {.pid = 0};
    struct stat about;
    struct lab_plan *plan = plan_of(rig_incident);
    struct network *network = keys_renewed(rig.network, &trouble);
    CHECK(mkdtemp(folder) != NULL);
    CHECK(site_of(plan, network, 0, folder, &site, &trouble));
    CHECK_TEXT(site.device, "vti1");
    CHECK_TEXT(site.router, "sekisho-lab-t1-vyatta");
    CHECK_TEXT(site.endpoint, "sekisho-lab-t1-vyatta@vpn-vyatta-1");
    CHECK_TEXT(site.tunnel.plane.local_id, "198.51.100.10");
    CHECK_TEXT(site.tunnel.plane.peer_id, "203.0.113.225");
    CHECK_TEXT(site.tunnel.plane.psk, network->vpn_connections[0].tunnels[0].psk);
    CHECK_EQUAL(site.tunnel.plane.inside_ours, RIG_IP(169, 254, 252, 29));
    CHECK_EQUAL(site.tunnel.plane.inside_theirs, RIG_IP(169, 254, 252, 30));
    CHECK_EQUAL(site.tunnel.plane.inside_len, 30);
    CHECK_EQUAL(site.tunnel.plane.mtu, 1400); /* stock libipsec, with whatever cipher */
    CHECK_EQUAL(site.tunnel.plane.mss, 1360);
    CHECK(site.tunnel.starts && site.tunnel.restarts);
    CHECK(site_prepare(&site, &daemon, &trouble));
    CHECK(stat(site.folder.path, &about) == 0 && (about.st_mode & 077) == 0); /* it has a key */
    CHECK_TEXT(daemon.tunnel, "vpn-vyatta/1");
    CHECK_TEXT(daemon.space, site.endpoint);
    CHECK(strncmp(daemon.setting, "STRONGSWAN_CONF=", 16) == 0);
    CHECK(!site_has_way(&site)); /* there is no such namespace */
    forget(&site, &daemon);
    CHECK(rmdir(folder) == 0);
    network_free(network);
    done(plan);
}

int main(void)
{
    TEST(a_site_is_the_tunnels_other_end);
    return harness_done();
}
