/*
 * generate.c - makes the six files of a draw of any size for the benchmark.
 *
 *     generate ENTRIES DIR
 *
 * One chance an entry, a home for each 40, SHA-256; 4 types, 3 queues, 3 rounds with
 * tags and quotas; ids by id, but received in another order, at ten windows. The same
 * number gives the same bytes. seed.txt is written by the product's own functions.
 */
#include "lottery/file.h"
#include "lottery/lottery.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SECRET "5ec2e75ec2e75ec2e75ec2e75ec2e75ec2e75ec2e75ec2e75ec2e75ec2e75ec2"
#define WINDOWS 10u
#define PRIME 1000003u /* divides no number of entries used here: a stride that visits all */

static uint64_t
mix(uint64_t z)
{
    z = (z + 0x9e3779b97f4a7c15u) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 30)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

/* Entry i of n: 80 bits in Crockford's base 32, rising with i, scattered in between. */
static void
id_of(uint32_t i, uint32_t n, char out[static 17])
{
    static const char letters[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    uint64_t step = UINT64_MAX / n;
    uint64_t high = step * i + mix(i) % step;
    for (unsigned k = 0; k < 12; k++) {
        out[k] = letters[high >> (59 - 5 * k) & 31];
    }
    uint64_t low = mix(high);
    out[12] = letters[(high & 15) << 1 | (low & 1)];
    for (unsigned k = 13; k < 16; k++) {
        out[k] = letters[low >> (5 * (k - 12)) & 31];
    }
    out[16] = '\0';
}

static void
commit_of(uint32_t i, char out[static 65])
{
    for (unsigned k = 0; k < 4; k++) {
        snprintf(out + 16 * k, 17, "%016" PRIx64, mix(4 * (uint64_t)i + k + 77));
    }
}

static FILE *
create(const char *folder, const char *name, const char *header)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "w");
    if (file == NULL) {
        perror(path);
        exit(3);
    }
    fputs(header, file);
    return file;
}

static void
close_file(FILE *file)
{
    if (ferror(file) != 0 || fclose(file) != 0) {
        perror("generate");
        exit(3);
    }
}

static const char rules_head[] =
    "{\"protocol\": 1, \"origin\": \"housing.example\", \"draw\": \"REHEARSAL-BENCH\","
    " \"title\": {\"en\": \"bench\"}, \"basis\": [], \"units\": {\"area\": \"m2\", \"price\": "
    "\"CNY\"},\n"
    " \"intakes\": [\n";
static const char rules_tail[] =
    "],\n"
    " \"log\": [\"housing.example/REHEARSAL-BENCH+%s+"
    "AddamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B1Ea\"],\n"
    " \"hash\": \"sha256\", \"award\": \"home\",\n"
    " \"types\": [{\"type\": \"1B\", \"title\": {\"en\": \"1B\"}, \"persons\": [1, 3]},"
    " {\"type\": \"2B\", \"title\": {\"en\": \"2B\"}, \"persons\": [2, 6]},\n"
    "  {\"type\": \"3B\", \"title\": {\"en\": \"3B\"}, \"persons\": [3, 20]},"
    " {\"type\": \"S0\", \"title\": {\"en\": \"S0\"}, \"persons\": [1, 2]}],\n"
    " \"queues\": [{\"queue\": \"Q1\", \"title\": {\"en\": \"Q1\"}},"
    " {\"queue\": \"Q2\", \"title\": {\"en\": \"Q2\"}},"
    " {\"queue\": \"Q3\", \"title\": {\"en\": \"Q3\"}}],\n"
    " \"rounds\": [{\"round\": \"r1\", \"title\": {\"en\": \"r1\"}, \"queues\": [\"Q1\"],"
    " \"tags\": [\"accessible\"]},\n"
    "  {\"round\": \"r2\", \"title\": {\"en\": \"r2\"}, \"queues\": [\"Q1\", \"Q2\"],"
    " \"quota\": {\"1B\": %u, \"2B\": %u}},\n"
    "  {\"round\": \"open\", \"title\": {\"en\": \"open\"}}],\n"
    " \"chances_max\": 1, \"standby\": \"all\", \"parties\": [{\"party\": \"office\","
    " \"title\": {\"en\": \"office\"}}],\n"
    " \"dice\": {\"faces\": 10, \"throws\": 39}, \"public\": [], \"void\": []}\n";

/* The key of RFC 8032's first test under another name has another id. */
static void
key_id(const char *name, char out[static 9])
{
    static const char public_key[] = "\x01\xd7\x5a\x98\x01\x82\xb1\x0a\xb7\xd5\x4b\xfe\xd3\xc9\x64"
                                     "\x07\x3a\x0e\xe1\x72\xf3\xda\xa6\x23\x25\xaf\x02\x1a\x68\xf7"
                                     "\x07\x51\x1a";
    struct lot_buffer text = {0};
    uint8_t digest[LOT_HASH_BYTES];
    lot_buffer_print(&text, "%s\n", name);
    lot_buffer_add(&text, public_key, sizeof public_key - 1);
    if (!crypto_digest(LOT_SHA256, lot_buffer_text(&text), digest, NULL)) {
        exit(3);
    }
    canon_to_hex(digest, 4, out);
    lot_buffer_finish(&text);
}

