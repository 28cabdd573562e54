#include "cli/lab_sights.h"

#include <assert.h>

void sights_begin(struct sights *sights, int64_t from_us)
{
    *sights = (struct sights){
        .rounds = json_array(), .asked = json_array(), .from_us = from_us, .watched_us = -1};
}

/* One is no period yet, but it is what was seen. */
static void add_rounds(json_t *rounds, const struct lab_session *session)
{
    for (size_t i = 0; i < session->world->tunnel_count; i++) {
        size_t count = seen_cycles(&session->seen, (int)i);
        if (count == 0)
            continue;
        json_t *object = json_object();
        json_put(object, "tunnel", json_text(session->world->tunnels[i].id));
        json_put(object, "cycles", json_integer((json_int_t)count));
        json_put(object, "took_s", json_seconds(seen_cycle_us(&session->seen, (int)i)));
        json_push(rounds, object);
    }
}

void sights_note_before(struct sights *sights, struct lab_session *session)
{
    assert(!sights->before);
    sights->before = lab_session_json(session);
    add_rounds(sights->rounds, session);
}

void sights_note_check(struct sights *sights, const struct check *check)
{
    assert(!sights->check);
    sights->check = check_json(check);
}

void sights_note_asked(struct sights *sights, const struct lab_session *session, const char *node,
                       const char *question, const char *answer)
{
    json_t *object = json_object();
    json_put(object, "at_s", json_seconds(lab_session_now_us(session)));
    json_put(object, "node", json_text(node));
    json_put(object, "question", json_text(question));
    json_put(object, "answer", json_text(answer));
    json_push(sights->asked, object);
}

void sights_note_cure(struct sights *sights, const struct lab_session *session, size_t finding)
{
    const json_t *found = json_array_get(json_object_get(sights->check, "findings"), finding);
    const json_t *remedy = json_array_get(json_object_get(found, "remedies"), 0);
    assert(remedy && !sights->cure);
    sights->cure = json_deep_copy(remedy);
    json_put(sights->cure, "at_s", json_seconds(lab_session_now_us(session)));
}

void sights_note_after(struct sights *sights, struct lab_session *session, int64_t watched_us,
                       size_t again, bool held)
{
    assert(sights->cure && !sights->after);
    sights->after = lab_session_json(session);
    sights->watched_us = watched_us;
    sights->again = again;
    sights->held = held;
}

static json_t *or_null(json_t *noted)
{
    return noted ? noted : json_null();
}

json_t *sights_json_take(struct sights *sights, const struct lab_session *session, bool interrupted,
                         int status)
{
    bool watched = sights->watched_us >= 0;
    json_t *answer = json_object();
    json_put(answer, "lab", json_text(session->lab->name));
    json_put(answer, "file", json_text(session->path));
    json_put(answer, "from_s", json_seconds(sights->from_us));
    json_put(answer, "before", or_null(sights->before));
    json_put(answer, "rounds", sights->rounds);
    json_put(answer, "check", or_null(sights->check));
    json_put(answer, "cure", or_null(sights->cure));
    json_put(answer, "after", or_null(sights->after));
    json_put(answer, "watched_s", watched ? json_seconds(sights->watched_us) : json_null());
    json_put(answer, "again", watched ? json_integer((json_int_t)sights->again) : json_null());
    json_put(answer, "held", watched ? json_boolean(sights->held) : json_null());
    json_put(answer, "asked", sights->asked);
    json_put(answer, "interrupted", json_boolean(interrupted));
    json_put(answer, "status", json_integer(status));
    *sights = (struct sights){0};
    return answer;
}
