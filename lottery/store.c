/*
 * store.c - hides SQL: tables, statements, and what SQLite says when a disk gives up.
 *
 * Each statement yields at most one row, which is copied before the statement is
 * reset: none is ever left open, so that a commit ends what it should end. Every
 * statement runs inside an explicit transaction (asserted), because SQLite rolls
 * back by itself on a full disk and would then go on row by row.
 *
 * It is one long file because all SQL of the house stands in it, a few lines a question.
 *
 * What must never change is guarded by triggers in the file itself: also a
 * program that is wrong, or a person with the sqlite3 shell, is told no.
 */
#include "lottery/store.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sqlite3.h>

#define APPLICATION_ID 0x4d516472 /* "MQdr" */
#define SCHEMA_VERSION 1
#define WAIT_MS 5000 /* a verb on 40,000 households takes about as long */
#define COLUMNS_MAX 16
#define STATEMENTS_MAX 48 /* different ones below */

static const char schema[] =
    "CREATE TABLE file(name TEXT PRIMARY KEY, bytes BLOB NOT NULL) STRICT;"
    "CREATE TABLE application("
    " id TEXT PRIMARY KEY, intake TEXT NOT NULL, number INTEGER NOT NULL CHECK(number > 0),"
    " time TEXT NOT NULL, commitment TEXT NOT NULL UNIQUE, queues TEXT NOT NULL,"
    " wants TEXT NOT NULL, office TEXT NOT NULL UNIQUE, salt TEXT NOT NULL UNIQUE,"
    " slip TEXT NOT NULL, reason TEXT NOT NULL, persons INTEGER NOT NULL,"
    " chances INTEGER NOT NULL, held INTEGER NOT NULL CHECK(held IN (0, 1)),"
    " state TEXT NOT NULL CHECK(state IN ('received', 'admitted', 'refused')),"
    " UNIQUE(intake, number)) STRICT;"
    "CREATE TABLE person(application TEXT NOT NULL REFERENCES application(id),"
    " place INTEGER NOT NULL, number TEXT NOT NULL,"
    " PRIMARY KEY(application, place)) STRICT, WITHOUT ROWID;"
    "CREATE INDEX person_number ON person(number, application);"
    "CREATE TABLE journal(number INTEGER PRIMARY KEY, line TEXT NOT NULL) STRICT;"
    "CREATE TABLE leaf(number INTEGER PRIMARY KEY, line TEXT NOT NULL) STRICT;"
    "CREATE TABLE head(one INTEGER PRIMARY KEY CHECK(one = 1), size INTEGER NOT NULL,"
    " root BLOB NOT NULL CHECK(length(root) = 32), peaks BLOB NOT NULL) STRICT;"
    "CREATE TABLE checkpoint(size INTEGER PRIMARY KEY, root BLOB NOT NULL,"
    " purpose TEXT NOT NULL, note TEXT) STRICT;"
    "CREATE TABLE cosignature(size INTEGER NOT NULL REFERENCES checkpoint(size),"
    " witness TEXT NOT NULL, line TEXT NOT NULL, PRIMARY KEY(size, witness)) STRICT;"
    "INSERT INTO head VALUES(1, 0,"
    " x'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', x'');";

/* When a change is refused, and with which words. */
#define ALWAYS "true", "what stands here is never changed or removed"
#define FROZEN "(SELECT size FROM head) > 0", "the roll is frozen: no application can be changed"
#define GROWS "new.size <= old.size", "the log only grows"
#define SIGNED                                                             \
    "old.note IS NOT NULL OR new.size <> old.size OR new.root <> old.root" \
    " OR new.purpose <> old.purpose",                                      \
        "a signed checkpoint is never changed"
static const struct {
    const char *table, *change, *when, *words;
} guards[] = {
    {"file", "UPDATE", ALWAYS},        {"file", "DELETE", ALWAYS},
    {"journal", "UPDATE", ALWAYS},     {"journal", "DELETE", ALWAYS},
    {"leaf", "UPDATE", ALWAYS},        {"leaf", "DELETE", ALWAYS},
    {"head", "DELETE", ALWAYS},        {"head", "UPDATE", GROWS},
    {"head", "INSERT", ALWAYS},        {"cosignature", "UPDATE", ALWAYS},
    {"cosignature", "DELETE", ALWAYS}, {"checkpoint", "DELETE", ALWAYS},
    {"checkpoint", "UPDATE", SIGNED},  {"application", "DELETE", ALWAYS},
    {"application", "INSERT", FROZEN}, {"application", "UPDATE", FROZEN},
    {"person", "DELETE", ALWAYS},      {"person", "UPDATE", ALWAYS},
    {"person", "INSERT", FROZEN},
};

