/*
 * rules.c - hides what rules.json must hold, key by key (PROTOCOL.md section 2). How
 * JSON is read and how a refusal finds its path is in node.c, advice in lint.c.
 */
#include "lottery/lottery.h"
#include "lottery/node.h"
#include "lottery/note.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- values that many parts have ------------------------------------------------------------ */

static bool
get_code(struct node node, char out[static LOT_CODE_MAX + 1])
{
    return node_word(node, canon_code, "a code ([A-Za-z0-9_-]{1,24})", out);
}

static bool
get_draw(struct node node, char out[static 32 + 1])
{
    return node_word(node, canon_draw, "a draw ([A-Z0-9][A-Z0-9-]{2,31})", out);
}

static bool
get_key(struct node node, uint8_t type, struct lot_key *out)
{
    const char *text;
    struct lot_error why = {0};
    if (!node_text(node, LOT_RULES_TEXT_MAX, &text)) {
        return false;
    }
    if (!note_key_read(lot_text(text), out, &why)) {
        return node_refuse_for(&node, &why);
    }
    if (out->type != type) {
        return node_refuse(&node, "a key of type 0x%02x; one of type 0x%02x must stand here",
                           (unsigned)out->type, (unsigned)type);
    }
    return true;
}

/* [A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*, the shape of RFC 5646 without its registry. */
static bool
is_language(struct lot_text tag)
{
    struct lot_text rest = tag, part;
    while (lot_piece(&rest, '-', &part)) {
        bool first = part.at == tag.at;
        if (part.size < (first ? 2 : 1) || part.size > 8) {
            return false;
        }
        for (size_t i = 0; i < part.size; i++) {
            char c = part.at[i];
            bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
            if (!letter && (first || c < '0' || c > '9')) {
                return false;
            }
        }
    }
    return true;
}

static bool
get_title(struct node node, struct lot_title *out)
{
    size_t count = json_object_size(node.value);
    if (!json_is_object(node.value)) {
        return node_expected(&node, "an object of languages and texts");
    }
    if (count == 0 || count > LOT_LANGUAGES_MAX) {
        return node_refuse(&node, "%zu languages; 1 to %d may stand here", count,
                           LOT_LANGUAGES_MAX);
    }
    const char *language;
    json_t *value;
    json_object_foreach(node.value, language, value)
    {
        struct node text = node_member(&node, language);
        if (!is_language(lot_text(language))) {
            return node_refuse(&text, "this key is no language tag such as zh, en or zh-Hant");
        }
        if (!node_text(text, LOT_RULES_TEXT_MAX, &out->items[out->count].text)) {
            return false;
        }
        out->items[out->count++].language = language;
    }
    return true;
}

/* The code by which an item of a list is known; no item before it has the same. */
static bool
get_own_code(const struct node *object, const char *key, char out[static LOT_CODE_MAX + 1])
{
    struct node node = node_member(object, key);
    if (!get_code(node, out)) {
        return false;
    }
    for (uint32_t i = 0; i < object->index; i++) {
        json_t *other = json_object_get(json_array_get(object->parent->value, i), key);
        if (other != NULL && strcmp(json_string_value(other), out) == 0) {
            return node_refuse(&node, "'%s' stands twice, in [%" PRIu32 "] too", out, i);
        }
    }
    return true;
}

/* What most items begin with: its keys, its own code (the first of the keys), its title. */
static bool
get_item(const struct node *object, const char *keys, char *code, struct lot_title *title)
{
    char key[NODE_KEY_MAX + 1] = "";
    memcpy(key, keys, strcspn(keys, " "));
    return node_is_object(object, keys) && get_own_code(object, key, code) &&
           get_title(node_member(object, "title"), title);
}

/* ---- the parts of rules.json ---------------------------------------------------------------- */

static bool
get_unit(struct node node, const char **out)
{
    if (!node_text(node, LOT_RULES_TEXT_MAX, out)) {
        return false;
    }
    return canon_ascii(lot_text(*out)) || node_refuse(&node, "a unit is ASCII, such as m2 or CNY");
}

