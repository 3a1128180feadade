/*
 * standalone.c - runs a fuzz target over files, without a fuzzer: every file of the
 * folders given. So the corpora are ordinary tests, with every compiler.
 */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int
run_file(const char *path)
{
    struct stat status;
    if (stat(path, &status) != 0 || !S_ISREG(status.st_mode)) {
        return 0;
    }
    FILE *file = fopen(path, "rb");
    size_t size = (size_t)status.st_size;
    uint8_t *data = malloc(size == 0 ? 1 : size);
    if (file == NULL || data == NULL || fread(data, 1, size, file) != size) {
        fprintf(stderr, "%s: cannot be read\n", path);
        exit(3);
    }
    fclose(file);
    LLVMFuzzerTestOneInput(data, size);
    free(data);
    return 1;
}

int
main(int count, char **folders)
{
    int files = 0;
    for (int i = 1; i < count; i++) {
        DIR *folder = opendir(folders[i]);
        if (folder == NULL) {
            fprintf(stderr, "%s: no such folder\n", folders[i]);
            return 3;
        }
        for (const struct dirent *entry; (entry = readdir(folder)) != NULL;) {
            char path[4096];
            snprintf(path, sizeof path, "%s/%s", folders[i], entry->d_name);
            files += run_file(path);
        }
        closedir(folder);
    }
    printf("%s %d files\n", files > 0 ? "ok" : "not ok", files);
    return files > 0 ? 0 : 1;
}
