#include "tests/test.h"

#include "tests/book.h"

#include "lottery/file.h"
#include "lottery/head.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char rules_form[] =
    "{\"protocol\": 1, \"origin\": \"housing.example\", \"draw\": \"TEST-1\","
    " \"title\": {\"en\": \"test\"}, \"basis\": [],"
    " \"units\": {\"area\": \"m2\", \"price\": \"CNY\"},"
    " \"intakes\": [{\"intake\": \"window-1\", \"title\": {\"en\": \"1\"}, \"key\": \"%s\"},"
    " {\"intake\": \"window-0\", \"title\": {\"en\": \"0\"}, \"key\": \"%s\"}],"
    " \"log\": [\"%s\"], \"hash\": \"sha256\", \"award\": \"home\","
    " \"types\": [{\"type\": \"1B\", \"title\": {\"en\": \"1B\"}, \"persons\": [1, 3]},"
    " {\"type\": \"2B\", \"title\": {\"en\": \"2B\"}, \"persons\": [1, 5]}],"
    " \"queues\": [{\"queue\": \"Q2\", \"title\": {\"en\": \"Q2\"}},"
    " {\"queue\": \"Q1\", \"title\": {\"en\": \"Q1\"}}],"
    " \"rounds\": [{\"round\": \"r1\", \"title\": {\"en\": \"r1\"}}],"
    " \"chances_max\": 3, \"standby\": \"all\","
    " \"parties\": [{\"party\": \"office\", \"title\": {\"en\": \"o\"}},"
    " {\"party\": \"union\", \"title\": {\"en\": \"u\"}}],"
    " \"dice\": {\"faces\": 10, \"throws\": 40}, \"public\": [],"
    " \"void\": [{\"ground\": \"power\", \"title\": {\"en\": \"power\"}}]}\n";

static const char homes[] = "home,type,area,price,tags,place\n"
                            "A-01,1B,48.6,2000,,\n"
                            "A-02,2B,70.25,3000.5,,\n";

static void
make_key(const char *name, uint8_t byte, struct note_signer *out)
{
    uint8_t seed[LOT_SEED_BYTES];
    memset(seed, byte, sizeof seed);
    assert_true(note_signer_make(lot_text(name), LOT_KEY_LOG, seed, out, NULL));
}

void
book_begin(struct book *book)
{
    *book = (struct book){0};
    strcpy(book->folder, "/dev/shm/book-XXXXXX"); /* in memory: thousands of fsyncs are free */
    if (mkdtemp(book->folder) == NULL) {
        strcpy(book->folder, "book-XXXXXX");
        assert_non_null(mkdtemp(book->folder));
    }
    snprintf(book->path, sizeof book->path, "%s/draw.db", book->folder);
    snprintf(book->key_path, sizeof book->key_path, "%s/log.key", book->folder);
    make_key("housing.example/TEST-1", 1, &book->log);
    make_key("window-1", 2, &book->window);
    make_key("window-0", 6, &book->other_window);
    make_key("officer-a", 3, &book->officers[0]);
    make_key("officer-b", 4, &book->officers[1]);
    make_key("officer-c", 5, &book->officers[2]);
    lot_buffer_print(&book->rules, rules_form, book->window.key.text, book->other_window.key.text,
                     book->log.key.text);
    lot_buffer_print(&book->homes, "%s", homes);
    struct lot_buffer key = {0};
    note_signer_text(&book->log, &key);
    assert_true(file_write_secret(NULL, book->key_path, lot_buffer_text(&key), NULL));
    lot_buffer_finish(&key);
}

void
book_remove_draw(const struct book *book)
{
    static const char *const ends[] = {"", "-wal", "-shm", "-journal"};
    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
        char name[128];
        snprintf(name, sizeof name, "%s%s", book->path, ends[i]);
        unlink(name);
    }
}

void
book_end(struct book *book)
{
    book_remove_draw(book);
    assert_int_equal(unlink(book->key_path), 0);
    char record[sizeof book->key_path + 8];
    snprintf(record, sizeof record, "%s.signed", book->key_path);
    unlink(record); /* there once a verb of the hall has signed */
    assert_int_equal(rmdir(book->folder), 0);
    lot_buffer_finish(&book->rules);
    lot_buffer_finish(&book->homes);
}

bool
book_new(const struct book *book, struct lot_error *error)
{
    const struct lot_text officers[2] = {lot_text(book->officers[0].key.text),
                                         lot_text(book->officers[1].key.text)};
    const struct register_plan plan = {
        .rules = lot_buffer_text(&book->rules),
        .homes = lot_buffer_text(&book->homes),
        .signer = &book->log,
        .key_path = lot_text(book->key_path),
        .officers = officers,
        .officer_count = 2,
        .application_form = "A-NNN",
        .time = BOOK_TIME,
    };
    return register_create(book->path, &plan, error);
}