static bool
get_identity(const struct node *top, struct lot_rules *rules)
{
    struct node units = node_member(top, "units"), basis = node_member(top, "basis");
    uint32_t version;
    if (!node_number(node_member(top, "protocol"), 1, 1, &version) ||
        !node_word(node_member(top, "origin"), canon_origin, "an origin ([a-z0-9.-]{1,64})",
                   rules->origin) ||
        !get_draw(node_member(top, "draw"), rules->draw) ||
        !get_title(node_member(top, "title"), &rules->title) ||
        !node_is_object(&units, "area price") ||
        !get_unit(node_member(&units, "area"), &rules->area_unit) ||
        !get_unit(node_member(&units, "price"), &rules->price_unit)) {
        return false;
    }
    rules->rehearsal = lot_text_starts(lot_text(rules->draw), "REHEARSAL-");
    snprintf(rules->log_name, sizeof rules->log_name, "%s/%s", rules->origin, rules->draw);
    rules->basis = node_list(&basis, 0, LOT_BASIS_MAX, sizeof *rules->basis, &rules->basis_count);
    for (uint32_t i = 0; i < rules->basis_count; i++) {
        if (!node_text(node_item(&basis, i), LOT_RULES_TEXT_MAX, &rules->basis[i])) {
            return false;
        }
    }
    return rules->basis != NULL;
}

static bool
get_earlier_draw(const struct node *node, struct lot_earlier *out)
{
    const char *root;
    if (!node_is_object(node, "draw size root") ||
        !get_draw(node_member(node, "draw"), out->draw) ||
        !node_number(node_member(node, "size"), 0, NODE_NUMBER_MAX, &out->size) ||
        !node_text(node_member(node, "root"), LOT_RULES_TEXT_MAX, &root)) {
        return false;
    }
    if (lot_text_starts(lot_text(out->draw), "REHEARSAL-")) {
        struct node draw = node_member(node, "draw");
        return node_refuse(&draw, "%s is a rehearsal; only live draws stand here", out->draw);
    }
    uint8_t bytes[LOT_HASH_BYTES];
    size_t size;
    if (!canon_from_base64(lot_text(root), bytes, sizeof bytes, &size) || size != sizeof bytes) {
        struct node text = node_member(node, "root");
        return node_refuse(&text, "not the base64 of 32 bytes");
    }
    memcpy(out->root, root, sizeof out->root);
    return true;
}

static bool
get_earlier(const struct node *top, struct lot_rules *rules)
{
    struct node list = node_member(top, "earlier");
    if (list.value == NULL) {
        return true;
    }
    rules->earlier =
        node_list(&list, 1, LOT_EARLIER_MAX, sizeof *rules->earlier, &rules->earlier_count);
    for (uint32_t i = 0; i < rules->earlier_count; i++) {
        struct node node = node_item(&list, i);
        if (!get_earlier_draw(&node, &rules->earlier[i])) {
            return false;
        }
    }
    return rules->earlier != NULL;
}

/* The log's own key, then those whose lines other programs may ask for (SM2). */
static bool
get_log_keys(const struct node *top, struct lot_rules *rules)
{
    struct node list = node_member(top, "log");
    rules->log_keys =
        node_list(&list, 1, LOT_LOG_KEYS_MAX, sizeof *rules->log_keys, &rules->log_key_count);
    for (uint32_t i = 0; i < rules->log_key_count; i++) {
        struct node node = node_item(&list, i);
        struct lot_key *key = &rules->log_keys[i];
        if (!get_key(node, i == 0 ? LOT_KEY_LOG : LOT_KEY_OTHER, key)) {
            return false;
        }
        if (strcmp(key->name, rules->log_name) != 0) {
            return node_refuse(&node, "the key's name is %s; the log's must be %s", key->name,
                               rules->log_name);
        }
    }
    return rules->log_keys != NULL;
}

