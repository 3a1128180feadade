/*
 * seed.c - hides seed.txt: its lines, and what each value of a ceremony must look
 * like (PROTOCOL.md section 5).
 *
 *   mingqian seed 1
 *   draw <draw>
 *   attempt <n>
 *   rules <H of rules.json>
 *   homes <H of homes.csv> <rows>
 *   entries <H of entries.csv> <rows> <sum of chances>
 *   refusals <H of refusals.csv> <rows>
 *   received <H of received.csv> <rows>
 *   log <size> <root in base64>
 *   commit <party> <hex>            one line a party, in the rules' order
 *   dice <digits>
 *   reveal <party> <secret>         one line a party, in the rules' order
 *   public <source> <ref> <value>   one line a source, in the rules' order
 *
 * H of these bytes is the seed. Nothing but the lines from `attempt` on can differ
 * for one roll, and of those no sentence repeats a value.
 */
#include "lottery/lottery.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define PREFIX_MAX 48 /* `commit <party> ` and the like, with a NUL */

/* ---- written -------------------------------------------------------------------------------- */

static void
put_name(const struct lot_roll *roll, struct lot_buffer *out)
{
    lot_buffer_print(out, "mingqian seed 1\ndraw %s\n", roll->rules->draw);
}

static void
put_files(const struct lot_roll *roll, struct lot_buffer *out)
{
    lot_buffer_print(out, "rules %s\n", roll->rules_file.digest);
    lot_buffer_print(out, "homes %s %" PRIu32 "\n", roll->homes_file.digest, roll->homes_file.rows);
    lot_buffer_print(out, "entries %s %" PRIu32 " %" PRIu64 "\n", roll->entries_file.digest,
                     roll->entries_file.rows, roll->chances);
    lot_buffer_print(out, "refusals %s %" PRIu32 "\n", roll->refusals_file.digest,
                     roll->refusals_file.rows);
    lot_buffer_print(out, "received %s %" PRIu32 "\n", roll->received_file.digest,
                     roll->received_file.rows);
}

void
lot_seed_text(const struct lot_roll *roll, const struct lot_freeze *freeze,
              const struct lot_attempt *attempt, struct lot_buffer *out)
{
    assert(roll != NULL && freeze != NULL && attempt != NULL && out != NULL);
    const struct lot_rules *rules = roll->rules;
    char root[CANON_BASE64_SIZE(LOT_HASH_BYTES) + 1];
    canon_to_base64(freeze->root, sizeof freeze->root, root);
    put_name(roll, out);
    lot_buffer_print(out, "attempt %" PRIu32 "\n", attempt->number);
    put_files(roll, out);
    lot_buffer_print(out, "log %" PRIu64 " %s\n", freeze->size, root);
    for (uint32_t i = 0; i < rules->party_count; i++) {
        lot_buffer_print(out, "commit %s %s\n", rules->parties[i].code, attempt->commits[i]);
    }
    lot_buffer_print(out, "dice %s\n", attempt->dice);
    for (uint32_t i = 0; i < rules->party_count; i++) {
        lot_buffer_print(out, "reveal %s %s\n", rules->parties[i].code, attempt->reveals[i]);
    }
    for (uint32_t i = 0; i < rules->source_count; i++) {
        lot_buffer_print(out, "public %s %s %s\n", lot_source_word(rules->sources[i].kind),
                         attempt->publics[i].ref, attempt->publics[i].value);
    }
}

/* ---- single values -------------------------------------------------------------------------- */

/* Whoever typed it finds the place; the value itself is not repeated. */
static bool
is_hash(const char *name, struct lot_text value, struct lot_error *error)
{
    if (canon_hex(value, LOT_HEX_SIZE)) {
        return true;
    }
    size_t right = 0;
    while (right < value.size && right < LOT_HEX_SIZE &&
           canon_hex((struct lot_text){value.at + right, 1}, 1)) {
        right++;
    }
    return lot_fail(error, LOT_REFUSED,
                    "%s has 64 characters 0-9 a-f; %zu were given, the first %zu of them right",
                    name, value.size, right);
}

bool
lot_commit_check(struct lot_text commit, struct lot_error *error)
{
    return is_hash("a commit", commit, error);
}

bool
lot_dice_check(const struct lot_rules *rules, struct lot_text dice, struct lot_error *error)
{
    assert(rules != NULL);
    char first = rules->dice_faces == 10 ? '0' : '1', last = rules->dice_faces == 10 ? '9' : '6';
    for (size_t i = 0; i < dice.size; i++) {
        if (dice.at[i] < first || dice.at[i] > last) {
            return lot_fail(error, LOT_REFUSED, "throw %zu of the dice is no digit %c to %c", i + 1,
                            first, last);
        }
    }
    if (dice.size != rules->dice_throws) {
        return lot_fail(error, LOT_REFUSED,
                        "%zu throws of the dice; the rules ask for exactly %" PRIu32, dice.size,
                        rules->dice_throws);
    }
    return true;
}

