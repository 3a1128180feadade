/*
 * A spreadsheet, or a table of areas, of any bytes. Beside not falling over: what is said can be
 * shown to anybody, and a table that was taken is taken again, the same, from the table that was
 * given back.
 */
#include "lottery/roster.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct lot_rules *rules;
static struct roster_options options = {.as_of = 20131015};

static void
read_rules(void)
{
    static char json[65536];
    FILE *file = fopen(TESTS_DIR "/vectors/roster/rules.json", "rb");
    assert(file != NULL);
    size_t size = fread(json, 1, sizeof json, file);
    fclose(file);
    bool good = lot_rules_read((struct lot_text){json, size}, &rules, NULL);
    assert(good);
    static const char table[] = "code,name,status,note\n230102,a,current,\n230105,b,retired,\n"
                                "230199,c,test,\n";
    struct identity_areas *areas = NULL;
    good = identity_areas_read(LOT_TEXT(table), &areas, NULL);
    assert(good);
    options.areas = areas;
}

static struct roster *
read_table(struct lot_text bytes)
{
    struct roster_input input = {"table", bytes};
    struct roster *roster = NULL;
    bool done = roster_read(&input, 1, rules, &options, &roster, NULL);
    assert(done);
    return roster;
}

static void
check_findings(const struct roster *roster)
{
    struct lot_buffer text = {0};
    for (uint32_t i = 0; i < roster->findings.count; i++) {
        roster_finding_line(roster, &roster->findings.items[i], "zh", &text);
        roster_finding_line(roster, &roster->findings.items[i], "en", &text);
    }
    roster_preview(roster, 0, &text);
    struct lot_text rest = lot_buffer_text(&text), line;
    while (lot_line(&rest, &line)) {
        bool plain = canon_people(line);
        assert(plain);
    }
    assert(rest.size == 0);
    lot_buffer_finish(&text);
}

static void
check_same(const struct roster *a, const struct roster *b)
{
    assert(!b->refused && a->household_count == b->household_count);
    assert(a->person_count == b->person_count);
    for (uint32_t i = 0; i < a->household_count; i++) {
        const struct roster_household *x = &a->households[i], *y = &b->households[i];
        assert(lot_text_same(x->application, y->application) && x->persons == y->persons);
        assert(x->queues == y->queues && x->chances == y->chances && x->held == y->held);
        assert(x->want_count == y->want_count && memcmp(x->wants, y->wants, x->want_count) == 0);
    }
    for (uint32_t i = 0; i < a->person_count; i++) {
        const struct roster_person *x = &a->persons[i], *y = &b->persons[i];
        assert(strcmp(x->number, y->number) == 0 && lot_text_same(x->name, y->name));
        assert(canon_person_number(lot_text(x->number)) && x->relation == y->relation);
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (rules == NULL) {
        read_rules();
    }
    struct identity_areas *areas = NULL;
    if (identity_areas_read((struct lot_text){(const char *)data, size}, &areas, NULL)) {
        identity_areas_destroy(areas);
    }
    struct roster *roster = read_table((struct lot_text){(const char *)data, size});
    struct lot_buffer table = {0};
    check_findings(roster);
    roster_table(roster, 0, "zh", &table);
    if (roster->refused) {
        assert(roster->household_count == 0 && roster->person_count == 0);
    } else {
        struct roster *again = read_table(lot_buffer_text(&table));
        check_same(roster, again);
        roster_destroy(again);
    }
    lot_buffer_finish(&table);
    roster_destroy(roster);
    return 0;
}