/* Intakes and witnesses. */
static bool
get_keyed(const struct node *list, const char *keys, uint8_t type, uint32_t count,
          struct lot_keyed out[])
{
    for (uint32_t i = 0; i < count; i++) {
        struct node node = node_item(list, i);
        if (!get_item(&node, keys, out[i].code, &out[i].title) ||
            !get_key(node_member(&node, "key"), type, &out[i].key)) {
            return false;
        }
    }
    return true;
}

static bool
get_keepers(const struct node *top, struct lot_rules *rules)
{
    struct node intakes = node_member(top, "intakes"), witnesses = node_member(top, "witnesses");
    rules->intakes =
        node_list(&intakes, 1, LOT_INTAKES_MAX, sizeof *rules->intakes, &rules->intake_count);
    if (rules->intakes == NULL || !get_keyed(&intakes, "intake title key", LOT_KEY_LOG,
                                             rules->intake_count, rules->intakes)) {
        return false;
    }
    if (witnesses.value == NULL) {
        return true;
    }
    rules->witnesses = node_list(&witnesses, 1, LOT_WITNESSES_MAX, sizeof *rules->witnesses,
                                 &rules->witness_count);
    return rules->witnesses != NULL && get_keyed(&witnesses, "witness title key", LOT_KEY_WITNESS,
                                                 rules->witness_count, rules->witnesses);
}

/* Queues, parties and grounds. */
static bool
get_named(const struct node *list, const char *keys, uint32_t count, struct lot_named out[])
{
    for (uint32_t i = 0; i < count; i++) {
        struct node node = node_item(list, i);
        if (!get_item(&node, keys, out[i].code, &out[i].title)) {
            return false;
        }
    }
    return true;
}

static bool
get_queues(const struct node *top, struct lot_rules *rules)
{
    struct node list = node_member(top, "queues");
    rules->queues = node_list(&list, 0, LOT_QUEUES_MAX, sizeof *rules->queues, &rules->queue_count);
    return rules->queues != NULL &&
           get_named(&list, "queue title", rules->queue_count, rules->queues);
}

static bool
get_parties(const struct node *top, struct lot_rules *rules)
{
    struct node list = node_member(top, "parties");
    uint32_t least = rules->rehearsal ? 0 : 1;
    rules->parties =
        node_list(&list, least, LOT_PARTIES_MAX, sizeof *rules->parties, &rules->party_count);
    return rules->parties != NULL &&
           get_named(&list, "party title", rules->party_count, rules->parties);
}

static bool
get_grounds(const struct node *top, struct lot_rules *rules)
{
    struct node list = node_member(top, "void");
    rules->grounds =
        node_list(&list, 0, LOT_GROUNDS_MAX, sizeof *rules->grounds, &rules->ground_count);
    if (rules->grounds == NULL ||
        !get_named(&list, "ground title", rules->ground_count, rules->grounds)) {
        return false;
    }
    for (uint32_t i = 0; i < rules->ground_count; i++) {
        const char *code = rules->grounds[i].code;
        if (strcmp(code, "unopened") == 0 || strcmp(code, "order") == 0) {
            struct node node = node_item(&list, i), ground = node_member(&node, "ground");
            return node_refuse(&ground, "'%s' has a meaning of its own; choose another code", code);
        }
    }
    return true;
}

static bool
get_types(const struct node *top, struct lot_rules *rules)
{
    struct node list = node_member(top, "types");
    rules->types = node_list(&list, 1, LOT_TYPES_MAX, sizeof *rules->types, &rules->type_count);
    for (uint32_t i = 0; i < rules->type_count; i++) {
        struct lot_type *type = &rules->types[i];
        struct node node = node_item(&list, i), persons = node_member(&node, "persons");
        uint32_t least, most;
        if (!get_item(&node, "type title persons", type->code, &type->title)) {
            return false;
        }
        if (json_array_size(persons.value) != 2) {
            return node_refuse(&persons, "expected a list of two numbers, [min, max]");
        }
        if (!node_number(node_item(&persons, 0), 1, LOT_PERSONS_MAX, &least) ||
            !node_number(node_item(&persons, 1), 1, LOT_PERSONS_MAX, &most)) {
            return false;
        }
        if (least > most) {
            return node_refuse(&persons, "[%" PRIu32 ", %" PRIu32 "] is inverted", least, most);
        }
        type->persons_min = (uint8_t)least;
        type->persons_max = (uint8_t)most;
    }
    return rules->types != NULL;
}

