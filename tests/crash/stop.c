/*
 * stop.c - preloaded into `lottery`: counts the calls that change a disk, and ends the
 * program after the n-th of them as a power cut would, without a word (SIGKILL).
 *
 * STOP_STATE   a file of 4 numbers of 8 bytes that both sides map, so that what it says
 *              outlives the program: how many calls there were, whether a transaction
 *              was open, whether a kill came from here, and which kind of call it was
 * STOP_AT      n; 0 or absent: only count
 * STOP_HALF    set: the n-th call, when it writes, writes only the first half
 *
 * Counted are write, pwrite, ftruncate, fsync, fdatasync, rename, link, unlink, mkdir
 * and open with O_CREAT. A commit is what SQLite makes of these; the transaction flag is
 * taken from the statements themselves. Writes to standard output and error are not
 * counted. This file needs RTLD_NEXT and so _GNU_SOURCE; the product does not.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

enum { CALLS, INSIDE, KILLED, KIND, STATE_SIZE };
enum kind { WRITE = 1, TRUNCATE, SYNC, RENAME, UNLINK, CREATE };

static volatile uint64_t *state;
static uint64_t stop_at;
static int half;

__attribute__((constructor)) static void
begin(void)
{
    const char *path = getenv("STOP_STATE"), *at = getenv("STOP_AT");
    int fd = path == NULL ? -1 : open(path, O_RDWR);
    if (fd < 0) {
        return;
    }
    void *mapped = mmap(NULL, STATE_SIZE * 8, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    close(fd);
    if (mapped != MAP_FAILED) {
        state = mapped;
        stop_at = at == NULL ? 0 : strtoull(at, NULL, 10);
        half = getenv("STOP_HALF") != NULL;
    }
}

/* Before a call: counts it, and says whether it is the last one. */
static int
last(enum kind kind)
{
    if (state == NULL || ++state[CALLS] != stop_at) {
        return 0;
    }
    state[KIND] = kind;
    return 1;
}

/* After a call. */
static void
after(int was_last)
{
    if (was_last) {
        state[KILLED] = 1;
        kill(getpid(), SIGKILL);
        for (;;) {
            pause();
        }
    }
}

/* The function of this name behind ours. A cast between data and function pointers is what
 * POSIX says dlsym() is for. */
#define NEXT(name)                             \
    static __typeof__(&name) next;             \
    if (next == NULL) {                        \
        void *found = dlsym(RTLD_NEXT, #name); \
        memcpy(&next, &found, sizeof next);    \
    }

ssize_t
write(int fd, const void *bytes, size_t size)
{
    NEXT(write)
    if (fd <= 2) {
        return next(fd, bytes, size);
    }
    int end = last(WRITE);
    ssize_t done = next(fd, bytes, end && half ? size / 2 : size);
    after(end);
    return done;
}

ssize_t
pwrite(int fd, const void *bytes, size_t size, off_t at)
{
    NEXT(pwrite)
    int end = last(WRITE);
    ssize_t done = next(fd, bytes, end && half ? size / 2 : size, at);
    after(end);
    return done;
}

ssize_t
pwrite64(int fd, const void *bytes, size_t size, off64_t at)
{
    NEXT(pwrite64)
    int end = last(WRITE);
    ssize_t done = next(fd, bytes, end && half ? size / 2 : size, at);
    after(end);
    return done;
}

#define WRAP(kind, result, name, parameters, arguments) \
    result name parameters                              \
    {                                                   \
        NEXT(name)                                      \
        int end = last(kind);                           \
        result done = next arguments;                   \
        after(end);                                     \
        return done;                                    \
    }

WRAP(TRUNCATE, int, ftruncate, (int fd, off_t size), (fd, size))
WRAP(TRUNCATE, int, ftruncate64, (int fd, off64_t size), (fd, size))
WRAP(SYNC, int, fsync, (int fd), (fd))
WRAP(SYNC, int, fdatasync, (int fd), (fd))
WRAP(RENAME, int, rename, (const char *from, const char *to), (from, to))
WRAP(RENAME, int, renameat, (int a, const char *from, int b, const char *to), (a, from, b, to))
WRAP(RENAME, int, linkat, (int a, const char *from, int b, const char *to, int flags),
     (a, from, b, to, flags))
WRAP(UNLINK, int, unlink, (const char *path), (path))
WRAP(UNLINK, int, unlinkat, (int fd, const char *path, int flags), (fd, path, flags))
WRAP(CREATE, int, mkdirat, (int fd, const char *path, mode_t mode), (fd, path, mode))

#define OPEN(name, parameters, first)                     \
    int name parameters                                   \
    {                                                     \
        NEXT(name)                                        \
        mode_t mode = 0;                                  \
        if ((flags & O_CREAT) != 0) {                     \
            va_list rest;                                 \
            va_start(rest, flags);                        \
            mode = va_arg(rest, mode_t);                  \
            va_end(rest);                                 \
        }                                                 \
        int end = (flags & O_CREAT) != 0 && last(CREATE); \
        int fd = first;                                   \
        after(end);                                       \
        return fd;                                        \
    }

OPEN(open, (const char *path, int flags, ...), next(path, flags, mode))
OPEN(open64, (const char *path, int flags, ...), next(path, flags, mode))
OPEN(openat, (int at, const char *path, int flags, ...), next(at, path, flags, mode))

/* The statements that open and close a transaction; anything else passes through. */
int sqlite3_exec(void *db, const char *sql, int (*row)(void *, int, char **, char **), void *hint,
                 char **error);

int
sqlite3_exec(void *db, const char *sql, int (*row)(void *, int, char **, char **), void *hint,
             char **error)
{
    NEXT(sqlite3_exec)
    int begins = strncmp(sql, "BEGIN IMMEDIATE", 15) == 0, ends = strcmp(sql, "COMMIT") == 0;
    int status = next(db, sql, row, hint, error);
    if (state != NULL && status == 0 && (begins || ends)) {
        state[INSIDE] = (uint64_t)begins;
    }
    return status;
}
