/* error.c - hides how a sentence is kept: fixed size, cut at a character, never allocated. */
#include "lottery/error.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* A sentence that was cut must not end inside a UTF-8 character. */
static void
trim(char text[static LOT_ERROR_TEXT_MAX])
{
    size_t size = strlen(text);
    if (size + 1 < LOT_ERROR_TEXT_MAX) {
        return;
    }
    while (size > 0 && ((unsigned char)text[size - 1] & 0xC0) == 0x80) {
        size--;
    }
    if (size > 0 && (unsigned char)text[size - 1] >= 0xC0) {
        size--;
    }
    text[size] = '\0';
}

bool
lot_fail(struct lot_error *error, enum lot_code code, const char *format, ...)
{
    assert(code != LOT_OK && format != NULL);
    if (error == NULL) {
        return false;
    }
    /* The arguments may point into the old sentence, so it is replaced only at the end. */
    char text[LOT_ERROR_TEXT_MAX];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    trim(text);
    error->code = code;
    memcpy(error->text, text, sizeof text);
    return false;
}

bool
lot_fail_at(struct lot_error *error, const char *format, ...)
{
    assert(format != NULL);
    if (error == NULL) {
        return false;
    }
    assert(error->code != LOT_OK);
    char place[LOT_ERROR_TEXT_MAX];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(place, sizeof place, format, arguments);
    va_end(arguments);
    trim(place);
    return lot_fail(error, error->code, "%s: %s", place, error->text);
}
