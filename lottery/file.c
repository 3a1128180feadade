/*
 * file.c - hides POSIX files: how a stranger's folder is read without being led astray
 * by what lies in it. How files are written is in file_write.c.
 */
#include "lottery/file.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

static int
base(const struct file_folder *folder)
{
    return folder == NULL ? AT_FDCWD : folder->fd;
}

/* What is not there is the input's fault, anything else the machine's. */
static enum lot_code
blame(int reason)
{
    bool input = reason == 0 || reason == ENOENT || reason == ENOTDIR || reason == ELOOP;
    return input ? LOT_REFUSED : LOT_MACHINE;
}

bool
file_fail(struct lot_error *error, enum lot_code code, const struct file_folder *folder,
          const char *path, const char *what, int reason)
{
    char text[128] = "";
    if (reason != 0 && strerror_r(reason, text, sizeof text) != 0) {
        snprintf(text, sizeof text, "error %d", reason);
    }
    return lot_fail(error, code, "%s%s%s: %s%s%s", folder == NULL ? "" : folder->path,
                    folder == NULL ? "" : "/", path, what, reason == 0 ? "" : ": ", text);
}

/* ---- folders -------------------------------------------------------------------------------- */

bool
file_folder_open(const struct file_folder *in, const char *path, struct file_folder *out,
                 struct lot_error *error)
{
    assert(path != NULL && out != NULL);
    int fd = openat(base(in), path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) {
        return file_fail(error, blame(errno), in, path, "cannot be opened as a folder", errno);
    }
    struct lot_buffer name = {0};
    lot_buffer_print(&name, "%s%s%s", in == NULL ? "" : in->path, in == NULL ? "" : "/", path);
    *out = (struct file_folder){fd, name.at};
    return true;
}

void
file_folder_finish(struct file_folder *folder)
{
    if (folder == NULL || folder->path == NULL) {
        return;
    }
    close(folder->fd);
    free(folder->path);
    *folder = (struct file_folder){0};
}

bool
file_exists(const struct file_folder *folder, const char *path)
{
    assert(path != NULL);
    struct stat status;
    return fstatat(base(folder), path, &status, AT_SYMLINK_NOFOLLOW) == 0;
}

/* ---- reading -------------------------------------------------------------------------------- */

/* Reads up to size bytes; *got is how many there were. */
static bool
read_bytes(int fd, char *out, size_t size, size_t *got)
{
    *got = 0;
    while (*got < size) {
        ssize_t step = read(fd, out + *got, size - *got);
        if (step == 0) {
            return true;
        }
        if (step < 0 && errno != EINTR) {
            return false;
        }
        *got += step > 0 ? (size_t)step : 0;
    }
    return true;
}

/* Reads what was opened; *mode becomes the file's. */
static bool
read_open(int fd, uint64_t size_max, struct lot_buffer *out, mode_t *mode, char why[static 128])
{
    struct stat status;
    if (fstat(fd, &status) != 0) {
        return false;
    }
    *mode = status.st_mode;
    errno = 0;
    if (!S_ISREG(status.st_mode)) {
        snprintf(why, 128, "is not a regular file");
        return false;
    }
    if ((uint64_t)status.st_size > size_max) {
        snprintf(why, 128, "has %llu bytes; at most %llu are read",
                 (unsigned long long)status.st_size, (unsigned long long)size_max);
        return false;
    }
    /* One byte more, so that a file that grew meanwhile is noticed like one that shrank. */
    size_t size = (size_t)status.st_size, got = 0;
    if (out->room < size + 1) {
        lot_buffer_finish(out);
        *out = (struct lot_buffer){lot_alloc(size + 1, 1), 0, size + 1};
    }
    if (!read_bytes(fd, out->at, size + 1, &got)) {
        return false;
    }
    snprintf(why, 128, "changed while it was read; try again when it is finished");
    out->size = got == size ? size : 0;
    out->at[out->size] = '\0';
    return got == size;
}

