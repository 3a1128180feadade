/*
 * register.c - hides how a draw file is begun and opened, and how two officers decide
 * on what is in it. What comes in is in intake.c, the freeze in freeze.c.
 *
 * Settings are stored files that never leave the register (store.h names them).
 */
#include "lottery/register.h"

#include "lottery/roll.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool
same_key(const struct lot_key *a, const struct lot_key *b)
{
    return memcmp(a->public_key, b->public_key, sizeof a->public_key) == 0;
}

/* ---- new ------------------------------------------------------------------------------------ */

static bool
check_log_key(const struct lot_rules *rules, const struct lot_key *key, struct lot_error *error)
{
    const struct lot_key *wanted = &rules->log_keys[0];
    return (strcmp(key->name, wanted->name) == 0 && key->type == wanted->type &&
            same_key(key, wanted)) ||
           lot_fail(error, LOT_REFUSED,
                    "the key given is %s+%08x, but rules.json says log[0] is %s", key->name,
                    key->id, wanted->text);
}

/* Officers sign for themselves: each key is another, and none is the log's. */
static bool
check_officers(const struct register_plan *plan, struct lot_key *keys, struct lot_error *error)
{
    if (plan->officer_count < 2 || plan->officer_count > REGISTER_OFFICERS_MAX) {
        return lot_fail(error, LOT_REFUSED, "%u officers: 2 to %u are needed, each with a key",
                        plan->officer_count, REGISTER_OFFICERS_MAX);
    }
    for (uint32_t i = 0; i < plan->officer_count; i++) {
        if (!note_key_read(plan->officers[i], &keys[i], error)) {
            return lot_fail_at(error, "officer %u", i + 1);
        }
        if (keys[i].type != LOT_KEY_LOG) {
            return lot_fail(error, LOT_REFUSED, "officer %u: %s is no officer's key", i + 1,
                            keys[i].text);
        }
        bool known = same_key(&keys[i], &plan->signer->key);
        for (uint32_t j = 0; j < i; j++) {
            known = known || same_key(&keys[i], &keys[j]);
        }
        if (known) {
            return lot_fail(error, LOT_REFUSED,
                            "officer %u: %s has this key too: each officer and the log have their "
                            "own",
                            i + 1, same_key(&keys[i], &plan->signer->key) ? "the log" : "another");
        }
    }
    return true;
}

/* Writes what the draw begins with into a file that is still empty. */
static bool
fill(struct store *store, const struct register_plan *plan, const struct lot_rules *rules,
     const struct lot_key *officers, struct lot_error *error)
{
    struct journal journal;
    struct lot_buffer keys = {0};
    char time[CANON_TIME_SIZE + 1], rules_digest[LOT_HEX_SIZE + 1], homes_digest[LOT_HEX_SIZE + 1];
    canon_time_text(plan->time, time);
    for (uint32_t i = 0; i < plan->officer_count; i++) {
        lot_buffer_print(&keys, "%s\n", officers[i].text);
    }
    bool good =
        store_file_put(store, LOT_TEXT("rules.json"), plan->rules, error) &&
        store_file_put(store, LOT_TEXT("homes.csv"), plan->homes, error) &&
        store_file_put(store, LOT_TEXT(STORE_FORM), lot_text(plan->application_form), error) &&
        store_file_put(store, LOT_TEXT(STORE_KEY_PATH), plan->key_path, error) &&
        store_file_put(store, LOT_TEXT(STORE_BEGUN), lot_text(time), error) &&
        store_file_put(store, LOT_TEXT(STORE_OFFICERS), lot_buffer_text(&keys), error) &&
        crypto_digest_hex(rules->hash, plan->rules, rules_digest, error) &&
        crypto_digest_hex(rules->hash, plan->homes, homes_digest, error) &&
        journal_begin(&journal, store, rules, plan->time, error) &&
        journal_row(&journal, error, "new %s private-never-published rules %s homes %s",
                    rules->draw, rules_digest, homes_digest);
    for (uint32_t i = 0; good && i < plan->officer_count; i++) {
        good = journal_row(&journal, error, "officer %s", officers[i].text);
    }
    good = good && journal_sign(&journal, "log", plan->signer, 1, error);
    lot_buffer_finish(&keys);
    return good;
}

