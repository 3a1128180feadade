/*
 * file.h - whole files in and out of a folder: what is read is a copy that nobody
 * can change any more, what is written is there whole or not at all.
 *
 * Every path is relative to a folder; a NULL folder is the current one, and then a
 * path may be absolute. Only regular files are read. Files are copied, not mapped:
 * a file that is cut or changed while we work must change neither what was hashed
 * nor whether the program lives.
 *
 * Errors of all: LOT_REFUSED when the thing is not there, is no regular file or is
 * too large (nothing is wrong with the machine), LOT_MACHINE for the rest, with the
 * path and the system's reason.
 */
#ifndef LOT_FILE_H
#define LOT_FILE_H

#include "lottery/canon.h"

#define FILE_LIST_MAX 4194304      /* files of one folder tree: a log of 500 million lines */
#define FILE_DEPTH_MAX 16          /* folders in each other */
#define FILE_SIZE_MAX (1ull << 36) /* 64 GiB: for callers who know no smaller bound */
#define FILE_PART ".part"          /* end of a temporary file's name: a stopped run may leave one */

struct file_folder {
    int fd;
    char *path; /* for sentences; NULL when not open */
};

bool file_folder_open(const struct file_folder *in, const char *path, struct file_folder *out,
                      struct lot_error *error) LOT_CHECKED;
void file_folder_finish(struct file_folder *folder);

/* Makes the folder and those above it, as far as they are missing. */
bool file_folder_make(const struct file_folder *folder, const char *path,
                      struct lot_error *error) LOT_CHECKED;

/* Whether anything stands at path (a broken link counts). */
bool file_exists(const struct file_folder *folder, const char *path);

/*
 * Reads a whole file into *out, which is emptied first and keeps its room for the
 * next one. A file larger than size_max is refused before memory is taken.
 */
bool file_read(const struct file_folder *folder, const char *path, uint64_t size_max,
               struct lot_buffer *out, struct lot_error *error) LOT_CHECKED;

/* A file with a secret. *open_to_others: its mode lets group or others read it; warn. */
bool file_read_secret(const struct file_folder *folder, const char *path, uint64_t size_max,
                      struct lot_buffer *out, bool *open_to_others,
                      struct lot_error *error) LOT_CHECKED;

/*
 * Puts a file in the place of the one that is there, if any: temporary file beside
 * it, write, fsync, rename, fsync of its folder. Missing folders are made. On
 * failure the old file stands and the temporary one is removed.
 */
bool file_write(const struct file_folder *folder, const char *path, struct lot_text text,
                struct lot_error *error) LOT_CHECKED;

/* The same without the fsync of the folder: for many files, then file_sync() once. */
bool file_place(const struct file_folder *folder, const char *path, struct lot_text text,
                struct lot_error *error) LOT_CHECKED;
bool file_sync(const struct file_folder *folder, const char *path,
               struct lot_error *error) LOT_CHECKED;

/* A file with a secret: mode 0600, and LOT_REFUSED when something is there already. */
bool file_write_secret(const struct file_folder *folder, const char *path, struct lot_text text,
                       struct lot_error *error) LOT_CHECKED;

/* Removes a file and makes that durable; LOT_REFUSED when there is none. */
bool file_remove(const struct file_folder *folder, const char *path,
                 struct lot_error *error) LOT_CHECKED;

/* Says `folder/path: what: reason`; reason is an errno, or 0 when `what` says it all. */
bool file_fail(struct lot_error *error, enum lot_code code, const struct file_folder *folder,
               const char *path, const char *what, int reason);

struct file_list {
    char **paths; /* relative to the folder, sorted by bytes */
    size_t count;
};

/*
 * Everything below a folder that is not itself a folder, links unfollowed. An empty
 * folder is listed with a `/` at its end.
 */
bool file_list(const struct file_folder *folder, struct file_list *out,
               struct lot_error *error) LOT_CHECKED;
void file_list_finish(struct file_list *list);

#endif