static void
make_rules(const char *folder, uint32_t homes)
{
    FILE *file = create(folder, "rules.json", rules_head);
    char id[9];
    for (unsigned i = 0; i < WINDOWS; i++) {
        char name[16];
        snprintf(name, sizeof name, "window-%u", i);
        key_id(name, id);
        fprintf(file,
                "  {\"intake\": \"%s\", \"title\": {\"en\": \"%s\"}, \"key\": \"%s+%s+"
                "AddamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B1Ea\"}%s\n",
                name, name, name, id, i + 1 < WINDOWS ? "," : "");
    }
    key_id("housing.example/REHEARSAL-BENCH", id);
    fprintf(file, rules_tail, id, homes / 20, homes / 20);
    close_file(file);
}

static void
make_files(const char *folder, uint32_t n)
{
    static const char *const types[] = {"1B", "2B", "3B", "S0"};
    static const char *const wants[] = {"1B 2B", "2B 3B 1B", "S0", "2B", "S0 1B 2B", "3B 2B"};
    static const char *const queues[] = {"", "", "", "", "Q1", "Q2", "Q1 Q2", "Q3"};
    char id[17];
    char commit[65];
    make_rules(folder, n / 40);
    FILE *file = create(folder, "homes.csv", "home,type,area,price,tags,place\n");
    for (uint32_t i = 0; i < n / 40; i++) {
        fprintf(file, "%02u-%07u,%s,%u.50,%u,%s,\n", i / 10000, i, types[mix(i) % 4],
                (unsigned)(30 + mix(i) % 70), 1000 + i, mix(i) % 10 == 0 ? "accessible" : "");
    }
    close_file(file);
    file = create(folder, "entries.csv", "id,queues,persons,chances,wants,commit\n");
    for (uint32_t i = 0; i < n; i++) {
        uint64_t chance = mix(i + 12345u);
        id_of(i, n, id);
        commit_of(i, commit);
        fprintf(file, "%s,%s,%u,1,%s,%s\n", id, queues[chance % 8], (unsigned)(1 + chance / 8 % 5),
                wants[chance / 64 % 6], commit);
    }
    close_file(file);
    close_file(create(folder, "refusals.csv", "id,reason,commit\n"));
    file = create(folder, "received.csv", "intake,number,id,time,commit\n");
    uint32_t share = (n + WINDOWS - 1) / WINDOWS;
    for (uint32_t i = 0; i < n; i++) {
        uint32_t entry = (uint32_t)((uint64_t)i * PRIME % n);
        id_of(entry, n, id);
        commit_of(entry, commit);
        fprintf(file, "window-%u,%u,%s,2026-11-%02uT0%u:%02u:%02uZ,%s\n", i / share, i % share + 1,
                id, i % 28 + 1, i % 9, i % 60, i % 59, commit);
    }
    close_file(file);
}

static bool
make_seed(const char *path, struct lot_error *error)
{
    static const char *const names[] = {"rules.json", "homes.csv", "entries.csv", "refusals.csv",
                                        "received.csv"};
    struct file_folder folder = {0};
    struct lot_buffer bytes[5] = {{0}, {0}, {0}, {0}, {0}};
    struct lot_rules *rules = NULL;
    struct lot_roll roll = {0};
    struct lot_freeze freeze = {.size = 1};
    struct lot_attempt attempt = {.number = 1};
    struct lot_buffer text = {0};
    bool good = file_folder_open(NULL, path, &folder, error);
    for (size_t i = 0; i < 5 && good; i++) {
        good = file_read(&folder, names[i], FILE_SIZE_MAX, &bytes[i], error);
    }
    roll.rules_file.bytes = lot_buffer_text(&bytes[0]);
    roll.homes_file.bytes = lot_buffer_text(&bytes[1]);
    roll.entries_file.bytes = lot_buffer_text(&bytes[2]);
    roll.refusals_file.bytes = lot_buffer_text(&bytes[3]);
    roll.received_file.bytes = lot_buffer_text(&bytes[4]);
    good = good && lot_rules_read(roll.rules_file.bytes, &rules, error) &&
           lot_roll_read(rules, &roll, error);
    if (good) {
        struct lot_text opening = LOT_TEXT("REHEARSAL-BENCH:office:" SECRET);
        memset(attempt.dice, '7', rules->dice_throws);
        memcpy(attempt.reveals[0], SECRET, sizeof SECRET);
        good = crypto_digest_hex(LOT_SHA256, opening, attempt.commits[0], error);
        lot_seed_text(&roll, &freeze, &attempt, &text);
        good = good && file_write(&folder, "seed.txt", lot_buffer_text(&text), error);
    }
    lot_buffer_finish(&text);
    lot_roll_finish(&roll);
    lot_rules_destroy(rules);
    for (size_t i = 0; i < 5; i++) {
        lot_buffer_finish(&bytes[i]);
    }
    file_folder_finish(&folder);
    return good;
}

int
main(int count, char **words)
{
    long entries = count == 3 ? strtol(words[1], NULL, 10) : 0;
    if (entries < 40 || entries > LOT_ROWS_MAX || entries % PRIME == 0) {
        fputs("usage: generate ENTRIES DIR\n", stderr);
        return 2;
    }
    struct lot_error error = {0};
    make_files(words[2], (uint32_t)entries);
    if (!make_seed(words[2], &error)) {
        fprintf(stderr, "generate: %s\n", error.text);
        return 3;
    }
    return 0;
}
