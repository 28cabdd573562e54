/* A VICI packet as one line of text, for tests: name{key=value list=[a b]}. */
#pragma once

#include "wire/vici.h"

#include "base/text.h"
#include "tests/harness.h"

enum { VICI_TEXT_BYTES = 16384 };

__attribute__((unused)) static void vici_text_add(struct text *text, struct slice bytes)
{
    for (size_t i = 0; i < bytes.size; i++)
        text_char(text, (char)bytes.data[i]);
}

__attribute__((unused)) static const char *vici_text(struct slice request)
{
    static char room[VICI_TEXT_BYTES];
    struct text text = text_over(room, sizeof room);
    struct vici_packet packet = {0};
    struct vici_element element;
    CHECK_EQUAL(vici_packet(request, &packet), VICI_WHOLE);
    CHECK_EQUAL(packet.size_bytes, request.size);
    CHECK(vici_message_check(packet.message));
    vici_text_add(&text, packet.name);
    struct cursor cursor = cursor_over(packet.message);
    bool first = false;
    while (vici_next(&cursor, &element)) {
        bool closes = element.type == VICI_SECTION_END || element.type == VICI_LIST_END;
        if (!first && !closes)
            text_char(&text, ' ');
        vici_text_add(&text, element.name);
        if (element.type == VICI_KEY_VALUE)
            text_char(&text, '=');
        vici_text_add(&text, element.value);
        first = element.type == VICI_SECTION || element.type == VICI_LIST;
        if (first)
            text_add(&text, element.type == VICI_SECTION ? "{" : "=[");
        if (closes)
            text_char(&text, element.type == VICI_SECTION_END ? '}' : ']');
    }
    CHECK(!text.cut);
    return room;
}