/* Columns in the order in which ask_application() takes them. */
#define APPLICATION_COLUMNS                                                    \
    "id, intake, time, commitment, queues, wants, office, salt, slip, reason," \
    " number, persons, chances, state, held"
#define APPLICATION "SELECT " APPLICATION_COLUMNS " FROM application "

static const char *const states[] = {"received", "admitted", "refused"};
static const char *const purposes[] = {"freeze", "commits", "reveals", "finish", "sitting"};

struct store {
    const char *path;
    sqlite3 *db;
    struct {
        const char *sql; /* the literal itself: compared by address */
        sqlite3_stmt *statement;
    } prepared[STATEMENTS_MAX];
    /* The last row: what was a number stands in numbers, all else in texts. */
    struct lot_text texts[COLUMNS_MAX];
    uint64_t numbers[COLUMNS_MAX];
    struct lot_buffer memory; /* the bytes of texts */
};

/* ---- calls into SQLite ---- */

static atomic_uint_fast64_t fault, calls;

uint64_t
store_fail_at(uint64_t n)
{
    atomic_store(&fault, n);
    return atomic_exchange(&calls, 0);
}

/* Stands before every call that can fail: the fault that a test has asked for, or SQLITE_OK. */
static int
gate(void)
{
    uint64_t call = atomic_fetch_add(&calls, 1) + 1;
    return call != atomic_load(&fault) ? SQLITE_OK : call % 2 == 0 ? SQLITE_IOERR : SQLITE_FULL;
}

static bool
fail(const struct store *store, int status, struct lot_error *error)
{
    const char *path = store->path;
    switch (status & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return lot_fail(error, LOT_MACHINE,
                        "%s: another program is writing to it; nothing was changed: run this "
                        "again when the other is done",
                        path);
    case SQLITE_FULL:
        return lot_fail(error, LOT_MACHINE,
                        "%s: the disk is full; nothing was changed: make room and run this again",
                        path);
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_CANTOPEN:
        return lot_fail(error, LOT_MACHINE,
                        "%s: this file and its folder must be readable and writable; nothing was "
                        "changed: see to the permissions and run this again",
                        path);
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        return lot_fail(error, LOT_MACHINE,
                        "%s: no draw file, or a damaged one; nothing was changed: keep it as it "
                        "is and go on with the last good copy",
                        path);
    case SQLITE_CONSTRAINT: /* names tables and columns, never a value */
        return lot_fail(error, LOT_PHASE, "%s: %s", path, sqlite3_errmsg(store->db));
    default:
        return lot_fail(error, LOT_MACHINE,
                        "%s: the disk did not do as told (%s); nothing was changed: check the "
                        "disk and run this again",
                        path, sqlite3_errstr(status));
    }
}

static bool
execute(struct store *store, const char *sql, struct lot_error *error)
{
    int status = gate();
    if (status == SQLITE_OK) {
        status = sqlite3_exec(store->db, sql, NULL, NULL, NULL);
    }
    return status == SQLITE_OK || fail(store, status, error);
}

enum kind { NUMBER, TEXT, BLOB };

struct value {
    enum kind kind;
    uint64_t number;
    struct lot_text text;
};

static struct value
number(uint64_t n)
{
    assert(n <= INT64_MAX);
    return (struct value){.kind = NUMBER, .number = n};
}

static struct value
text(struct lot_text bytes)
{
    return (struct value){.kind = TEXT, .text = bytes};
}

static struct value
word(const char *string)
{
    return text(lot_text(string));
}

static struct value
blob(const void *bytes, size_t size)
{
    return (struct value){.kind = BLOB, .text = {bytes, size}};
}

/* Texts are copied by SQLite: they may be those of the last row, which the next one overwrites. */
static int
bind(sqlite3_stmt *statement, int place, const struct value *value)
{
    int status = gate();
    if (status != SQLITE_OK) {
        return status;
    }
    const char *at = value->text.size == 0 ? "" : value->text.at;
    switch (value->kind) {
    case NUMBER:
        return sqlite3_bind_int64(statement, place, (sqlite3_int64)value->number);
    case TEXT:
        return sqlite3_bind_text64(statement, place, at, value->text.size, SQLITE_TRANSIENT,
                                   SQLITE_UTF8);
    case BLOB:
        return sqlite3_bind_blob64(statement, place, at, value->text.size, SQLITE_STATIC);
    }
    assert(false);
    return SQLITE_MISUSE;
}

