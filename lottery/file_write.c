/*
 * file_write.c - hides how bytes get on a disk so that they stay: a reader sees the old
 * file or the new one, also after the power failed. Verification is built without it.
 */
#include "lottery/file.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

static int
base(const struct file_folder *folder)
{
    return folder == NULL ? AT_FDCWD : folder->fd;
}

/* ---- folders -------------------------------------------------------------------------------- */

/* Makes the names in a folder durable. */
static bool
sync_folder(const struct file_folder *folder, const char *path, struct lot_error *error)
{
    int fd = openat(base(folder), path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) {
        return file_fail(error, LOT_MACHINE, folder, path, "cannot be opened as a folder", errno);
    }
    /* EINVAL: a file system that has no such thing, as on some network drives. */
    int reason = fsync(fd) == 0 || errno == EINVAL ? 0 : errno;
    close(fd);
    return reason == 0 ||
           file_fail(error, LOT_MACHINE, folder, path, "cannot be made durable", reason);
}

/* Cuts path after its last slash but one: `a/b/c` becomes `a/b`, `c` becomes `.`. */
static char *
parent(const char *path)
{
    const char *slash = strrchr(path, '/');
    size_t size = slash == NULL ? 0 : (size_t)(slash - path);
    struct lot_buffer out = {0};
    if (size > 0) {
        lot_buffer_add(&out, path, size);
    } else {
        lot_buffer_print(&out, "%s", slash == NULL ? "." : "/");
    }
    return out.at;
}

bool
file_folder_make(const struct file_folder *folder, const char *path, struct lot_error *error)
{
    assert(path != NULL);
    struct lot_buffer part = {0};
    bool done = true;
    for (const char *end = path; done && *end != '\0';) {
        end += strspn(end, "/");
        end += strcspn(end, "/");
        lot_buffer_clear(&part);
        lot_buffer_add(&part, path, (size_t)(end - path));
        if (mkdirat(base(folder), part.at, 0777) == 0) {
            char *above = parent(part.at);
            done = sync_folder(folder, above, error);
            free(above);
        } else if (errno != EEXIST) {
            done =
                file_fail(error, LOT_MACHINE, folder, part.at, "the folder cannot be made", errno);
        }
    }
    lot_buffer_finish(&part);
    return done;
}

/* ---- writing -------------------------------------------------------------------------------- */

static int
open_part(const struct file_folder *folder, const char *part, mode_t mode)
{
    return openat(base(folder), part, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
}

/* Writes all of text and waits until it is on the disk; closes fd. Returns 0 or an errno. */
static int
fill(int fd, struct lot_text text)
{
    size_t done = 0;
    while (done < text.size) {
        ssize_t step = write(fd, text.at + done, text.size - done);
        if (step < 0 && errno != EINTR) {
            break;
        }
        done += step > 0 ? (size_t)step : 0;
    }
    int reason = done == text.size && fsync(fd) == 0 ? 0 : errno;
    return close(fd) == 0 || reason != 0 ? reason : errno;
}

static bool
place(const struct file_folder *folder, const char *path, struct lot_text text, mode_t mode,
      struct lot_error *error)
{
    assert(path != NULL && path[0] != '\0');
    struct lot_buffer part = {0};
    lot_buffer_print(&part, "%s" FILE_PART, path);
    /* What a stopped run left may have another mode, or be a link: it goes. */
    unlinkat(base(folder), part.at, 0);
    int fd = open_part(folder, part.at, mode);
    bool good = true;
    if (fd < 0 && errno == ENOENT) {
        char *above = parent(path);
        good = file_folder_make(folder, above, error);
        free(above);
        fd = good ? open_part(folder, part.at, mode) : -1;
    }
    if (good) {
        int reason = fd < 0 ? errno : fill(fd, text);
        if (reason == 0 && renameat(base(folder), part.at, base(folder), path) != 0) {
            reason = errno;
        }
        good =
            reason == 0 || file_fail(error, LOT_MACHINE, folder, path, "cannot be written", reason);
    }
    if (!good && fd >= 0) {
        unlinkat(base(folder), part.at, 0);
    }
    lot_buffer_finish(&part);
    return good;
}

bool
file_place(const struct file_folder *folder, const char *path, struct lot_text text,
           struct lot_error *error)
{
    return place(folder, path, text, 0666, error);
}

bool
file_sync(const struct file_folder *folder, const char *path, struct lot_error *error)
{
    assert(path != NULL);
    char *above = parent(path);
    bool good = sync_folder(folder, above, error);
    free(above);
    return good;
}

bool
file_write(const struct file_folder *folder, const char *path, struct lot_text text,
           struct lot_error *error)
{
    return file_place(folder, path, text, error) && file_sync(folder, path, error);
}

bool
file_write_secret(const struct file_folder *folder, const char *path, struct lot_text text,
                  struct lot_error *error)
{
    assert(path != NULL);
    if (file_exists(folder, path)) {
        return file_fail(error, LOT_REFUSED, folder, path,
                         "is there already; a key is never written over another", 0);
    }
    return place(folder, path, text, 0600, error) && file_sync(folder, path, error);
}

bool
file_remove(const struct file_folder *folder, const char *path, struct lot_error *error)
{
    assert(path != NULL);
    if (unlinkat(base(folder), path, 0) != 0) {
        return file_fail(error, errno == ENOENT ? LOT_REFUSED : LOT_MACHINE, folder, path,
                         "cannot be removed", errno);
    }
    return file_sync(folder, path, error);
}