bool
lot_reveal_check(const struct lot_rules *rules, uint32_t party, struct lot_text commit,
                 struct lot_text secret, struct lot_error *error)
{
    assert(rules != NULL && party < rules->party_count);
    const char *code = rules->parties[party].code;
    if (!is_hash("a secret", secret, error)) {
        return lot_fail_at(error, "%s", code);
    }
    struct lot_buffer text = {0};
    char digest[LOT_HEX_SIZE + 1];
    lot_buffer_print(&text, "%s:%s:", rules->draw, code);
    lot_buffer_put(&text, secret);
    bool good = crypto_digest_hex(rules->hash, lot_buffer_text(&text), digest, error);
    lot_buffer_finish(&text);
    if (good && !lot_text_is(commit, digest)) {
        return lot_fail(error, LOT_REFUSED,
                        "the secret of %s is not the one of its commit: read the paper again, or "
                        "ask the party for its own copy",
                        code);
    }
    return good;
}

bool
lot_public_check(const struct lot_source *source, struct lot_text ref, struct lot_text value,
                 struct lot_error *error)
{
    assert(source != NULL);
    if (source->kind == LOT_SOURCE_NIST) {
        struct lot_text pulse = ref, chain;
        uint32_t number;
        bool good = lot_piece(&pulse, '/', &chain) && canon_number(chain, &number) &&
                    canon_number(pulse, &number);
        if (!good) {
            return lot_fail(error, LOT_REFUSED,
                            "the ref of a nist-2.0 pulse has the form chain/pulse, as 2/1921299");
        }
        if (!canon_hex(value, 128)) {
            return lot_fail(error, LOT_REFUSED,
                            "the value of pulse %.*s must have 128 characters 0-9 a-f",
                            (int)ref.size, ref.at);
        }
        return true;
    }
    if (!lot_text_is(ref, source->name)) {
        return lot_fail(error, LOT_REFUSED, "the ref of this text source must be its name, %s",
                        source->name);
    }
    bool digits = value.size == source->digits;
    for (size_t i = 0; digits && i < value.size; i++) {
        digits = value.at[i] >= '0' && value.at[i] <= '9';
    }
    if (!digits) {
        return lot_fail(error, LOT_REFUSED,
                        "the value of %s must be exactly %" PRIu32 " digits 0-9, nothing between",
                        source->name, source->digits);
    }
    return true;
}

/* ---- read ----------------------------------------------------------------------------------- */

struct reader {
    struct lot_text rest;
    uint32_t line; /* number of the one that was taken last */
    struct lot_error *error;
};

/* Takes a line that begins with prefix; value is what follows. */
static bool
take(struct reader *reader, const char *prefix, struct lot_text *value)
{
    struct lot_text line;
    reader->line++;
    if (!lot_line(&reader->rest, &line)) {
        return lot_fail(reader->error, LOT_REFUSED,
                        "seed.txt line %" PRIu32 ": '%s' must stand here, ended by a line feed",
                        reader->line, prefix);
    }
    if (!lot_text_starts(line, prefix)) {
        char shown[CANON_SHOWN_SIZE];
        line.size = line.size < 12 ? line.size : 12; /* no further: it may be a secret */
        return lot_fail(reader->error, LOT_REFUSED,
                        "seed.txt line %" PRIu32 ": begins with '%s', must begin with '%s'",
                        reader->line, canon_shown(line, shown), prefix);
    }
    size_t size = strlen(prefix);
    *value = (struct lot_text){line.at + size, line.size - size};
    return true;
}

static bool
take_of_party(struct reader *reader, const char *word, const struct lot_named *party,
              struct lot_text *value)
{
    char prefix[PREFIX_MAX];
    snprintf(prefix, sizeof prefix, "%s %s ", word, party->code);
    return take(reader, prefix, value);
}

/* A value was wrong: says the line. */
static bool
refuse(const struct reader *reader)
{
    return lot_fail_at(reader->error, "seed.txt line %" PRIu32, reader->line);
}

/* Takes lines that must be these. */
static bool
take_lines(struct reader *reader, struct lot_text lines)
{
    struct lot_text expected, found;
    while (lot_line(&lines, &expected)) {
        reader->line++;
        if (!lot_line(&reader->rest, &found) || !lot_text_same(found, expected)) {
            return lot_fail(reader->error, LOT_REFUSED,
                            "seed.txt line %" PRIu32 ": from these files must stand here '%.*s'",
                            reader->line, (int)expected.size, expected.at);
        }
    }
    return true;
}