/* Copies the row that the statement stands on. */
static void
keep_row(struct store *store, sqlite3_stmt *statement)
{
    size_t offsets[COLUMNS_MAX] = {0};
    int count = sqlite3_column_count(statement);
    assert(count <= COLUMNS_MAX);
    lot_buffer_clear(&store->memory);
    for (int i = 0; i < count; i++) {
        offsets[i] = store->memory.size;
        store->numbers[i] = 0;
        store->texts[i].size = 0;
        if (sqlite3_column_type(statement, i) == SQLITE_INTEGER) {
            store->numbers[i] = (uint64_t)sqlite3_column_int64(statement, i);
        } else {
            const void *bytes = sqlite3_column_blob(statement, i);
            store->texts[i].size = (size_t)sqlite3_column_bytes(statement, i);
            lot_buffer_add(&store->memory, bytes, store->texts[i].size);
        }
        lot_buffer_add(&store->memory, "", 1);
    }
    for (int i = 0; i < count; i++) {
        store->texts[i].at = store->memory.at + offsets[i];
    }
}

/* The statement of a literal, prepared at its first use. */
static int
prepare(struct store *store, const char *sql, sqlite3_stmt **out)
{
    size_t i = 0;
    while (store->prepared[i].sql != NULL && store->prepared[i].sql != sql) {
        i++;
        assert(i < STATEMENTS_MAX);
    }
    if (store->prepared[i].sql == NULL) {
        int status = gate();
        if (status == SQLITE_OK) {
            status = sqlite3_prepare_v3(store->db, sql, -1, SQLITE_PREPARE_PERSISTENT,
                                        &store->prepared[i].statement, NULL);
        }
        if (status != SQLITE_OK) {
            return status;
        }
        store->prepared[i].sql = sql;
    }
    *out = store->prepared[i].statement;
    return SQLITE_OK;
}

/*
 * Runs a statement. values has one for each of its ?1, ?2 ...; its row, if it gives one, is then
 * in store->texts and store->numbers. found may be NULL where a row is of no interest.
 */
static bool
ask(struct store *store, const char *sql, const struct value values[], bool *found,
    struct lot_error *error)
{
    assert(store != NULL && sqlite3_get_autocommit(store->db) == 0);
    sqlite3_stmt *statement = NULL;
    int status = prepare(store, sql, &statement);
    int count = statement == NULL ? 0 : sqlite3_bind_parameter_count(statement);
    for (int i = 0; status == SQLITE_OK && i < count; i++) {
        status = bind(statement, i + 1, &values[i]);
    }
    if (status == SQLITE_OK) {
        status = gate();
    }
    if (status == SQLITE_OK) {
        status = sqlite3_step(statement);
    }
    bool good = status == SQLITE_ROW || status == SQLITE_DONE;
    if (status == SQLITE_ROW) {
        keep_row(store, statement);
    }
    if (!good) {
        fail(store, status, error);
    } else if (found != NULL) {
        *found = status == SQLITE_ROW;
    }
    sqlite3_reset(statement);
    return good;
}

/* Hands out the first text of the row, or an empty one. */
static bool
ask_text(struct store *store, const char *sql, const struct value values[], struct lot_text *out,
         bool *found, struct lot_error *error)
{
    bool there = false;
    if (!ask(store, sql, values, &there, error)) {
        return false;
    }
    *out = there ? store->texts[0] : LOT_TEXT("");
    *found = there;
    return true;
}

/* A text of the file as one of our words; a word that is none of them is damage. */
static bool
word_index(const struct store *store, struct lot_text found, const char *const words[],
           size_t count, unsigned *out, struct lot_error *error)
{
    for (unsigned i = 0; i < count; i++) {
        if (lot_text_is(found, words[i])) {
            *out = i;
            return true;
        }
    }
    return fail(store, SQLITE_CORRUPT, error);
}

/* ---- opening and closing ---- */

/*
 * Asks the system first: it knows why a file cannot be opened, SQLite only that it cannot. A
 * file that is made here has mode 0600, and SQLite gives the same to those it puts beside it.
 */
