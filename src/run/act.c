#include "run/act.h"

#include "explain/json.h"
#include "run/answer.h"

json_t *act_take(struct daemon *daemon, const struct request *request)
{
    const char *wrong = tunnels_replace(daemon, request->tunnel, request->outside);
    if (wrong)
        return answer_mistake(wrong);
    daemon_log(daemon, "event=tunnel-replacing tunnel=%s how=%s", request->tunnel,
               request->outside ? "endpoint" : "make-before-break");
    json_t *answer = json_object();
    json_put(answer, "tunnel", json_string(request->tunnel));
    json_put(answer, "outside", json_boolean(request->outside));
    json_put(answer, "state", json_string("under-way"));
    return answer;
}
