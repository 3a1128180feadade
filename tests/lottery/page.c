#include "tests/test.h"

#include "lottery/page.h"

#include <stdlib.h>
#include <string.h>

static void
page__data_is_one_object(void **state)
{
    (void)state;
    struct lot_buffer json = {0};
    page_begin(&json);
    page_group(&json, "files");
    page_item(&json, LOT_TEXT("a.csv"), LOT_TEXT("x,\"y\"\n\\</script>"));
    page_item(&json, LOT_TEXT("b.csv"), LOT_TEXT(""));
    page_group(&json, "notes");
    page_list(&json, "lines");
    page_line(&json, LOT_TEXT("\xE2\x80\x94 one"));
    page_line(&json, LOT_TEXT("two"));
    page_end(&json);
    assert_string_equal(json.at,
                        "{\"files\":{\"a.csv\":\"x,\\u0022y\\u0022\\n\\u005c\\u003c/script>\","
                        "\"b.csv\":\"\"},\"notes\":{},\"lines\":[\"\xE2\x80\x94 one\",\"two\"]}");
    lot_buffer_finish(&json);
}

static void
page__stands_with_data_and_scripts(void **state)
{
    (void)state;
    struct lot_buffer html = {0};
    page_html(LOT_TEXT("{\"files\":{}}"), 0, &html);
    assert_non_null(strstr(html.at, "data-chunks=\"0\">{\"files\":{}}</script>"));
    assert_non_null(strstr(html.at, "function* checkBundle"));
    assert_null(strstr(html.at, "<!--BUNDLE-->"));
    lot_buffer_clear(&html);
    page_html(LOT_TEXT("{}"), 3, &html);
    assert_non_null(strstr(html.at, "data-chunks=\"3\"></script>"));
    lot_buffer_finish(&html);
}

/* Chunks put one behind the other are the data, and none is cut inside a character. */
static void
page__chunks_are_the_data(void **state)
{
    (void)state;
    struct lot_buffer json = {0}, together = {0};
    lot_buffer_add(&json, "x", 1); /* so that a cut falls inside a character */
    while (json.size < 2 * (size_t)PAGE_CHUNK_SIZE + 999) {
        lot_buffer_add(&json, "\xE6\x98\x8E\xE7\xAD\xBE", 6);
    }
    struct lot_text data = lot_buffer_text(&json);
    assert_int_equal(page_chunks(data), 3);
    for (uint32_t i = 0; i < 3; i++) {
        static const char begin[] = "bundleChunk(\"", end[] = "\");\n";
        struct lot_buffer script = {0};
        page_chunk(data, i, &script);
        assert_true(lot_text_starts(lot_buffer_text(&script), begin));
        struct lot_text piece = {script.at + strlen(begin),
                                 script.size - strlen(begin) - strlen(end)};
        assert_true(canon_utf8(piece));
        lot_buffer_put(&together, piece);
        lot_buffer_finish(&script);
    }
    assert_true(lot_text_same(lot_buffer_text(&together), data));
    assert_int_equal(page_chunks((struct lot_text){"", 0}), 0);
    lot_buffer_finish(&json);
    lot_buffer_finish(&together);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(page__data_is_one_object),
    cmocka_unit_test(page__stands_with_data_and_scripts),
    cmocka_unit_test(page__chunks_are_the_data),
};

TEST_MAIN(tests)