/* The bit of a tag, which is remembered at its first mention; or -1 when there are too many. */
static int
tag_bit(struct lot_rules *rules, const char *code)
{
    int known = lot_rules_tag(rules, lot_text(code));
    if (known >= 0 || rules->tag_count == LOT_TAGS_MAX) {
        return known;
    }
    memcpy(rules->tags[rules->tag_count], code, strlen(code));
    return (int)rules->tag_count++;
}

/* The queues or the tags of a round, as a set; no such key leaves it alone. */
static bool
get_set(struct node list, struct lot_rules *rules, bool *has, uint64_t *out)
{
    bool tags = strcmp(list.key, "tags") == 0;
    uint64_t set = 0;
    if (list.value == NULL) {
        return true;
    }
    if (!json_is_array(list.value) || json_array_size(list.value) == 0) {
        return node_refuse(&list, "expected a list of one or more codes");
    }
    for (uint32_t i = 0; i < json_array_size(list.value); i++) {
        struct node node = node_item(&list, i);
        char code[LOT_CODE_MAX + 1];
        if (!get_code(node, code)) {
            return false;
        }
        int bit = tags ? tag_bit(rules, code) : lot_rules_queue(rules, lot_text(code));
        if (bit < 0) {
            return tags ? node_refuse(&node, "more than %d tags in all rounds", LOT_TAGS_MAX)
                        : node_refuse(&node, "no such queue: '%s'", code);
        }
        if ((set >> bit & 1) != 0) {
            return node_refuse(&node, "'%s' stands twice", code);
        }
        set |= UINT64_C(1) << bit;
    }
    *has = true;
    *out = set;
    return true;
}

static bool
get_quota(struct node node, const struct lot_rules *rules, struct lot_round *round)
{
    if (node.value == NULL) {
        return true;
    }
    if (!json_is_object(node.value) || json_object_size(node.value) == 0) {
        return node_refuse(&node, "expected an object of one or more types and numbers");
    }
    const char *code;
    json_t *value;
    json_object_foreach(node.value, code, value)
    {
        struct node number = node_member(&node, code);
        int type = lot_rules_type(rules, lot_text(code));
        if (type < 0) {
            return node_refuse(&number, "no such type");
        }
        if (!node_number(number, 0, NODE_NUMBER_MAX, &round->quota[type])) {
            return false;
        }
    }
    round->has_quota = true;
    return true;
}

static bool
get_rounds(const struct node *top, struct lot_rules *rules)
{
    struct node list = node_member(top, "rounds");
    rules->rounds = node_list(&list, 1, LOT_ROUNDS_MAX, sizeof *rules->rounds, &rules->round_count);
    rules->tags = lot_alloc(LOT_TAGS_MAX, sizeof *rules->tags);
    for (uint32_t i = 0; i < rules->round_count; i++) {
        struct lot_round *round = &rules->rounds[i];
        struct node node = node_item(&list, i);
        if (!get_item(&node, "round title queues? tags? quota?", round->code, &round->title) ||
            !get_set(node_member(&node, "queues"), rules, &round->has_queues, &round->queues) ||
            !get_set(node_member(&node, "tags"), rules, &round->has_tags, &round->tags) ||
            !get_quota(node_member(&node, "quota"), rules, round)) {
            return false;
        }
    }
    return rules->rounds != NULL;
}