static bool
reach(const char *path, int flags, struct lot_error *error)
{
    static const char mark[16] = "SQLite format 3";
    char begin[sizeof mark];
    int fd = open(path, flags | O_RDWR | O_CLOEXEC | O_NONBLOCK, 0600);
    if (fd < 0) {
        return lot_fail(error, LOT_MACHINE, "%s: %s", path, strerror(errno));
    }
    ssize_t size = read(fd, begin, sizeof begin);
    int reason = errno;
    close(fd);
    if (size < 0) {
        return lot_fail(error, LOT_MACHINE, "%s: %s", path, strerror(reason));
    }
    if (size > 0 && (size < (ssize_t)sizeof mark || memcmp(begin, mark, sizeof mark) != 0)) {
        return lot_fail(error, LOT_REFUSED, "%s is no draw file; nothing was changed", path);
    }
    return true;
}

static bool
connect_file(const char *path, struct store **out, struct lot_error *error)
{
    if (path[0] == '\0' || strcmp(path, ":memory:") == 0) {
        return lot_fail(error, LOT_USAGE, "a draw file needs a name");
    }
    struct store *store = lot_alloc(1, sizeof *store);
    store->path = path;
    int status = gate();
    if (status == SQLITE_OK) {
        status = sqlite3_open_v2(
            path, &store->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE,
            NULL);
    }
    if (status != SQLITE_OK) {
        fail(store, status, error);
        store_close(store);
        return false;
    }
    sqlite3_busy_timeout(store->db, WAIT_MS);
    *out = store;
    return true;
}

/*
 * Durable and strict; the mode of the journal is kept in the file, all else is not. 64 MiB of
 * cache hold what a verb changes for 40,000 households.
 */
static bool
configure(struct store *store, struct lot_error *error)
{
    return execute(store,
                   "PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON;"
                   "PRAGMA foreign_keys = ON; PRAGMA journal_mode = WAL;"
                   "PRAGMA synchronous = FULL; PRAGMA cache_size = -65536;",
                   error);
}

static bool
make_tables(struct store *store, struct lot_error *error)
{
    char sql[512];
    if (!execute(store, schema, error)) {
        return false;
    }
    for (size_t i = 0; i < sizeof guards / sizeof guards[0]; i++) {
        snprintf(sql, sizeof sql,
                 "CREATE TRIGGER %s_%s BEFORE %s ON %s WHEN %s BEGIN"
                 " SELECT RAISE(ABORT, '%s: %s'); END;",
                 guards[i].table, guards[i].change, guards[i].change, guards[i].table,
                 guards[i].when, guards[i].table, guards[i].words);
        if (!execute(store, sql, error)) {
            return false;
        }
    }
    snprintf(sql, sizeof sql, "PRAGMA application_id = %d; PRAGMA user_version = %d;",
             APPLICATION_ID, SCHEMA_VERSION);
    return execute(store, sql, error);
}

/* Within a transaction: refused when anything stands in the file. */
static bool
must_be_empty(struct store *store, struct lot_error *error)
{
    bool found = false;
    if (!ask(store, "SELECT count(*) FROM sqlite_schema", NULL, &found, error)) {
        return false;
    }
    return store->numbers[0] == 0 ||
           lot_fail(error, LOT_REFUSED, "%s is there already: a draw file is never overwritten",
                    store->path);
}

bool
store_create(const char *path, struct store **out, struct lot_error *error)
{
    assert(path != NULL && out != NULL);
    struct store *store = NULL;
    bool good = false;
    if (!reach(path, O_CREAT, error) || !connect_file(path, &store, error)) {
        goto out;
    }
    /* Looked at before the first pragma, so that a file that is not ours stays as it is. */
    if (!store_begin(store, STORE_READ, error) || !must_be_empty(store, error) ||
        !store_commit(store, error)) {
        goto out;
    }
    if (!configure(store, error) || !store_begin(store, STORE_WRITE, error) ||
        !must_be_empty(store, error) || !make_tables(store, error)) {
        goto out;
    }
    *out = store;
    store = NULL;
    good = true;
out:
    store_close(store);
    return good;
}