static bool
take_head(struct reader *reader, const struct lot_roll *roll, struct lot_attempt *attempt)
{
    struct lot_buffer name = {0}, files = {0};
    struct lot_text number = {0};
    put_name(roll, &name);
    put_files(roll, &files);
    bool good = take_lines(reader, lot_buffer_text(&name)) && take(reader, "attempt ", &number);
    if (good && (!canon_number(number, &attempt->number) || attempt->number == 0)) {
        lot_fail(reader->error, LOT_REFUSED, "an attempt has a number 1, 2, 3 ...");
        good = refuse(reader);
    }
    good = good && take_lines(reader, lot_buffer_text(&files));
    lot_buffer_finish(&name);
    lot_buffer_finish(&files);
    return good;
}

static bool
take_freeze(struct reader *reader, struct lot_freeze *freeze)
{
    struct lot_text rest, size;
    uint32_t number;
    size_t bytes;
    if (!take(reader, "log ", &rest)) {
        return false;
    }
    if (!lot_piece(&rest, ' ', &size) || !canon_number(size, &number) || number == 0 ||
        !canon_from_base64(rest, freeze->root, sizeof freeze->root, &bytes) ||
        bytes != sizeof freeze->root) {
        lot_fail(reader->error, LOT_REFUSED, "not a size and the base64 of a root of 32 bytes");
        return refuse(reader);
    }
    freeze->size = number;
    return true;
}

/* Commits, dice and reveals. */
static bool
take_secrets(struct reader *reader, const struct lot_rules *rules, struct lot_attempt *attempt)
{
    struct lot_text value;
    for (uint32_t i = 0; i < rules->party_count; i++) {
        if (!take_of_party(reader, "commit", &rules->parties[i], &value)) {
            return false;
        }
        if (!lot_commit_check(value, reader->error)) {
            return refuse(reader);
        }
        memcpy(attempt->commits[i], value.at, value.size);
        for (uint32_t j = 0; j < i; j++) {
            if (strcmp(attempt->commits[i], attempt->commits[j]) == 0) {
                lot_fail(reader->error, LOT_REFUSED, "the same commit as that of %s",
                         rules->parties[j].code);
                return refuse(reader);
            }
        }
    }
    if (!take(reader, "dice ", &value)) {
        return false;
    }
    if (!lot_dice_check(rules, value, reader->error)) {
        return refuse(reader);
    }
    memcpy(attempt->dice, value.at, value.size);
    for (uint32_t i = 0; i < rules->party_count; i++) {
        if (!take_of_party(reader, "reveal", &rules->parties[i], &value)) {
            return false;
        }
        struct lot_text commit = lot_text(attempt->commits[i]);
        if (!lot_reveal_check(rules, i, commit, value, reader->error)) {
            return refuse(reader);
        }
        memcpy(attempt->reveals[i], value.at, value.size);
    }
    return true;
}

static bool
take_publics(struct reader *reader, const struct lot_rules *rules, struct lot_attempt *attempt)
{
    for (uint32_t i = 0; i < rules->source_count; i++) {
        const struct lot_source *source = &rules->sources[i];
        char prefix[PREFIX_MAX];
        struct lot_text value, ref;
        snprintf(prefix, sizeof prefix, "public %s ", lot_source_word(source->kind));
        if (!take(reader, prefix, &value)) {
            return false;
        }
        if (!lot_piece(&value, ' ', &ref) || !lot_public_check(source, ref, value, reader->error)) {
            return refuse(reader);
        }
        memcpy(attempt->publics[i].ref, ref.at, ref.size);
        memcpy(attempt->publics[i].value, value.at, value.size);
    }
    return true;
}

bool
lot_seed_read(const struct lot_roll *roll, struct lot_text text, struct lot_freeze *freeze,
              struct lot_attempt *attempt, struct lot_error *error)
{
    assert(roll != NULL && freeze != NULL && attempt != NULL);
    struct reader reader = {.rest = text, .error = error};
    struct lot_freeze point = {0};
    struct lot_attempt read = {0};
    if (!take_head(&reader, roll, &read) || !take_freeze(&reader, &point) ||
        !take_secrets(&reader, roll->rules, &read) || !take_publics(&reader, roll->rules, &read)) {
        return false;
    }
    if (reader.rest.size > 0) {
        return lot_fail(error, LOT_REFUSED, "seed.txt line %" PRIu32 ": nothing may stand here",
                        reader.line + 1);
    }
    *freeze = point;
    *attempt = read;
    return true;
}
