/*
 * intake.c - hides what becomes of a household of a roster: an id that nobody chose,
 * a commit that names nobody, a number in a row without gaps, and a slip that proves
 * it was taken in (PROTOCOL.md section 3).
 */
#include "lottery/register.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

_Static_assert(IDENTITY_NUMBER_MAX == STORE_NUMBER_MAX, "a number fits the store");

#define NAME_MAX_BYTES 200 /* of an office's file, in the journal */

/* ---- who is known already ------------------------------------------------------------------- */

static int
by_number(const void *a, const void *b)
{
    const struct roster_known *left = a, *right = b;
    int order = strcmp(left->number, right->number);
    return order != 0 ? order : strcmp(left->application, right->application);
}

/* Adds number and application, each with its NUL, of every person of one application. */
static bool
add_known(const struct register_book *book, const struct store_application *application,
          struct register_known *known, struct lot_error *error)
{
    struct lot_buffer office = {0};
    char person[STORE_NUMBER_MAX + 1];
    bool good = true, found = true;
    lot_buffer_add(&office, application->office.at, application->office.size + 1);
    for (uint32_t place = 0; good && place < application->persons; place++) {
        good = store_person(book->store, application->id, place, person, &found, error);
        if (good) {
            lot_buffer_add(&known->texts, person, strlen(person) + 1);
            lot_buffer_put(&known->texts, lot_buffer_text(&office));
            known->count++;
        }
    }
    crypto_wipe(person, sizeof person);
    lot_buffer_finish(&office);
    return good;
}

bool
register_known(const struct register_book *book, struct register_known *out,
               struct lot_error *error)
{
    assert(book != NULL && out != NULL);
    struct register_known known = {0};
    struct store_application application = {0};
    bool good = true;
    for (bool found = true; good && found;) {
        good = store_application_next(book->store, &application, &found, error) &&
               (!found || application.state == STORE_REFUSED ||
                add_known(book, &application, &known, error));
    }
    if (!good) {
        register_known_finish(&known);
        return false;
    }
    /* The texts have stopped moving: now they can be pointed to. */
    known.items = lot_alloc(known.count, sizeof *known.items);
    const char *at = known.texts.at;
    for (uint32_t i = 0; i < known.count; i++) {
        known.items[i].number = at;
        at += strlen(at) + 1;
        known.items[i].application = at;
        at += strlen(at) + 1;
    }
    qsort(known.items, known.count, sizeof *known.items, by_number);
    *out = known;
    return true;
}

void
register_known_finish(struct register_known *known)
{
    assert(known != NULL);
    free(known->items);
    lot_buffer_finish(&known->texts); /* wiped: numbers stand in it */
    *known = (struct register_known){0};
}

/* ---- one household -------------------------------------------------------------------------- */

/* What is made for one application, and what it borrows. */
struct made {
    struct store_application application;
    struct lot_buffer slip, queues, wants;
    struct lot_text numbers[LOT_PERSONS_MAX];
};