static bool
read_file(const struct file_folder *folder, const char *path, uint64_t size_max,
          struct lot_buffer *out, mode_t *mode, struct lot_error *error)
{
    assert(path != NULL && out != NULL && size_max <= FILE_SIZE_MAX);
    lot_buffer_clear(out);
    /* Without O_NONBLOCK a pipe that lies in the folder would hold us for ever. */
    int fd = openat(base(folder), path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    char why[128] = "cannot be read";
    bool good = fd >= 0 && read_open(fd, size_max, out, mode, why);
    int reason = good ? 0 : errno;
    if (fd >= 0) {
        close(fd);
    }
    return good || file_fail(error, blame(reason), folder, path, why, reason);
}

bool
file_read(const struct file_folder *folder, const char *path, uint64_t size_max,
          struct lot_buffer *out, struct lot_error *error)
{
    mode_t mode;
    return read_file(folder, path, size_max, out, &mode, error);
}

bool
file_read_secret(const struct file_folder *folder, const char *path, uint64_t size_max,
                 struct lot_buffer *out, bool *open_to_others, struct lot_error *error)
{
    assert(open_to_others != NULL);
    mode_t mode = 0;
    if (!read_file(folder, path, size_max, out, &mode, error)) {
        return false;
    }
    *open_to_others = (mode & (S_IRWXG | S_IRWXO)) != 0;
    return true;
}

/* ---- lists ---------------------------------------------------------------------------------- */

struct walk {
    const struct file_folder *folder;
    struct file_list list;
    size_t room;
    struct lot_error *error;
};

static bool
keep(struct walk *walk, const char *path, const char *end)
{
    struct file_list *list = &walk->list;
    if (list->count == FILE_LIST_MAX) {
        return file_fail(walk->error, LOT_REFUSED, walk->folder, path,
                         "the folder holds more files than any draw has", 0);
    }
    if (list->count == walk->room) {
        walk->room = walk->room == 0 ? 64 : 2 * walk->room;
        list->paths = lot_realloc(list->paths, walk->room, sizeof list->paths[0]);
    }
    struct lot_buffer name = {0};
    lot_buffer_print(&name, "%s%s", path, end);
    list->paths[list->count++] = name.at;
    return true;
}

/* Walks one folder; path is "" for the first. Recursion is bounded by FILE_DEPTH_MAX. */
static bool
visit(struct walk *walk, const char *path, unsigned depth) // NOLINT(misc-no-recursion)
{
    int fd = openat(base(walk->folder), path[0] == '\0' ? "." : path,
                    O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
    DIR *stream = fd < 0 ? NULL : fdopendir(fd);
    if (stream == NULL) {
        file_fail(walk->error, LOT_MACHINE, walk->folder, path, "cannot be listed", errno);
        if (fd >= 0) {
            close(fd);
        }
        return false;
    }
    struct lot_buffer name = {0};
    bool good = true, empty = true;
    errno = 0; /* readdir() says end and failure alike with NULL */
    // NOLINTNEXTLINE(concurrency-mt-unsafe): nobody else reads this stream
    for (struct dirent *item; good && (item = readdir(stream)) != NULL; errno = 0) {
        if (strcmp(item->d_name, ".") == 0 || strcmp(item->d_name, "..") == 0) {
            continue;
        }
        empty = false;
        lot_buffer_clear(&name);
        lot_buffer_print(&name, "%s%s%s", path, path[0] == '\0' ? "" : "/", item->d_name);
        struct stat status;
        if (fstatat(dirfd(stream), item->d_name, &status, AT_SYMLINK_NOFOLLOW) != 0) {
            good =
                file_fail(walk->error, LOT_MACHINE, walk->folder, name.at, "cannot be read", errno);
        } else if (!S_ISDIR(status.st_mode)) {
            good = keep(walk, name.at, "");
        } else if (depth == FILE_DEPTH_MAX) {
            good = file_fail(walk->error, LOT_REFUSED, walk->folder, name.at, "lies too deep", 0);
        } else {
            good = visit(walk, name.at, depth + 1);
        }
    }
    if (good && errno != 0) {
        good = file_fail(walk->error, LOT_MACHINE, walk->folder, path, "cannot be listed", errno);
    }
    closedir(stream);
    lot_buffer_finish(&name);
    return good && (!empty || path[0] == '\0' || keep(walk, path, "/"));
}

static int
by_bytes(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

bool
file_list(const struct file_folder *folder, struct file_list *out, struct lot_error *error)
{
    assert(out != NULL);
    struct walk walk = {.folder = folder, .error = error};
    if (!visit(&walk, "", 1)) {
        file_list_finish(&walk.list);
        return false;
    }
    if (walk.list.count > 0) {
        qsort(walk.list.paths, walk.list.count, sizeof walk.list.paths[0], by_bytes);
    }
    *out = walk.list;
    return true;
}

void
file_list_finish(struct file_list *list)
{
    if (list == NULL) {
        return;
    }
    for (size_t i = 0; i < list->count; i++) {
        free(list->paths[i]);
    }
    free(list->paths);
    *list = (struct file_list){0};
}