/* Hash, award, and the numbers that stand by themselves. */
static bool
get_measures(const struct node *top, struct lot_rules *rules)
{
    struct node dice = node_member(top, "dice"), standby = node_member(top, "standby");
    unsigned sm3, turn;
    if (!node_choice(node_member(top, "hash"), "sha256", "sm3", &sm3) ||
        !node_choice(node_member(top, "award"), "home", "turn", &turn) ||
        !node_number(node_member(top, "chances_max"), 1, LOT_CHANCES_MAX, &rules->chances_max) ||
        !node_is_object(&dice, "faces throws") ||
        !node_number(node_member(&dice, "faces"), 6, 10, &rules->dice_faces) ||
        !node_number(node_member(&dice, "throws"), 1, LOT_THROWS_MAX, &rules->dice_throws)) {
        return false;
    }
    if (rules->dice_faces != 6 && rules->dice_faces != 10) {
        struct node faces = node_member(&dice, "faces");
        return node_refuse(&faces, "%" PRIu32 " faces; dice have 6 or 10 here", rules->dice_faces);
    }
    rules->hash = sm3 ? LOT_SM3 : LOT_SHA256;
    rules->award = turn ? LOT_AWARD_TURN : LOT_AWARD_HOME;
    if (json_is_string(standby.value) && strcmp(json_string_value(standby.value), "all") == 0) {
        rules->standby = LOT_STANDBY_ALL;
        return true;
    }
    if (!json_is_integer(standby.value)) {
        return node_expected(&standby, "a whole number or \"all\"");
    }
    return node_number(standby, 0, NODE_NUMBER_MAX, &rules->standby);
}

static bool
is_certificate(struct lot_text text)
{
    return canon_hex(text, 128);
}

static bool
get_certificates(struct node list, struct lot_source *source)
{
    if (!json_is_array(list.value) || json_array_size(list.value) == 0 ||
        json_array_size(list.value) > LOT_CERTIFICATES_MAX) {
        return node_refuse(&list, "expected a list of 1 to %d certificates", LOT_CERTIFICATES_MAX);
    }
    for (uint32_t i = 0; i < json_array_size(list.value); i++) {
        struct node node = node_item(&list, i);
        if (!node_word(node, is_certificate, "a certificate ([0-9a-f]{128}, its SHA-512)",
                       source->certificates[i])) {
            return false;
        }
        source->certificate_count++;
    }
    return true;
}

static bool
get_source(const struct node *node, struct lot_source *source)
{
    if (!json_is_object(node->value)) {
        return node_expected(node, "an object");
    }
    struct node word = node_member(node, "source");
    if (word.value == NULL) {
        return node_refuse(&word, "this key is missing");
    }
    unsigned text;
    if (!node_choice(word, "nist-2.0", "text", &text) ||
        !node_is_object(node,
                        text ? "source name title time digits" : "source time certificates") ||
        !node_time(node_member(node, "time"), &source->time)) {
        return false;
    }
    source->kind = text ? LOT_SOURCE_TEXT : LOT_SOURCE_NIST;
    return text ? get_own_code(node, "name", source->name) &&
                      get_title(node_member(node, "title"), &source->title) &&
                      node_number(node_member(node, "digits"), 1, 64, &source->digits)
                : get_certificates(node_member(node, "certificates"), source);
}

static bool
get_sources(const struct node *top, struct lot_rules *rules)
{
    struct node list = node_member(top, "public");
    rules->sources =
        node_list(&list, 0, LOT_SOURCES_MAX, sizeof *rules->sources, &rules->source_count);
    for (uint32_t i = 0; i < rules->source_count; i++) {
        struct node node = node_item(&list, i);
        if (!get_source(&node, &rules->sources[i])) {
            return false;
        }
    }
    return rules->sources != NULL;
}

/* Types and queues come before the rounds, which name them. */
static bool
get_rules(const struct node *top, struct lot_rules *rules)
{
    return node_is_object(top,
                          "protocol origin draw earlier? title basis units intakes log hash award "
                          "types queues rounds chances_max standby parties witnesses? dice public "
                          "void") &&
           get_identity(top, rules) && get_earlier(top, rules) && get_keepers(top, rules) &&
           get_log_keys(top, rules) && get_types(top, rules) && get_queues(top, rules) &&
           get_rounds(top, rules) && get_measures(top, rules) && get_parties(top, rules) &&
           get_sources(top, rules) && get_grounds(top, rules);
}