/* 80 bits as 16 characters of Crockford's base 32, which has no I, L, O and U. */
static void
make_id(const uint8_t random[static 10], char id[static REGISTER_ID_SIZE + 1])
{
    static const char digits[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    for (size_t i = 0; i < REGISTER_ID_SIZE; i++) {
        size_t bit = 5 * i, byte = bit / 8;
        unsigned pair = (unsigned)random[byte] << 8 | (byte + 1 < 10 ? random[byte + 1] : 0u);
        id[i] = digits[pair >> (11 - bit % 8) & 31];
    }
    id[REGISTER_ID_SIZE] = '\0';
}

bool
register_commit(enum lot_hash hash, struct lot_text salt, const struct lot_text numbers[],
                uint32_t count, char out[static LOT_HEX_SIZE + 1], struct lot_error *error)
{
    assert(numbers != NULL && count >= 1 && count <= LOT_PERSONS_MAX);
    struct lot_buffer text = {0};
    lot_buffer_put(&text, salt);
    for (uint32_t i = 0; i < count; i++) {
        assert(i < 2 || lot_text_compare(numbers[i - 1], numbers[i]) < 0);
        lot_buffer_add(&text, ":", 1);
        lot_buffer_put(&text, numbers[i]);
    }
    bool good = crypto_digest_hex(hash, lot_buffer_text(&text), out, error);
    lot_buffer_finish(&text);
    return good;
}

static int
by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Queues are words in order of bytes; wants are in the household's order. */
static void
write_words(const struct lot_rules *rules, const struct roster_household *household,
            struct made *made)
{
    const char *queues[LOT_QUEUES_MAX];
    size_t count = 0;
    for (uint32_t i = 0; i < rules->queue_count; i++) {
        if ((household->queues >> i & 1) != 0) {
            queues[count++] = rules->queues[i].code;
        }
    }
    qsort(queues, count, sizeof queues[0], by_text);
    for (size_t i = 0; i < count; i++) {
        lot_buffer_print(&made->queues, "%s%s", i == 0 ? "" : " ", queues[i]);
    }
    for (uint32_t i = 0; i < household->want_count; i++) {
        lot_buffer_print(&made->wants, "%s%s", i == 0 ? "" : " ",
                         rules->types[household->wants[i]].code);
    }
}

static bool
write_slip(const struct register_book *book, const struct note_signer *signer, struct made *made,
           struct lot_error *error)
{
    const struct store_application *a = &made->application;
    struct lot_buffer text = {0};
    lot_buffer_print(&text,
                     "mingqian slip 1\ndraw %s\nintake %s\nnumber %" PRIu32 "\nid %s\ntime %s\n"
                     "commit %s\n",
                     book->rules->draw, a->intake, a->number, a->id, a->time, a->commit);
    note_begin(lot_buffer_text(&text), &made->slip);
    bool good = note_sign(signer, lot_buffer_text(&text), 0, &made->slip, error);
    lot_buffer_finish(&text);
    return good;
}

/* Codes parted by commas, for a row whose words are parted by blanks. */
static void
put_codes(struct lot_text words, struct lot_buffer *out)
{
    lot_buffer_add(out, " ", 1);
    for (size_t i = 0; i < words.size; i++) {
        lot_buffer_add(out, words.at[i] == ' ' ? "," : &words.at[i], 1);
    }
    lot_buffer_print(out, "%s", words.size == 0 ? "-" : "");
}

void
register_received_words(const struct store_application *application, struct lot_buffer *out)
{
    const struct store_application *a = application;
    assert(a != NULL && out != NULL);
    lot_buffer_print(out, "%s %" PRIu32 " %s", a->intake, a->number, a->commit);
    put_codes(a->queues, out);
    lot_buffer_print(out, " %" PRIu32 " %" PRIu32, a->persons, a->chances);
    put_codes(a->wants, out);
}

/* Of an application whose id, salt, number, intake and time are set: all else. */
static bool
put_household(const struct register_book *book, const struct register_intake *intake,
              const struct roster_household *household, struct journal *journal, struct made *made,
              struct lot_error *error)
{
    struct store_application *a = &made->application;
    struct lot_buffer words = {0};
    for (uint32_t i = 0; i < household->persons; i++) {
        made->numbers[i] = lot_text(intake->roster->persons[household->first + i].number);
    }
    write_words(book->rules, household, made);
    if (!register_commit(book->rules->hash, lot_text(a->salt), made->numbers, household->persons,
                         a->commit, error) ||
        !write_slip(book, intake->signer, made, error)) {
        return false;
    }
    a->queues = lot_buffer_text(&made->queues);
    a->wants = lot_buffer_text(&made->wants);
    a->office = household->application;
    a->slip = lot_buffer_text(&made->slip);
    a->persons = household->persons;
    a->chances = household->chances;
    a->held = household->held;
    register_received_words(a, &words);
    bool good = store_application_add(book->store, a, made->numbers, error) &&
                journal_row(journal, error, "received %s %s", a->id, words.at) &&
                (!a->held || journal_row(journal, error, "held %s", a->id));
    lot_buffer_finish(&words);
    return good;
}

/* ---- the whole import ----------------------------------------------------------------------- */

/* Both applications wait for two officers, also one that was admitted before. */
static bool
hold_known(const struct register_book *book, struct journal *journal, const struct roster *roster,
           const struct register_known *known, const struct roster_household *household,
           struct lot_error *error)
{
    for (uint32_t i = 0; i < household->persons; i++) {
        uint32_t which = roster->persons[household->first + i].known;
        struct store_application application;
        bool found = false;
        if (which == LOT_NONE) {
            continue;
        }
        assert(which < known->count && household->held);
        if (!store_application_of_office(book->store, lot_text(known->items[which].application),
                                         &application, &found, error)) {
            return false;
        }
        assert(found);
        if (application.held) {
            continue;
        }
        if (!store_application_decide(book->store, application.id, STORE_RECEIVED, "", true,
                                      error) ||
            !journal_row(journal, error, "held %s", application.id)) {
            return false;
        }
    }
    return true;
}

static bool
take_household(const struct register_book *book, struct journal *journal,
               const struct register_intake *intake, uint32_t which, uint32_t number,
               struct lot_error *error)
{
    const struct roster_household *household = &intake->roster->households[which];
    const uint8_t *random = intake->random + (size_t)which * REGISTER_RANDOM_BYTES;
    struct made made = {0};
    struct store_application *a = &made.application;
    bool found = false;
    if (!store_application_of_office(book->store, household->application, a, &found, error)) {
        return false;
    }
    if (found) {
        return lot_fail(error, LOT_REFUSED,
                        "%s row %" PRIu32 ": application %.*s is in the register already; nothing "
                        "was taken in: leave it out of the file",
                        intake->roster->files[household->file].name, household->row,
                        (int)household->application.size, household->application.at);
    }
    make_id(random, a->id);
    canon_to_hex(random + 10, STORE_SALT_SIZE / 2, a->salt);
    memcpy(a->intake, book->rules->intakes[intake->intake].code, sizeof a->intake);
    memcpy(a->time, journal->time, sizeof a->time);
    a->number = number;
    bool good = put_household(book, intake, household, journal, &made, error);
    lot_buffer_finish(&made.slip);
    lot_buffer_finish(&made.queues);
    lot_buffer_finish(&made.wants);
    crypto_wipe(&made, sizeof made);
    return good;
}

/* How many office files the register holds; their names are numbered without a gap. */
static bool
count_files(struct store *store, uint32_t *out, struct lot_error *error)
{
    struct lot_text name = LOT_TEXT("office/0");
    uint32_t count = 0;
    for (bool found = true;; count++) {
        if (!store_file_next(store, name, &name, &found, error)) {
            return false;
        }
        if (!found || !lot_text_starts(name, "office/0")) {
            *out = count;
            return true;
        }
    }
}

/* Keeps the office's bytes and what was changed or doubted in them. */
static bool
keep_files(const struct register_book *book, struct journal *journal,
           const struct register_intake *intake, struct lot_error *error)
{
    const struct roster *roster = intake->roster;
    uint32_t before = 0;
    if (!count_files(book->store, &before, error)) {
        return false;
    }
    for (uint32_t i = 0; i < roster->file_count; i++) {
        const struct roster_file *file = &roster->files[i];
        struct lot_text title = lot_text(file->name);
        char name[32];
        snprintf(name, sizeof name, "office/0%05" PRIu32, before + i + 1);
        if (title.size > NAME_MAX_BYTES || !canon_people(title)) {
            title = LOT_TEXT("-");
        }
        if (!store_file_put(book->store, lot_text(name), intake->inputs[i].bytes, error) ||
            !journal_row(journal, error, "file %" PRIu32 " %zu %s %s %s %" PRIu32 " %.*s",
                         before + i + 1, file->size, file->sha256, file->sm3, file->encoding,
                         file->rows, (int)title.size, title.at)) {
            return false;
        }
    }
    for (uint32_t i = 0; i < roster->findings.count; i++) {
        const struct finding *finding = &roster->findings.items[i];
        if (!journal_row(journal, error, "noted %" PRIu32 " %" PRIu32 " %" PRIu32 " %s",
                         before + finding->place.file + 1, finding->place.row,
                         finding->place.column, finding_name(finding->code))) {
            return false;
        }
    }
    return true;
}

bool
register_import_begin(const struct register_book *book, const struct register_intake *intake,
                      struct register_import *out, struct lot_error *error)
{
    assert(book != NULL && intake != NULL && !intake->roster->refused && out != NULL);
    assert(intake->intake < book->rules->intake_count);
    const struct lot_keyed *window = &book->rules->intakes[intake->intake];
    struct register_import import = {.book = book, .intake = intake};
    if (!register_must_be_open(book, error)) {
        return false;
    }
    if (strcmp(intake->signer->key.text, window->key.text) != 0) {
        return lot_fail(error, LOT_REFUSED,
                        "the key given is %s+%08" PRIx32 ", but rules.json says that %s signs with "
                        "%s",
                        intake->signer->key.name, intake->signer->key.id, window->code,
                        window->key.text);
    }
    if (!journal_begin(&import.journal, book->store, book->rules, intake->time, error) ||
        !store_received_last(book->store, window->code, &import.last, error) ||
        !keep_files(book, &import.journal, intake, error)) {
        return false;
    }
    *out = import;
    return true;
}

bool
register_import_next(struct register_import *import, struct lot_error *error)
{
    assert(import != NULL && import->done < import->intake->roster->household_count);
    const struct register_intake *intake = import->intake;
    uint32_t which = import->done++;
    return take_household(import->book, &import->journal, intake, which, ++import->last, error) &&
           hold_known(import->book, &import->journal, intake->roster, intake->known,
                      &intake->roster->households[which], error);
}

bool
register_import_end(struct register_import *import, struct lot_error *error)
{
    assert(import != NULL && import->done == import->intake->roster->household_count);
    return journal_sign(&import->journal, "intake", import->intake->signer, 1, error);
}
