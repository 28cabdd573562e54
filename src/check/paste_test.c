#include "check/paste.h"

#include "check/check_rig.h"

static void check_lines(const struct change *change, const char *const *lines, size_t count)
{
    struct network *network = rig_story("backup-more-specific.yaml", NULL, NULL);
    struct check *check = rig_blank(network);
    struct check_step step = {.where = NULL};
    struct paste paste = {.check = check, .network = network, .step = &step};
    if (change->kind == CHANGE_GATEWAY_ASN)
        paste_gateway(&paste, change);
    else if (change->kind == CHANGE_SPEAK_BGP)
        paste_connection(&paste, change);
    else if (change->kind == CHANGE_STOP_STATIC)
        paste_stop_static(&paste, change);
    else
        paste_statics(&paste, change, 1);
    CHECK_EQUAL((int64_t)step.lines.count, (int64_t)count);
    for (size_t i = 0; i < count && i < step.lines.count; i++)
        CHECK_TEXT(step.lines.items[i], lines[i]);
    check_free(check);
    network_free(network);
}

#define CHECK_LINES(change, ...)                                                                   \
    check_lines(&(change), (const char *const[]){__VA_ARGS__},                                     \
                sizeof((const char *const[]){__VA_ARGS__}) / sizeof(const char *))

static void a_gateway_of_aws_is_built_anew_with_all_that_hangs_on_it(void)
{
    struct change change = {.kind = CHANGE_GATEWAY_ASN, .number = 64513};
    CHECK_LINES(change, "aws ec2 create-vpn-gateway --type ipsec.1 --amazon-side-asn 64513",
                "aws ec2 detach-vpn-gateway --vpn-gateway-id vgw-main --vpc-id vpc-main",
                "aws ec2 attach-vpn-gateway --vpn-gateway-id NEW --vpc-id vpc-main",
                "aws ec2 modify-vpn-connection --vpn-connection-id vpn-tokyo --vpn-gateway-id NEW",
                "# dxvif-1: a new virtual interface to NEW");
}

static void a_connection_is_built_anew_or_gets_a_route(void)
{
    struct change change = {.kind = CHANGE_SPEAK_BGP};
    CHECK_LINES(change, "aws ec2 create-vpn-connection --type ipsec.1 --vpn-gateway-id vgw-main"
                        " --customer-gateway-id cgw-tokyo --options StaticRoutesOnly=false");
    change = (struct change){.kind = CHANGE_ADD_STATIC, .prefix = rig_prefix(10, 20, 0, 0, 16)};
    CHECK_LINES(change,
                "aws ec2 create-vpn-connection --type ipsec.1 --vpn-gateway-id vgw-main"
                " --customer-gateway-id cgw-tokyo --options StaticRoutesOnly=true",
                "aws ec2 create-vpn-connection-route --vpn-connection-id NEW"
                " --destination-cidr-block 10.20.0.0/16");
    change.kind = CHANGE_STOP_STATIC;
    CHECK_LINES(change, "aws ec2 delete-vpn-connection-route --vpn-connection-id vpn-tokyo"
                        " --destination-cidr-block 10.20.0.0/16");
}

int main(void)
{
    TEST(a_gateway_of_aws_is_built_anew_with_all_that_hangs_on_it);
    TEST(a_connection_is_built_anew_or_gets_a_route);
    return harness_done();
}