bool
lot_rules_read(struct lot_text json, struct lot_rules **out, struct lot_error *error)
{
    assert(out != NULL);
    struct node top;
    if (!node_parse(json, "rules.json", LOT_RULES_SIZE_MAX, &top, error)) {
        return false;
    }
    struct lot_rules *rules = lot_alloc(1, sizeof *rules);
    rules->document = top.value;
    if (!get_rules(&top, rules)) {
        lot_rules_destroy(rules);
        return false;
    }
    *out = rules;
    return true;
}

void
lot_rules_destroy(struct lot_rules *rules)
{
    if (rules == NULL) {
        return;
    }
    free(rules->basis);
    free(rules->earlier);
    free(rules->intakes);
    free(rules->log_keys);
    free(rules->types);
    free(rules->queues);
    free(rules->rounds);
    free(rules->parties);
    free(rules->witnesses);
    free(rules->sources);
    free(rules->grounds);
    free(rules->tags);
    json_decref(rules->document);
    free(rules);
}

/* ---- questions ------------------------------------------------------------------------------ */

bool
lot_rules_allow(const struct lot_rules *rules, struct lot_error *error)
{
    assert(rules != NULL);
    if (rules->rehearsal) {
        return true;
    }
    if (rules->party_count < 2) {
        return lot_fail(error, LOT_REFUSED,
                        "parties: a live draw has at least two, so that no single secret makes "
                        "the seed; found %" PRIu32,
                        rules->party_count);
    }
    /* 10^39 and 6^50 are the first powers above 2^128. */
    uint32_t least = rules->dice_faces == 10 ? 39 : 50;
    if (rules->dice_throws < least) {
        return lot_fail(error, LOT_REFUSED,
                        "dice.throws: a live draw with dice of %" PRIu32 " faces has at least "
                        "%" PRIu32
                        " throws, so that nobody can try out all of them; found %" PRIu32,
                        rules->dice_faces, least, rules->dice_throws);
    }
    return true;
}

/* Index of a code among count items that begin with theirs, size bytes each; or -1. */
static int
find(const void *items, uint32_t count, size_t size, struct lot_text code)
{
    const char *at = items;
    for (uint32_t i = 0; i < count; i++, at += size) {
        if (lot_text_is(code, at)) {
            return (int)i;
        }
    }
    return -1;
}

int
lot_rules_type(const struct lot_rules *rules, struct lot_text code)
{
    return find(rules->types, rules->type_count, sizeof *rules->types, code);
}

int
lot_rules_queue(const struct lot_rules *rules, struct lot_text code)
{
    return find(rules->queues, rules->queue_count, sizeof *rules->queues, code);
}

int
lot_rules_intake(const struct lot_rules *rules, struct lot_text code)
{
    return find(rules->intakes, rules->intake_count, sizeof *rules->intakes, code);
}

int
lot_rules_party(const struct lot_rules *rules, struct lot_text code)
{
    return find(rules->parties, rules->party_count, sizeof *rules->parties, code);
}

int
lot_rules_ground(const struct lot_rules *rules, struct lot_text code)
{
    return find(rules->grounds, rules->ground_count, sizeof *rules->grounds, code);
}

int
lot_rules_tag(const struct lot_rules *rules, struct lot_text code)
{
    return find(rules->tags, rules->tag_count, sizeof *rules->tags, code);
}

const char *
lot_source_word(enum lot_source_kind kind)
{
    return kind == LOT_SOURCE_NIST ? "nist-2.0" : "text";
}

const char *
lot_title_in(const struct lot_title *title, const char *language)
{
    assert(title->count > 0);
    const char *text = title->items[0].text;
    for (uint32_t i = 0; i < title->count; i++) {
        if (strcmp(title->items[i].language, language) == 0) {
            return title->items[i].text;
        }
        if (strcmp(title->items[i].language, "en") == 0) {
            text = title->items[i].text;
        }
    }
    return text;
}