static bool
check_marks(struct store *store, struct lot_error *error)
{
    bool found = false;
    if (!ask(store,
             "SELECT application_id, user_version"
             " FROM pragma_application_id, pragma_user_version",
             NULL, &found, error)) {
        return false;
    }
    uint64_t mark = store->numbers[0], version = store->numbers[1];
    if (mark == 0 && version == 0) {
        return lot_fail(error, LOT_REFUSED,
                        "%s is empty or no draw file: `lottery new` makes one, and goes on where "
                        "an interrupted one left an empty file",
                        store->path);
    }
    if (mark != APPLICATION_ID || version != SCHEMA_VERSION) {
        return lot_fail(error, LOT_REFUSED,
                        "%s: its mark is %08llx and its version %llu, those of a draw file that "
                        "this program reads are %08x and %d",
                        store->path, (unsigned long long)mark, (unsigned long long)version,
                        APPLICATION_ID, SCHEMA_VERSION);
    }
    if (!ask(store, "SELECT ifnull(max(number) + 1, 0), size FROM leaf, head", NULL, &found,
             error)) {
        return false;
    }
    return (found && store->numbers[0] == store->numbers[1]) || fail(store, SQLITE_CORRUPT, error);
}

bool
store_open(const char *path, struct store **out, struct lot_error *error)
{
    assert(path != NULL && out != NULL);
    struct store *store = NULL;
    bool good = false;
    if (!reach(path, 0, error) || !connect_file(path, &store, error)) {
        goto out;
    }
    if (!store_begin(store, STORE_READ, error) || !check_marks(store, error) ||
        !store_commit(store, error) || !configure(store, error)) {
        goto out;
    }
    *out = store;
    store = NULL;
    good = true;
out:
    store_close(store);
    return good;
}

void
store_close(struct store *store)
{
    if (store == NULL) {
        return;
    }
    for (size_t i = 0; i < STATEMENTS_MAX; i++) {
        sqlite3_finalize(store->prepared[i].statement);
    }
    sqlite3_close(store->db); /* rolls back; the last one to close folds the -wal file in */
    lot_buffer_finish(&store->memory);
    free(store);
}

bool
store_begin(struct store *store, enum store_mode mode, struct lot_error *error)
{
    assert(store != NULL && sqlite3_get_autocommit(store->db) != 0);
    return execute(store, mode == STORE_WRITE ? "BEGIN IMMEDIATE" : "BEGIN", error);
}

bool
store_commit(struct store *store, struct lot_error *error)
{
    assert(store != NULL && sqlite3_get_autocommit(store->db) == 0);
    return execute(store, "COMMIT", error);
}

bool
store_check(struct store *store, struct lot_error *error)
{
    assert(store != NULL);
    bool found = false;
    if (!ask(store, "SELECT integrity_check FROM pragma_integrity_check(1)", NULL, &found, error)) {
        return false;
    }
    if (!found || !lot_text_is(store->texts[0], "ok")) {
        return fail(store, SQLITE_CORRUPT, error);
    }
    return ask(store, "SELECT count(*) FROM pragma_foreign_key_check", NULL, &found, error) &&
           (store->numbers[0] == 0 || fail(store, SQLITE_CORRUPT, error));
}

/* ---- files ---- */

bool
store_file_put(struct store *store, struct lot_text name, struct lot_text bytes,
               struct lot_error *error)
{
    assert(name.size > 0);
    return ask(store, "INSERT INTO file VALUES(?1, ?2)",
               (struct value[]){text(name), blob(bytes.at, bytes.size)}, NULL, error);
}

bool
store_file_get(struct store *store, struct lot_text name, struct lot_buffer *bytes, bool *found,
               struct lot_error *error)
{
    assert(bytes != NULL && found != NULL);
    struct lot_text file;
    if (!ask_text(store, "SELECT bytes FROM file WHERE name = ?1", (struct value[]){text(name)},
                  &file, found, error)) {
        return false;
    }
    lot_buffer_put(bytes, file);
    return true;
}

bool
store_file_next(struct store *store, struct lot_text after, struct lot_text *name, bool *found,
                struct lot_error *error)
{
    assert(name != NULL && found != NULL);
    return ask_text(store, "SELECT name FROM file WHERE name > ?1 ORDER BY name LIMIT 1",
                    (struct value[]){text(after)}, name, found, error);
}

/* ---- applications ---- */