bool
register_create(const char *path, const struct register_plan *plan, struct lot_error *error)
{
    assert(path != NULL && plan != NULL && plan->signer != NULL);
    struct lot_key *officers = lot_alloc(REGISTER_OFFICERS_MAX, sizeof *officers);
    struct lot_rules *rules = NULL;
    struct store *store = NULL;
    uint32_t homes = 0;
    bool good = false;
    /* Everything is checked before there is a file. */
    if (!lot_rules_read(plan->rules, &rules, error) || !lot_rules_allow(rules, error) ||
        !roll_check_homes(rules, plan->homes, &homes, error) ||
        !check_log_key(rules, &plan->signer->key, error) ||
        !check_officers(plan, officers, error)) {
        goto out;
    }
    good = store_create(path, &store, error) && fill(store, plan, rules, officers, error) &&
           store_commit(store, error);
out:
    store_close(store);
    lot_rules_destroy(rules);
    free(officers);
    return good;
}

/* ---- opening -------------------------------------------------------------------------------- */

bool
register_open(const char *path, enum store_mode mode, struct register_book *out,
              struct lot_error *error)
{
    assert(path != NULL && out != NULL);
    struct register_book book = {0};
    struct store_head head;
    if (!store_open(path, &book.store, error) || !store_begin(book.store, mode, error) ||
        !register_file(&book, "rules.json", &book.rules_bytes, error) ||
        !lot_rules_read(lot_buffer_text(&book.rules_bytes), &book.rules, error) ||
        !store_head(book.store, &head, error)) {
        register_close(&book);
        return false;
    }
    book.log_size = head.size;
    book.frozen = head.size > 0;
    *out = book;
    return true;
}

void
register_close(struct register_book *book)
{
    assert(book != NULL);
    store_close(book->store);
    lot_rules_destroy(book->rules);
    lot_buffer_finish(&book->rules_bytes);
    *book = (struct register_book){0};
}

bool
register_file(const struct register_book *book, const char *name, struct lot_buffer *out,
              struct lot_error *error)
{
    assert(book != NULL && name != NULL && out != NULL);
    bool found = false;
    return store_file_get(book->store, lot_text(name), out, &found, error) &&
           (found ||
            lot_fail(error, LOT_MACHINE, "the draw file holds no %s: it is damaged", name));
}

bool
register_must_be_open(const struct register_book *book, struct lot_error *error)
{
    assert(book != NULL);
    return !book->frozen ||
           lot_fail(error, LOT_PHASE,
                    "the roll of %s is frozen: no application can come, go or change any more; "
                    "the way out of a mistake is `end` and a new draw",
                    book->rules->draw);
}

bool
register_must_be_frozen(const struct register_book *book, struct lot_error *error)
{
    assert(book != NULL);
    return book->frozen ||
           lot_fail(error, LOT_PHASE,
                    "the roll of %s is not frozen yet: `lottery freeze` comes first",
                    book->rules->draw);
}

/* ---- decisions ------------------------------------------------------------------------------ */

