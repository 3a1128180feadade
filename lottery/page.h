/*
 * page.h - what a bundle holds for people: its web page, how to check by hand, the
 * second program. None of it is in the log; `verify` names it as such.
 */
#ifndef LOT_PAGE_H
#define LOT_PAGE_H

#include "lottery/canon.h"

struct page {
    const char *name; /* in the bundle */
    const char *bytes;
    size_t size;
};

/* Ended by a NULL name. Sources: lottery/page/, lottery/PROTOCOL.md, tests/reference/. */
extern const struct page pages[];
/* What index.html is made of. */
extern const struct page page_template, page_check, page_script;

#define PAGE_INLINE_ENTRIES 50000 /* above, the data lies in data/<n>.js beside the page */
#define PAGE_CHUNK_SIZE 4194304   /* bytes of data in one of these */

/*
 * The page's data, one JSON object: begin, then for each of its members a group with
 * its items, then end. Names and texts are UTF-8.
 */
void page_begin(struct lot_buffer *json);
void page_group(struct lot_buffer *json, const char *name); /* {"name":"text"...} */
void page_item(struct lot_buffer *json, struct lot_text name, struct lot_text text);
void page_list(struct lot_buffer *json, const char *name); /* ["text"...] */
void page_line(struct lot_buffer *json, struct lot_text text);
void page_end(struct lot_buffer *json);

/* index.html with the data in it, or, with chunks above 0, with that many beside it. */
void page_html(struct lot_text json, uint32_t chunks, struct lot_buffer *html);

/* How many chunks the data fills, and the script of one of them. */
uint32_t page_chunks(struct lot_text json);
void page_chunk(struct lot_text json, uint32_t number, struct lot_buffer *script);

#endif