bool
store_application_add(struct store *store, const struct store_application *application,
                      const struct lot_text numbers[], struct lot_error *error)
{
    const struct store_application *a = application;
    assert(a != NULL && a->state == STORE_RECEIVED && a->reason[0] == '\0');
    assert(a->persons >= 1 && a->persons <= LOT_PERSONS_MAX);
    const struct value values[] = {
        word(a->id),        word(a->intake),        word(a->time),     word(a->commit),
        text(a->queues),    text(a->wants),         text(a->office),   word(a->salt),
        text(a->slip),      word(a->reason),        number(a->number), number(a->persons),
        number(a->chances), word(states[a->state]), number(a->held),
    };
    if (!ask(store,
             "INSERT INTO application(" APPLICATION_COLUMNS ") VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7,"
             " ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)",
             values, NULL, error)) {
        return false;
    }
    for (uint32_t i = 0; i < a->persons; i++) {
        if (!ask(store, "INSERT INTO person VALUES(?1, ?2, ?3)",
                 (struct value[]){word(a->id), number(i), text(numbers[i])}, NULL, error)) {
            return false;
        }
    }
    return true;
}

/* An update or a swap that found no row to change. */
static bool
must_change(const struct store *store, const char *what, struct lot_error *error)
{
    return sqlite3_changes(store->db) == 1 ||
           lot_fail(error, LOT_REFUSED, "%s: %s", store->path, what);
}

bool
store_application_decide(struct store *store, const char *id, enum store_state state,
                         const char *reason, bool held, struct lot_error *error)
{
    assert(id != NULL && reason != NULL);
    return ask(store, "UPDATE application SET state = ?2, reason = ?3, held = ?4 WHERE id = ?1",
               (struct value[]){word(id), word(states[state]), word(reason), number(held)}, NULL,
               error) &&
           must_change(store, "there is no application with this id", error);
}

/* A text of the file that has a bounded size; a longer one is damage. */
static bool
copy(const struct store *store, struct lot_text from, char *to, size_t room,
     struct lot_error *error)
{
    if (from.size >= room) {
        return fail(store, SQLITE_CORRUPT, error);
    }
    memcpy(to, from.at, from.size + 1);
    return true;
}

static bool
ask_application(struct store *store, const char *sql, const struct value values[],
                struct store_application *out, bool *found, struct lot_error *error)
{
    assert(out != NULL && found != NULL);
    const struct lot_text *t = store->texts;
    const uint64_t *n = store->numbers;
    struct store_application a = {0};
    unsigned state = 0;
    bool there = false;
    if (!ask(store, sql, values, &there, error)) {
        return false;
    }
    if (there) {
        if (!copy(store, t[0], a.id, sizeof a.id, error) ||
            !copy(store, t[1], a.intake, sizeof a.intake, error) ||
            !copy(store, t[2], a.time, sizeof a.time, error) ||
            !copy(store, t[3], a.commit, sizeof a.commit, error) ||
            !copy(store, t[7], a.salt, sizeof a.salt, error) ||
            !copy(store, t[9], a.reason, sizeof a.reason, error) ||
            !word_index(store, t[13], states, 3, &state, error)) {
            return false;
        }
        a.queues = t[4];
        a.wants = t[5];
        a.office = t[6];
        a.slip = t[8];
        a.number = (uint32_t)n[10];
        a.persons = (uint32_t)n[11];
        a.chances = (uint32_t)n[12];
        a.state = (enum store_state)state;
        a.held = n[14] != 0;
        *out = a;
    }
    *found = there;
    return true;
}

bool
store_application(struct store *store, const char *id, struct store_application *out, bool *found,
                  struct lot_error *error)
{
    assert(id != NULL);
    return ask_application(store, APPLICATION "WHERE id = ?1", (struct value[]){word(id)}, out,
                           found, error);
}

bool
store_application_of_office(struct store *store, struct lot_text office,
                            struct store_application *out, bool *found, struct lot_error *error)
{
    assert(office.size > 0);
    return ask_application(store, APPLICATION "WHERE office = ?1", (struct value[]){text(office)},
                           out, found, error);
}

bool
store_application_next(struct store *store, struct store_application *at, bool *found,
                       struct lot_error *error)
{
    assert(at != NULL);
    return ask_application(store, APPLICATION "WHERE id > ?1 ORDER BY id LIMIT 1",
                           (struct value[]){word(at->id)}, at, found, error);
}

bool
store_received_next(struct store *store, struct store_application *at, bool *found,
                    struct lot_error *error)
{
    assert(at != NULL);
    return ask_application(store,
                           APPLICATION "WHERE (intake, number) > (?1, ?2)"
                                       " ORDER BY intake, number LIMIT 1",
                           (struct value[]){word(at->intake), number(at->number)}, at, found,
                           error);
}

