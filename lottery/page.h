/* page.h - what a bundle holds for people: its web page, how to check, the second program. */
#ifndef LOT_PAGE_H
#define LOT_PAGE_H

#include <stddef.h>

struct page {
    const char *name; /* in the bundle */
    const char *bytes;
    size_t size;
};

/* Ended by a NULL name. Their sources: lottery/page/, lottery/PROTOCOL.md, tests/reference/. */
extern const struct page pages[];

#endif
