/* rules.json of any bytes: what is refused says where, what is read can be asked everything. */
#include "lottery/lottery.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
ask(const struct lot_rules *rules)
{
    struct lot_buffer advice = {0};
    struct lot_error error = {0};
    lot_rules_advise(rules, &advice);
    assert(advice.size == 0 || advice.at[advice.size - 1] == '\n');
    assert(canon_utf8(lot_buffer_text(&advice)));
    lot_buffer_finish(&advice);
    assert(lot_rules_allow(rules, &error) || error.code == LOT_REFUSED);
    for (uint32_t i = 0; i < rules->type_count; i++) {
        assert(lot_rules_type(rules, lot_text(rules->types[i].code)) == (int)i);
        assert(rules->types[i].persons_min >= 1 &&
               rules->types[i].persons_min <= rules->types[i].persons_max &&
               rules->types[i].persons_max <= LOT_PERSONS_MAX);
    }
    for (uint32_t i = 0; i < rules->tag_count; i++) {
        assert(lot_rules_tag(rules, lot_text(rules->tags[i])) == (int)i);
    }
    for (uint32_t i = 0; i < rules->intake_count; i++) {
        assert(lot_rules_intake(rules, lot_text(rules->intakes[i].code)) == (int)i);
        assert(canon_people(lot_text(lot_title_in(&rules->intakes[i].title, "zh"))));
    }
    assert(rules->chances_max >= 1 && rules->chances_max <= LOT_CHANCES_MAX);
    assert(strcmp(rules->log_keys[0].name, rules->log_name) == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct lot_text json = {(const char *)data, size};
    struct lot_error error = {0};
    struct lot_rules *rules = NULL;
    if (lot_rules_read(json, &rules, &error)) {
        ask(rules);
        lot_rules_destroy(rules);
    } else {
        assert(rules == NULL && error.code == LOT_REFUSED);
        assert(strstr(error.text, ": ") != NULL && canon_people(lot_text(error.text)));
    }
    return 0;
}