bool
store_received_last(struct store *store, const char *intake, uint32_t *out, struct lot_error *error)
{
    assert(intake != NULL && out != NULL);
    if (!ask(store, "SELECT ifnull(max(number), 0) FROM application WHERE intake = ?1",
             (struct value[]){word(intake)}, NULL, error)) {
        return false;
    }
    *out = (uint32_t)store->numbers[0];
    return true;
}

bool
store_person(struct store *store, const char *id, uint32_t place,
             char out[static STORE_NUMBER_MAX + 1], bool *found, struct lot_error *error)
{
    assert(id != NULL && found != NULL);
    struct lot_text person;
    return ask_text(store, "SELECT number FROM person WHERE application = ?1 AND place = ?2",
                    (struct value[]){word(id), number(place)}, &person, found, error) &&
           copy(store, person, out, STORE_NUMBER_MAX + 1, error);
}

bool
store_person_next(struct store *store, const char *person, char id[static LOT_CODE_MAX + 1],
                  bool *found, struct lot_error *error)
{
    assert(person != NULL && found != NULL);
    struct lot_text next;
    return ask_text(store,
                    "SELECT application FROM person WHERE number = ?1 AND application > ?2"
                    " ORDER BY application LIMIT 1",
                    (struct value[]){word(person), word(id)}, &next, found, error) &&
           copy(store, next, id, LOT_CODE_MAX + 1, error);
}

bool
store_count(struct store *store, struct store_counts *out, struct lot_error *error)
{
    assert(out != NULL);
    if (!ask(store,
             "SELECT count(*) FILTER (WHERE state = 'received'),"
             " count(*) FILTER (WHERE state = 'admitted'),"
             " count(*) FILTER (WHERE state = 'refused'),"
             " count(*) FILTER (WHERE state = 'received' AND held)"
             " FROM application",
             NULL, NULL, error)) {
        return false;
    }
    const uint64_t *n = store->numbers;
    *out = (struct store_counts){(uint32_t)n[0], (uint32_t)n[1], (uint32_t)n[2], (uint32_t)n[3]};
    return true;
}

/* ---- journal and log ---- */

bool
store_journal_size(struct store *store, uint64_t *out, struct lot_error *error)
{
    assert(out != NULL);
    if (!ask(store, "SELECT ifnull(max(number) + 1, 0) FROM journal", NULL, NULL, error)) {
        return false;
    }
    *out = store->numbers[0];
    return true;
}

bool
store_journal_add(struct store *store, struct lot_text row, struct lot_error *error)
{
    assert(row.size > 0 && memchr(row.at, '\n', row.size) == NULL);
    return ask(store, "INSERT INTO journal SELECT ifnull(max(number) + 1, 0), ?1 FROM journal",
               (struct value[]){text(row)}, NULL, error);
}

/* Lines [from, to) of journal or leaf. Numbers run without a gap, or the file is damaged. */
static bool
read_lines(struct store *store, const char *sql, uint64_t from, uint64_t to,
           struct lot_buffer *lines, struct lot_error *error)
{
    assert(from <= to && lines != NULL);
    for (uint64_t i = from; i < to; i++) {
        bool found = false;
        struct lot_text line;
        if (!ask_text(store, sql, (struct value[]){number(i)}, &line, &found, error)) {
            return false;
        }
        if (!found) {
            return fail(store, SQLITE_CORRUPT, error);
        }
        lot_buffer_put(lines, line);
        lot_buffer_add(lines, "\n", 1);
    }
    return true;
}

bool
store_journal_read(struct store *store, uint64_t from, uint64_t to, struct lot_buffer *rows,
                   struct lot_error *error)
{
    assert(rows != NULL);
    return read_lines(store, "SELECT line FROM journal WHERE number = ?1", from, to, rows, error);
}

bool
store_head(struct store *store, struct store_head *out, struct lot_error *error)
{
    assert(out != NULL);
    bool found = false;
    if (!ask(store, "SELECT size, root, peaks FROM head", NULL, &found, error)) {
        return false;
    }
    const struct lot_text root = store->texts[1], peaks = store->texts[2];
    if (!found || root.size != LOT_HASH_BYTES || peaks.size % LOT_HASH_BYTES != 0 ||
        peaks.size > sizeof out->peaks) {
        return fail(store, SQLITE_CORRUPT, error);
    }
    *out = (struct store_head){.size = store->numbers[0],
                               .peak_count = (uint32_t)(peaks.size / LOT_HASH_BYTES)};
    memcpy(out->root, root.at, root.size);
    memcpy(out->peaks, peaks.at, peaks.size);
    return true;
}