bool
register_find(const struct register_book *book, struct lot_text name, struct store_application *out,
              struct lot_error *error)
{
    assert(book != NULL && out != NULL);
    char id[LOT_CODE_MAX + 1];
    size_t size = 0;
    bool found = false;
    /* An id as people read it: in groups, in small letters, O for 0, I and L for 1. */
    for (size_t i = 0; i < name.size && size < LOT_CODE_MAX; i++) {
        char c = name.at[i];
        c = (char)(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
        if (c != '-' && c != ' ') {
            id[size++] = (char)(c == 'O' ? '0' : c == 'I' || c == 'L' ? '1' : c);
        }
    }
    id[size] = '\0';
    if (!store_application(book->store, id, out, &found, error) ||
        (!found && name.size > 0 &&
         !store_application_of_office(book->store, name, out, &found, error))) {
        return false;
    }
    return found || lot_fail(error, LOT_REFUSED,
                             "there is no application '%.*s': an id or the office's number is "
                             "expected",
                             (int)(name.size < 80 ? name.size : 80), name.size == 0 ? "" : name.at);
}

/* Whether another admitted application has this person; *other becomes its id then, else empty. */
static bool
find_double(const struct register_book *book, const char *id, const char *number,
            char other[static LOT_CODE_MAX + 1], struct lot_error *error)
{
    struct store_application application;
    other[0] = '\0';
    for (bool found = true;;) {
        if (!store_person_next(book->store, number, other, &found, error)) {
            return false;
        }
        if (!found) {
            return true; /* and other is empty again */
        }
        if (!store_application(book->store, other, &application, &found, error)) {
            return false;
        }
        if (found && strcmp(other, id) != 0 && application.state == STORE_ADMITTED) {
            return true;
        }
    }
}

/* A person stands in one admitted application at most. */
static bool
check_persons(const struct register_book *book, const struct store_application *application,
              struct lot_error *error)
{
    char number[STORE_NUMBER_MAX + 1], other[LOT_CODE_MAX + 1];
    bool good = true, found = true;
    for (uint32_t place = 0; good && place < application->persons; place++) {
        good = store_person(book->store, application->id, place, number, &found, error) &&
               find_double(book, application->id, number, other, error) &&
               (other[0] == '\0' ||
                lot_fail(error, LOT_REFUSED,
                         "application %s: a person in it stands in %s too, which is admitted: "
                         "refuse one of the two first",
                         application->id, other));
    }
    crypto_wipe(number, sizeof number);
    return good;
}

static bool
decide_one(struct journal *journal, const struct register_book *book,
           const struct register_decision *decision, const struct store_application *application,
           struct lot_error *error)
{
    const char *id = application->id, *reason = decision->reason;
    enum store_state state = decision->admit ? STORE_ADMITTED : STORE_REFUSED;
    if (application->state == state) {
        return lot_fail(error, LOT_REFUSED, "application %s is %s already", id,
                        decision->admit ? "admitted" : "refused");
    }
    if ((application->held || application->state != STORE_RECEIVED) && reason[0] == '\0') {
        return lot_fail(error, LOT_REFUSED,
                        "application %s is %s: to admit it, name it alone and give a reason", id,
                        application->held ? "held" : "refused");
    }
    if (application->held && decision->name_count > 1) {
        return lot_fail(error, LOT_REFUSED,
                        "application %s is held: it wants a decision of its own, not one in a list",
                        id);
    }
    return (!decision->admit || check_persons(book, application, error)) &&
           store_application_decide(book->store, id, state, reason, false, error) &&
           journal_row(journal, error, "%s %s %s", decision->admit ? "admit" : "refuse", id,
                       reason[0] == '\0' ? "-" : reason);
}

static bool
decide_all_received(struct journal *journal, const struct register_book *book,
                    const struct register_decision *decision, uint32_t *decided,
                    struct lot_error *error)
{
    struct store_application application = {0};
    bool good = true;
    for (bool found = true; good && found;) {
        good = store_application_next(book->store, &application, &found, error);
        if (good && found && application.state == STORE_RECEIVED && !application.held) {
            good = decide_one(journal, book, decision, &application, error);
            ++*decided;
        }
    }
    return good;
}

/* Both are officers of this draw, and not the same. */
static bool
check_deciders(const struct register_book *book, const struct note_signer officers[2],
               struct lot_error *error)
{
    struct lot_buffer keys = {0};
    bool good = register_file(book, STORE_OFFICERS, &keys, error);
    for (int i = 0; good && i < 2; i++) {
        struct lot_text rest = lot_buffer_text(&keys), line;
        bool known = false;
        while (!known && lot_line(&rest, &line)) {
            known = lot_text_is(line, officers[i].key.text);
        }
        good = known || lot_fail(error, LOT_REFUSED, "%s+%08x is no officer's key of this draw",
                                 officers[i].key.name, officers[i].key.id);
    }
    if (good && same_key(&officers[0].key, &officers[1].key)) {
        good = lot_fail(error, LOT_REFUSED, "two officers decide: the same key was given twice");
    }
    lot_buffer_finish(&keys);
    return good;
}

bool
register_decide(const struct register_book *book, const struct register_decision *decision,
                uint32_t *decided, struct lot_error *error)
{
    assert(book != NULL && decision != NULL && decided != NULL && decision->officers != NULL);
    struct journal journal;
    struct store_application application;
    uint32_t count = 0;
    const struct lot_text reason = lot_text(decision->reason);
    if (!register_must_be_open(book, error) || !check_deciders(book, decision->officers, error)) {
        return false;
    }
    if (reason.size > 0 ? !canon_code(reason) : !decision->admit) {
        return lot_fail(error, LOT_REFUSED,
                        "a reason is 1 to %d letters, digits, _ and -, like WITHDRAWN; a refusal "
                        "wants one",
                        LOT_CODE_MAX);
    }
    if (!journal_begin(&journal, book->store, book->rules, decision->time, error)) {
        return false;
    }
    for (uint32_t i = 0; !decision->all_received && i < decision->name_count; i++, count++) {
        if (!register_find(book, decision->names[i], &application, error) ||
            !decide_one(&journal, book, decision, &application, error)) {
            return false;
        }
    }
    if (decision->all_received && !decide_all_received(&journal, book, decision, &count, error)) {
        return false;
    }
    if (count == 0) {
        return lot_fail(error, LOT_REFUSED, "no application was named, or none waits");
    }
    if (!journal_sign(&journal, "officer", decision->officers, 2, error)) {
        return false;
    }
    *decided = count;
    return true;
}
