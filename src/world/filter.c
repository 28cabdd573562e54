#include "world/filter.h"

enum { ECHO_REPLY = 0, ECHO_REQUEST = 8, ECHO_REQUEST_SIX = 128, ECHO_REPLY_SIX = 129 };

bool traffic_has_ports(uint8_t protocol)
{
    return protocol == TRAFFIC_TCP || protocol == TRAFFIC_UDP || protocol == TRAFFIC_SCTP;
}

static bool is_icmp(uint8_t protocol)
{
    return protocol == TRAFFIC_ICMP || protocol == TRAFFIC_ICMP_SIX;
}

struct traffic traffic_echo(bool six)
{
    return six ? (struct traffic){.protocol = TRAFFIC_ICMP_SIX, .to_port = ECHO_REQUEST_SIX}
               : (struct traffic){.protocol = TRAFFIC_ICMP, .to_port = ECHO_REQUEST};
}

struct traffic traffic_answer(struct traffic traffic)
{
    struct traffic answer = traffic;
    if (traffic_has_ports(traffic.protocol)) {
        answer.from_port = traffic.to_port;
        answer.to_port = traffic.from_port;
    } else if (traffic.protocol == TRAFFIC_ICMP && traffic.to_port == ECHO_REQUEST) {
        answer.to_port = ECHO_REPLY;
    } else if (traffic.protocol == TRAFFIC_ICMP_SIX && traffic.to_port == ECHO_REQUEST_SIX) {
        answer.to_port = ECHO_REPLY_SIX;
    }
    return answer;
}

static const char *icmp_word(struct traffic traffic)
{
    if (traffic.to_port == (traffic.protocol == TRAFFIC_ICMP ? ECHO_REQUEST : ECHO_REQUEST_SIX))
        return " echo request";
    return traffic.to_port == (traffic.protocol == TRAFFIC_ICMP ? ECHO_REPLY : ECHO_REPLY_SIX)
               ? " echo reply"
               : NULL;
}

static const char *protocol_word(uint8_t protocol)
{
    switch (protocol) {
    case TRAFFIC_ICMP:
        return "icmp";
    case TRAFFIC_TCP:
        return "tcp";
    case TRAFFIC_UDP:
        return "udp";
    case TRAFFIC_ESP:
        return "esp";
    case TRAFFIC_ICMP_SIX:
        return "icmpv6";
    case TRAFFIC_SCTP:
        return "sctp";
    default:
        return NULL;
    }
}

void text_traffic_protocol(struct text *text, uint8_t protocol)
{
    const char *word = protocol_word(protocol);
    text_add(text, word ? word : "protocol ");
    if (!word)
        text_u64(text, protocol);
}

void text_traffic(struct text *text, struct traffic traffic)
{
    text_traffic_protocol(text, traffic.protocol);
    if (traffic_has_ports(traffic.protocol)) {
        text_char(text, ' ');
        text_u64(text, traffic.from_port);
        text_add(text, " → ");
        text_u64(text, traffic.to_port);
    } else if (is_icmp(traffic.protocol)) {
        const char *kind = icmp_word(traffic);
        text_add(text, kind ? kind : " type ");
        if (!kind)
            text_u64(text, traffic.to_port);
    }
}

static bool speaks_of(const struct filter_rule *rule, struct traffic traffic)
{
    if (rule->protocol >= 0 && rule->protocol != traffic.protocol)
        return false;
    if (rule->high != 0 && (traffic.to_port < rule->low || traffic.to_port > rule->high))
        return false;
    return rule->type < 0 || (rule->type == traffic.to_port && rule->code <= 0);
}

static bool holds(const struct filter_rule *rule, ip_addr addr)
{
    if (!rule->set)
        return prefix_contains(rule->range, addr);
    for (size_t i = 0; i < rule->set->count; i++) {
        if (prefix_contains(rule->set->items[i], addr))
            return true;
    }
    return false;
}

int filter_find(const struct filter *filter, const struct filter_question *question)
{
    ip_addr far_side = question->side == FILTER_IN ? question->src : question->dst;
    if (question->side == FILTER_OUT && filter->all_out)
        return FILTER_ALL_OUT;
    for (size_t i = 0; i < filter->counts[question->side]; i++) {
        const struct filter_rule *rule = &filter->rules[question->side][i];
        bool routed = rule->members && question->side == FILTER_IN && !question->direct;
        if (!routed && speaks_of(rule, question->traffic) && holds(rule, far_side))
            return (int)i;
    }
    return FILTER_NO_RULE;
}