bool
store_leaves_add(struct store *store, uint64_t old_size, const struct lot_text leaves[],
                 size_t count, const struct store_head *head, struct lot_error *error)
{
    assert(head != NULL && head->size == old_size + count && head->peak_count <= STORE_PEAKS_MAX);
    for (size_t i = 0; i < count; i++) {
        assert(leaves[i].size <= LOT_LEAF_MAX &&
               memchr(leaves[i].at, '\n', leaves[i].size) == NULL);
        if (!ask(store, "INSERT INTO leaf VALUES(?1, ?2)",
                 (struct value[]){number(old_size + i), text(leaves[i])}, NULL, error)) {
            return false;
        }
    }
    const struct value values[] = {
        number(old_size),
        number(head->size),
        blob(head->root, LOT_HASH_BYTES),
        blob(head->peaks, (size_t)head->peak_count * LOT_HASH_BYTES),
    };
    return ask(store, "UPDATE head SET size = ?2, root = ?3, peaks = ?4 WHERE size = ?1", values,
               NULL, error) &&
           must_change(store, "the log has grown meanwhile; nothing was changed: run this again",
                       error);
}

bool
store_leaves_read(struct store *store, uint64_t from, uint64_t to, struct lot_buffer *leaves,
                  struct lot_error *error)
{
    assert(leaves != NULL);
    return read_lines(store, "SELECT line FROM leaf WHERE number = ?1", from, to, leaves, error);
}

bool
store_checkpoint_due(struct store *store, enum store_purpose purpose, struct lot_error *error)
{
    assert(purpose <= STORE_SITTING);
    return ask(store,
               "INSERT INTO checkpoint SELECT size, root, ?1, NULL FROM head WHERE true"
               " ON CONFLICT DO NOTHING",
               (struct value[]){word(purposes[purpose])}, NULL, error);
}

bool
store_checkpoint_sign(struct store *store, uint64_t size, struct lot_text note,
                      struct lot_error *error)
{
    assert(note.size > 0);
    return ask(store, "UPDATE checkpoint SET note = ?2 WHERE size = ?1 AND note IS NULL",
               (struct value[]){number(size), text(note)}, NULL, error) &&
           must_change(store, "no checkpoint of this size waits for a signature", error);
}

bool
store_checkpoint_next(struct store *store, uint64_t after, struct store_checkpoint *out,
                      bool *found, struct lot_error *error)
{
    assert(out != NULL && found != NULL);
    bool there = false;
    if (!ask(store,
             "SELECT size, root, purpose, note FROM checkpoint WHERE size > ?1"
             " ORDER BY size LIMIT 1",
             (struct value[]){number(after)}, &there, error)) {
        return false;
    }
    if (there) {
        unsigned purpose = 0;
        if (store->texts[1].size != LOT_HASH_BYTES) {
            return fail(store, SQLITE_CORRUPT, error);
        }
        if (!word_index(store, store->texts[2], purposes, 5, &purpose, error)) {
            return false;
        }
        *out = (struct store_checkpoint){.size = store->numbers[0],
                                         .purpose = (enum store_purpose)purpose,
                                         .note = store->texts[3]};
        memcpy(out->root, store->texts[1].at, LOT_HASH_BYTES);
    }
    *found = there;
    return true;
}

bool
store_cosignature_add(struct store *store, uint64_t size, struct lot_text witness,
                      struct lot_text line, struct lot_error *error)
{
    assert(line.size > 0 && line.at[line.size - 1] == '\n');
    return ask(store, "INSERT INTO cosignature VALUES(?1, ?2, ?3)",
               (struct value[]){number(size), text(witness), text(line)}, NULL, error);
}

bool
store_cosignature(struct store *store, uint64_t size, struct lot_text witness,
                  struct lot_text *line, bool *found, struct lot_error *error)
{
    assert(line != NULL && found != NULL);
    return ask_text(store, "SELECT line FROM cosignature WHERE size = ?1 AND witness = ?2",
                    (struct value[]){number(size), text(witness)}, line, found, error);
}