/* Household h: its applicant, and as many others as h % 3; number 3's applicant is number 1's. */
static void
make_roster(uint32_t first, uint32_t count, const struct register_known *known,
            struct roster *roster, struct roster_file *file)
{
    static char offices[BOOK_HOUSEHOLDS][8];
    *file = (struct roster_file){.name = "list.csv", .encoding = "UTF-8", .size = 4, .rows = count};
    memset(file->sha256, 'a', LOT_HEX_SIZE);
    memset(file->sm3, 'b', LOT_HEX_SIZE);
    roster->files = file;
    roster->file_count = 1;
    roster->households = lot_alloc(count, sizeof *roster->households);
    roster->persons = lot_alloc(3 * (size_t)count, sizeof *roster->persons);
    roster->household_count = count;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t h = first + i;
        struct roster_household *household = &roster->households[i];
        assert_true(h < BOOK_HOUSEHOLDS);
        snprintf(offices[h], sizeof offices[h], "A-%03u", h);
        household->application = lot_text(offices[h]);
        household->first = roster->person_count;
        household->persons = (uint8_t)(1 + h % 3);
        household->chances = 1;
        household->want_count = 2;
        household->wants[0] = 1;
        household->queues = h % 4;
        household->row = 1 + i;
        for (uint32_t p = 0; p < household->persons; p++) {
            struct roster_person *person = &roster->persons[roster->person_count++];
            snprintf(person->number, sizeof person->number, "23019919800101%02u%02u",
                     p == 0 && h == 3 ? 1 : h, p);
            person->known = LOT_NONE;
            for (uint32_t k = 0; k < known->count; k++) {
                if (strcmp(known->items[k].number, person->number) == 0) {
                    person->known = k;
                    household->held = true;
                }
            }
        }
    }
    if (first <= 1 && first + count > 3) {
        roster->households[1 - first].held = roster->households[3 - first].held = true;
    }
}

bool
book_import(const struct book *book, uint32_t first, uint32_t count, int minute,
            struct lot_error *error)
{
    struct register_book open = {0};
    struct register_known known = {0};
    struct roster roster = {0};
    struct roster_file file;
    const struct roster_input input = {"list.csv", LOT_TEXT("list")};
    uint8_t random[BOOK_HOUSEHOLDS][REGISTER_RANDOM_BYTES];
    for (uint32_t i = 0; i < BOOK_HOUSEHOLDS; i++) {
        for (uint32_t j = 0; j < REGISTER_RANDOM_BYTES; j++) {
            random[i][j] = (uint8_t)(37 * (first + i) + j * j);
        }
    }
    bool good = register_open(book->path, STORE_WRITE, &open, error) &&
                register_known(&open, &known, error);
    if (good) {
        make_roster(first, count, &known, &roster, &file);
        const struct register_intake intake = {
            .intake = book->at_other_window,
            .signer = book->at_other_window ? &book->other_window : &book->window,
            .inputs = &input,
            .roster = &roster,
            .random = random[0],
            .known = &known,
            .time = BOOK_TIME + 60 * minute,
        };
        struct register_import import;
        good = register_import_begin(&open, &intake, &import, error);
        while (good && import.done < count) {
            good = register_import_next(&import, error);
        }
        good = good && register_import_end(&import, error) && store_commit(open.store, error);
        free(roster.households);
        free(roster.persons);
    }
    register_known_finish(&known);
    register_close(&open);
    return good;
}

bool
book_decide(const struct book *book, bool admit, const char *name, const char *reason, int minute,
            struct lot_error *error)
{
    struct register_book open = {0};
    const struct lot_text names[1] = {lot_text(name == NULL ? "" : name)};
    const struct register_decision decision = {
        .admit = admit,
        .all_received = name == NULL,
        .names = names,
        .name_count = name != NULL,
        .reason = reason,
        .officers = book->officers,
        .time = BOOK_TIME + 60 * minute,
    };
    uint32_t decided = 0;
    bool good = register_open(book->path, STORE_WRITE, &open, error) &&
                register_decide(&open, &decision, &decided, error) &&
                store_commit(open.store, error);
    register_close(&open);
    return good;
}

bool
book_freeze(const struct book *book, int minute, struct lot_error *error)
{
    struct register_book open = {0};
    struct note_signer signer = {0};
    bool open_to_others = false;
    bool good = register_open(book->path, STORE_WRITE, &open, error) &&
                head_key(open.store, open.rules, NULL, &signer, &open_to_others, error) &&
                register_freeze(&open, BOOK_TIME + 60 * minute, error) &&
                store_commit(open.store, error) &&
                head_sign(open.store, open.rules, &signer, error);
    note_signer_finish(&signer);
    register_close(&open);
    return good;
}

bool
book_live(const struct book *book, struct lot_error *error)
{
    return book_new(book, error) && book_import(book, 0, 3, 1, error) &&
           book_decide(book, false, "A-001", "WITHDRAWN", 2, error) &&
           book_decide(book, true, NULL, "", 3, error) && book_freeze(book, 4, error);
}
