/*
 * page.c - hides how index.html carries its data.
 *
 *   {"files": {"rules.json": TEXT, ...},         the bundle's files, as they are
 *    "notes": {"log/checkpoint": TEXT, ...},     every checkpoint that was shown
 *    "lines": [TEXT, ...]}                       the log's leaves that are no row of a file
 *
 * in a <script type="application/json">; of a large draw cut into pieces, each in a
 * file data/<n>.js that calls bundleChunk("PIECE"), for a page that was opened from a
 * folder may load scripts but fetch nothing.
 */
#include "lottery/page.h"

#include <assert.h>
#include <string.h>

/* A string literal of JSON that may stand in HTML and in a script. */
static void
put_string(struct lot_buffer *out, struct lot_text text)
{
    lot_buffer_add(out, "\"", 1);
    size_t from = 0;
    for (size_t i = 0; i < text.size; i++) {
        unsigned char c = (unsigned char)text.at[i];
        if (c >= 0x20 && c != '"' && c != '\\' && c != '<') {
            continue;
        }
        lot_buffer_add(out, text.at + from, i - from);
        if (c == '\n') {
            lot_buffer_add(out, "\\n", 2); /* most of what is escaped: a row's end */
        } else {
            lot_buffer_print(out, "\\u%04x", (unsigned)c);
        }
        from = i + 1;
    }
    if (text.size > from) {
        lot_buffer_add(out, text.at + from, text.size - from);
    }
    lot_buffer_add(out, "\"", 1);
}

/* A comma, unless something was just opened. */
static void
put_comma(struct lot_buffer *json)
{
    assert(json->size > 0);
    char last = json->at[json->size - 1];
    if (last != '{' && last != '[') {
        lot_buffer_add(json, ",", 1);
    }
}

/* Closes the member that is open, if one is: groups and lists do not nest. */
static void
close_member(struct lot_buffer *json)
{
    char first = json->at[0]; /* what the open member ends with, kept where the object begins */
    if (first != '{') {
        lot_buffer_print(json, "%c", first);
        json->at[0] = '{';
    }
}

void
page_begin(struct lot_buffer *json)
{
    assert(json != NULL && json->size == 0);
    lot_buffer_add(json, "{", 1);
}

static void
open_member(struct lot_buffer *json, const char *name, char begin, char end)
{
    close_member(json);
    put_comma(json);
    put_string(json, lot_text(name));
    lot_buffer_print(json, ":%c", begin);
    json->at[0] = end;
}

void
page_group(struct lot_buffer *json, const char *name)
{
    open_member(json, name, '{', '}');
}

void
page_list(struct lot_buffer *json, const char *name)
{
    open_member(json, name, '[', ']');
}

void
page_line(struct lot_buffer *json, struct lot_text text)
{
    put_comma(json);
    put_string(json, text);
}

void
page_item(struct lot_buffer *json, struct lot_text name, struct lot_text text)
{
    page_line(json, name);
    lot_buffer_add(json, ":", 1);
    put_string(json, text);
}

void
page_end(struct lot_buffer *json)
{
    close_member(json);
    lot_buffer_add(json, "}", 1);
}

/* ---- the page ---- */

static struct lot_text
text_of(const struct page *page)
{
    return (struct lot_text){page->bytes, page->size};
}

/* Copies the template up to a mark and steps over it. */
static void
copy_to(struct lot_text *rest, const char *mark, struct lot_buffer *out)
{
    size_t size = strlen(mark), at = 0;
    while (at + size <= rest->size && memcmp(rest->at + at, mark, size) != 0) {
        at++;
    }
    assert(at + size <= rest->size); /* the template is ours */
    lot_buffer_add(out, rest->at, at);
    *rest = (struct lot_text){rest->at + at + size, rest->size - at - size};
}

void
page_html(struct lot_text json, uint32_t chunks, struct lot_buffer *html)
{
    assert(html != NULL);
    struct lot_text rest = text_of(&page_template);
    copy_to(&rest, "<!--BUNDLE-->", html);
    lot_buffer_print(html, "<script id=\"bundle\" type=\"application/json\" data-chunks=\"%u\">",
                     chunks);
    if (chunks == 0) {
        lot_buffer_put(html, json);
    }
    lot_buffer_print(html, "</script>");
    copy_to(&rest, "<!--SCRIPTS-->", html);
    lot_buffer_print(html, "<script>\n");
    lot_buffer_put(html, text_of(&page_check));
    lot_buffer_print(html, "</script>\n<script>\n");
    lot_buffer_put(html, text_of(&page_script));
    lot_buffer_print(html, "</script>");
    lot_buffer_put(html, rest);
}

uint32_t
page_chunks(struct lot_text json)
{
    return (uint32_t)((json.size + PAGE_CHUNK_SIZE - 1) / PAGE_CHUNK_SIZE);
}

/* Where a chunk begins: never inside a character, for each is a text of its own. */
static size_t
cut(struct lot_text json, uint32_t number)
{
    size_t at = (size_t)number * PAGE_CHUNK_SIZE;
    at = at > json.size ? json.size : at;
    while (at > 0 && at < json.size && ((unsigned char)json.at[at] & 0xC0) == 0x80) {
        at--;
    }
    return at;
}

void
page_chunk(struct lot_text json, uint32_t number, struct lot_buffer *script)
{
    assert(number < page_chunks(json) && script != NULL);
    size_t from = cut(json, number), to = cut(json, number + 1);
    lot_buffer_print(script, "bundleChunk(");
    put_string(script, (struct lot_text){json.at + from, to - from});
    lot_buffer_print(script, ");\n");
}
