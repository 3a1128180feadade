/*
 * parts.c - times the parts of recompute, and what they are measured against, in one
 * process on the same tickets.
 *
 *     parts DIR      a line for each part: its name, a blank, seconds
 *
 * Against: "hashing", the digest of each ticket's whole text by a fetched EVP digest,
 * one reused context a thread, Init, Update, Final; and "sorting", qsort() of as many
 * 40-byte records that begin with those digests.
 */
#include "lottery/recompute.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <openssl/evp.h>

#define THREADS_MAX 64

static double
now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

static void
say(const char *part, double begin)
{
    printf("%s %.3f\n", part, now() - begin);
    fflush(stdout);
}

struct record {
    uint8_t ticket[LOT_HASH_BYTES];
    uint32_t entry, chance;
};

struct part {
    const struct recompute *recompute;
    EVP_MD *digest;
    struct record *records;
    uint32_t first, end;
};

static void *
hash_plainly(void *argument)
{
    struct part *part = argument;
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    char text[LOT_HEX_SIZE + 40];
    memcpy(text, part->recompute->seed, LOT_HEX_SIZE);
    memcpy(text + LOT_HEX_SIZE, ":entry:", 7);
    for (uint32_t i = part->first; i < part->end; i++) {
        const struct lot_entry *entry = &part->recompute->roll.entries[i];
        size_t size = LOT_HEX_SIZE + 7;
        memcpy(text + size, entry->id, entry->id_size);
        size += entry->id_size;
        memcpy(text + size, ":1", 2);
        if (EVP_DigestInit_ex2(context, part->digest, NULL) != 1 ||
            EVP_DigestUpdate(context, text, size + 2) != 1 ||
            EVP_DigestFinal_ex(context, part->records[i].ticket, NULL) != 1) {
            abort();
        }
        part->records[i].entry = i;
        part->records[i].chance = 1;
    }
    EVP_MD_CTX_free(context);
    return NULL;
}

static int
compare(const void *a, const void *b)
{
    return memcmp(a, b, LOT_HASH_BYTES);
}

static void
plain(const struct recompute *recompute, unsigned threads)
{
    uint32_t rows = recompute->roll.entries_file.rows;
    struct record *records = calloc(rows, sizeof *records);
    pthread_t workers[THREADS_MAX];
    struct part parts[THREADS_MAX];
    EVP_MD *digest = EVP_MD_fetch(NULL, "SHA256", NULL);
    if (records == NULL || digest == NULL) {
        abort();
    }
    memset(records, 1, rows * sizeof *records); /* so that no page is new */
    double begin = now();
    for (unsigned i = 0; i < threads; i++) {
        parts[i] =
            (struct part){recompute, digest, records, (uint32_t)((uint64_t)rows * i / threads),
                          (uint32_t)((uint64_t)rows * (i + 1) / threads)};
        if (pthread_create(&workers[i], NULL, hash_plainly, &parts[i]) != 0) {
            abort();
        }
    }
    for (unsigned i = 0; i < threads; i++) {
        pthread_join(workers[i], NULL);
    }
    say("hashing", begin);
    begin = now();
    qsort(records, rows, sizeof *records, compare);
    say("sorting", begin);
    for (uint32_t i = 0; i < rows; i++) {
        if (records[i].entry != recompute->order[i].entry) {
            fprintf(stderr, "parts: rank %u is another entry\n", i + 1);
            exit(1);
        }
    }
    EVP_MD_free(digest);
    free(records);
}

static bool
measure(struct recompute *recompute, const char *folder, unsigned threads, struct lot_error *error)
{
    double begin = now();
    if (!recompute_read(recompute, folder, error)) {
        return false;
    }
    say("reading", begin);
    begin = now();
    if (!recompute_draw(recompute, threads, error)) {
        return false;
    }
    say("drawing", begin); /* tickets, order, allocation */
    uint32_t rows = recompute->roll.entries_file.rows;
    struct lot_buffer text = {0};
    begin = now();
    for (uint32_t done = 0; done < rows;) {
        uint32_t count = rows - done < 8192 ? rows - done : 8192;
        lot_buffer_clear(&text);
        lot_results_rows(&recompute->roll, recompute->order, &recompute->allocation, done, count,
                         &text);
        done += count;
    }
    say("text", begin);
    lot_buffer_finish(&text);
    plain(recompute, threads);
    return true;
}

int
main(int count, char **words)
{
    if (count != 2) {
        fputs("usage: parts DIR\n", stderr);
        return 2;
    }
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    unsigned threads = processors < 1 ? 1 : processors > 64 ? 64 : (unsigned)processors;
    struct recompute recompute = {0};
    struct lot_error error = {0};
    bool good = measure(&recompute, words[1], threads, &error);
    if (!good) {
        fprintf(stderr, "parts: %s\n", error.text);
    }
    recompute_finish(&recompute);
    return good ? 0 : 3;
}
