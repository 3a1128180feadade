/*
 * row.c - hides how people fill in a column.
 *
 * A cell is looked at (unseen characters, formulas, length), trimmed, folded to plain
 * characters where that cannot change its meaning, and then read by its column. Each
 * change is a finding N_..., `seen -> became`.
 */
#include "lottery/row.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

static const struct {
    const char *zh, *also, *en;
    bool needed;
} titles[] = {
    [ROW_APPLICATION] = {"申请编号", NULL, "application_no", true},
    [ROW_RELATION] = {"与申请人关系", "关系", "relation", true},
    [ROW_NAME] = {"姓名", NULL, "name", true},
    [ROW_KIND] = {"证件类型", NULL, "id_kind", true},
    [ROW_NUMBER] = {"证件号码", NULL, "id_number", true},
    [ROW_SEX] = {"性别", NULL, "sex", false},
    [ROW_DISTRICT] = {"户口所在区", NULL, "hukou_district", false},
    [ROW_SIZE] = {"家庭人口", NULL, "household_size", true},
    [ROW_QUEUES] = {"队列", NULL, "queue", true},
    [ROW_WANTS] = {"户型", NULL, "unit_type", true},
    [ROW_CHANCES] = {"摇号次数", NULL, "chances", false},
    [ROW_MEMBER] = {"工会会员号", NULL, "union_member_no", false},
};

_Static_assert(sizeof titles / sizeof titles[0] == ROW_FIELDS, "a title each");

/* Kinds of paper in the order of `words[ROW_KIND]`. */
enum paper { PAPER_RESIDENT, PAPER_PERMIT, PAPER_PERMANENT, PAPER_PASSPORT, PAPER_OTHER };

/* Choices that are the same everywhere, each with a second word that offices use. */
static const struct {
    const char *word, *also;
} words[ROW_FIELDS][6] = {
    [ROW_RELATION] = {[ROSTER_APPLICANT] = {"本人", "申请人"},
                      [ROSTER_SPOUSE] = {"配偶", NULL},
                      [ROSTER_CHILD] = {"子女", NULL},
                      [ROSTER_PARENT] = {"父母", NULL},
                      [ROSTER_OTHER] = {"其他", NULL}},
    [ROW_KIND] = {[PAPER_RESIDENT] = {"居民身份证", "身份证"},
                  [PAPER_PERMIT] = {"港澳台居住证", "港澳台居民居住证"},
                  [PAPER_PERMANENT] = {"永居证", "外国人永久居留身份证"},
                  [PAPER_PASSPORT] = {"护照", NULL},
                  [PAPER_OTHER] = {"其他", NULL}},
    [ROW_SEX] = {{"女", NULL}, {"男", NULL}},
};

/* ---- findings ---- */

/* What may be shown of a cell: masked, unseen characters by their numbers, not too long. */
static void
show(enum row_field field, struct lot_text cell, struct lot_buffer *out)
{
    struct lot_buffer masked = {0};
    if (field == ROW_NAME) {
        identity_mask_name(cell, &masked);
    } else if (field == ROW_NUMBER || field == ROW_MEMBER) {
        identity_mask_number(cell, &masked);
    } else {
        lot_buffer_put(&masked, cell);
    }
    struct lot_text rest = lot_buffer_text(&masked);
    const char *at = rest.at;
    uint32_t c, count = 0;
    for (; count < 40 && lot_character(&rest, &c); count++, at = rest.at) {
        struct lot_text one = {at, (size_t)(rest.at - at)};
        if (canon_people(one)) {
            lot_buffer_put(out, one);
        } else {
            lot_buffer_print(out, "<U+%04X>", c);
        }
    }
    lot_buffer_put(out, rest.size > 0 ? LOT_TEXT("...") : LOT_TEXT(""));
    lot_buffer_finish(&masked);
}

/* Of a field, or of the whole row: ROW_FIELDS. */
static void
row_say(const struct row_reader *reader, enum finding_code code, enum row_field field,
        const char *seen)
{
    bool whole = field == ROW_FIELDS;
    struct finding finding = {
        .code = code,
        .place = {.file = reader->file,
                  .row = reader->row,
                  .line = reader->row == 0 ? 0 : reader->sheet->lines[reader->row - 1],
                  .column = whole ? 0 : reader->columns[field]}};
    findings_add(reader->findings, finding, whole ? NULL : titles[field].zh, seen);
}

/* The same with the cell itself; at is the place of the offending character, or 0. */
static void
say_cell(const struct row_reader *reader, enum finding_code code, enum row_field field,
         struct lot_text cell, uint32_t at)
{
    struct lot_buffer seen = {0};
    show(field, cell, &seen);
    uint32_t c = 0, place = 0;
    while (place < at && lot_character(&cell, &c)) {
        place++;
    }
    if (at > 0) {
        lot_buffer_print(&seen, " [%u: U+%04X]", at, c);
    }
    row_say(reader, code, field, seen.at);
    lot_buffer_finish(&seen);
}

/* The same with what could stand there instead. */
static void
say_expected(const struct row_reader *reader, enum finding_code code, enum row_field field,
             struct lot_text cell, const struct lot_buffer *expected)
{
    struct lot_buffer seen = {0};
    show(field, cell, &seen);
    lot_buffer_print(&seen, " (%.*s)", (int)expected->size, expected->at);
    row_say(reader, code, field, seen.at);
    lot_buffer_finish(&seen);
}

static void
say_change(const struct row_reader *reader, enum finding_code code, enum row_field field,
           struct lot_text before, struct lot_text after)
{
    struct lot_buffer seen = {0};
    show(field, before, &seen);
    lot_buffer_put(&seen, LOT_TEXT(" -> "));
    show(field, after, &seen);
    row_say(reader, code, field, seen.at);
    lot_buffer_finish(&seen);
}

/* ---- cells ---- */

static struct lot_text
raw_cell(const struct row_reader *reader, enum row_field field)
{
    return reader->columns[field] == 0
               ? LOT_TEXT("")
               : sheet_cell(reader->sheet, reader->row, reader->columns[field]);
}

static bool
is_turning(uint32_t c)
{
    return c == 0x61C || c == 0x200E || c == 0x200F || (c >= 0x202A && c <= 0x202E) ||
           (c >= 0x2066 && c <= 0x2069);
}

static bool
is_unseen(uint32_t c)
{
    return (c >= 0x200B && c <= 0x200D) || c == 0xAD || c == 0x180E || c == 0xFEFF ||
           (c >= 0x2060 && c <= 0x2065) || (c >= 0x206A && c <= 0x206F) ||
           (c >= 0xFE00 && c <= 0xFE0F) || (c >= 0xFFF9 && c <= 0xFFFB) ||
           (c >= 0xE0000 && c <= 0xE0FFF);
}

/* Says what no column may hold; a mark in front of a number is left to identity_read(). */
static bool
holds_only_text(const struct row_reader *reader, enum row_field field, struct lot_text cell)
{
    struct lot_text rest = cell;
    uint32_t c, place = 0;
    uint32_t most = field == ROW_NAME          ? ROSTER_NAME_MAX
                    : field == ROW_APPLICATION ? ROSTER_APPLICATION_MAX
                                               : ROSTER_FIELD_MAX;
    while (lot_character(&rest, &c)) {
        place++;
        bool control = (c < 0x20 || (c >= 0x7F && c < 0xA0)) && !lot_is_blank(c);
        bool unseen = is_unseen(c) && !(c == 0xFEFF && place == 1 && field == ROW_NUMBER);
        if (control || unseen || is_turning(c)) {
            say_cell(reader, control ? E_CHAR : unseen ? E_INVISIBLE : E_BIDI, field, cell, place);
            return false;
        }
    }
    if (place > most) {
        say_cell(reader, E_TOO_LONG, field, cell, 0);
        return false;
    }
    return true;
}

static struct lot_text
trim(struct lot_text text)
{
    struct lot_text rest = text, end = text;
    uint32_t c;
    while (lot_character(&rest, &c) && lot_is_blank(c)) {
        text = rest;
    }
    end.size = 0;
    for (rest = text; lot_character(&rest, &c);) {
        if (!lot_is_blank(c)) {
            end.size = (size_t)(rest.at - text.at);
        }
    }
    return (struct lot_text){text.at, end.size};
}

static uint32_t
fold_width(uint32_t c)
{
    return c > 0xFF00 && c < 0xFF5F ? c - 0xFEE0 : c;
}

/* Also when it begins with a full-width sign, which is made plain later. */
static bool
is_formula(struct lot_text text)
{
    uint32_t first = 0, second = '0';
    lot_character(&text, &first);
    lot_character(&text, &second);
    first = fold_width(first);
    second = fold_width(second);
    return first == '=' || first == '@' ||
           ((first == '+' || first == '-') && (second < '0' || second > '9'));
}

/*
 * A cell without what spreadsheets put around it. at is NULL when the cell cannot be
 * used, which was then reported. The text is part of the cell.
 */
static struct lot_text
look(const struct row_reader *reader, enum row_field field)
{
    static const struct lot_text unusable = {NULL, 0};
    struct lot_text cell = raw_cell(reader, field);
    if (cell.at == NULL || !holds_only_text(reader, field, cell)) {
        return unusable;
    }
    struct lot_text text = trim(cell);
    if (text.size > 0 && text.size < cell.size) {
        say_change(reader, N_SPACE, field, cell, text);
    }
    size_t mark = lot_text_starts(text, "'") ? 1 : lot_text_starts(text, "\xE2\x80\x98") ? 3 : 0;
    if (mark > 0) {
        struct lot_text inner = trim((struct lot_text){text.at + mark, text.size - mark});
        say_change(reader, N_APOSTROPHE, field, text, inner);
        text = inner;
    }
    if (lot_text_starts(text, "=\"") && text.size >= 3 && text.at[text.size - 1] == '"') {
        struct lot_text inner = trim((struct lot_text){text.at + 2, text.size - 3});
        say_change(reader, N_FORMULA_TEXT, field, text, inner);
        text = inner;
    }
    if (is_formula(text)) {
        say_cell(reader, E_FORMULA, field, text, 0);
        return unusable;
    }
    return text;
}

static uint32_t
fold_bracket(uint32_t c)
{
    switch (c) {
    case 0xFF08:
    case 0x3014:
    case 0x3010:
    case 0xFF3B:
    case '[':
        return '(';
    case 0xFF09:
    case 0x3015:
    case 0x3011:
    case 0xFF3D:
    case ']':
        return ')';
    default:
        return c;
    }
}

/*
 * Puts the plain form of text into reader->clean and says what was changed. Blanks
 * inside application and member numbers are nobody's intention.
 */
static struct lot_text
fold(struct row_reader *reader, enum row_field field, struct lot_text text)
{
    struct lot_buffer *out = &reader->clean;
    struct lot_text rest = text;
    const char *at = rest.at;
    bool width = false, bracket = false, blank = false;
    lot_buffer_clear(out);
    for (uint32_t c; lot_character(&rest, &c); at = rest.at) {
        uint32_t plain = field == ROW_APPLICATION ? fold_bracket(c) : c;
        bracket |= plain != c;
        width |= fold_width(plain) != plain;
        plain = fold_width(plain);
        if ((field == ROW_APPLICATION || field == ROW_MEMBER) && lot_is_blank(c)) {
            blank = true;
        } else if (plain == c) {
            lot_buffer_add(out, at, (size_t)(rest.at - at));
        } else {
            lot_buffer_add(out, &(char){(char)plain}, 1);
        }
    }
    struct lot_text after = {out->size == 0 ? "" : out->at, out->size};
    if (blank) {
        say_change(reader, N_SPACE, field, text, after);
    }
    if (width) {
        say_change(reader, N_FULLWIDTH, field, text, after);
    }
    if (bracket) {
        say_change(reader, N_BRACKETS, field, text, after);
    }
    return after;
}

/* ---- columns ---- */

/* The word without any blanks: in names of columns they mean nothing. */
static void
close_up(struct lot_text title, struct lot_buffer *out)
{
    const char *at = title.at;
    lot_buffer_clear(out);
    for (uint32_t c; lot_character(&title, &c); at = title.at) {
        if (!lot_is_blank(c)) {
            lot_buffer_add(out, at, (size_t)(title.at - at));
        }
    }
}

static int
field_of(struct lot_text title)
{
    for (int i = 0; i < ROW_FIELDS; i++) {
        if (lot_text_is(title, titles[i].zh) || lot_text_is(title, titles[i].en) ||
            (titles[i].also != NULL && lot_text_is(title, titles[i].also))) {
            return i;
        }
    }
    return -1;
}

bool
row_knows(struct lot_text title)
{
    struct lot_buffer closed = {0};
    close_up(title, &closed);
    bool known = field_of(lot_buffer_text(&closed)) >= 0;
    lot_buffer_finish(&closed);
    return known;
}

void
row_show(struct lot_text title, struct lot_text cell, bool is_title, struct lot_buffer *out)
{
    struct lot_buffer closed = {0};
    close_up(title, &closed);
    int field = field_of(lot_buffer_text(&closed));
    lot_buffer_finish(&closed);
    if (is_title || field >= 0) {
        show(is_title ? ROW_RELATION : (enum row_field)field, cell, out);
    } else {
        lot_buffer_put(out, cell.size > 0 ? LOT_TEXT("*") : LOT_TEXT(""));
    }
}

bool
row_titles(struct row_reader *reader)
{
    assert(reader != NULL && reader->row == 0);
    const struct sheet *sheet = reader->sheet;
    bool good = sheet->column_count > 0;
    for (uint32_t i = 0; i < sheet->column_count; i++) {
        close_up(sheet->titles[i], &reader->clean);
        int field = field_of(lot_buffer_text(&reader->clean));
        if (field < 0) {
            continue;
        }
        if (reader->columns[field] != 0) {
            row_say(reader, E_COLUMNS, (enum row_field)field, "twice");
            good = false;
        }
        reader->columns[field] = i + 1;
        reader->is_read[i] = true;
        if (reader->clean.size != sheet->titles[i].size) {
            say_change(reader, N_HEADER_SPACE, (enum row_field)field, sheet->titles[i],
                       lot_buffer_text(&reader->clean));
        }
    }
    for (unsigned i = 0; good && i < ROW_FIELDS; i++) {
        if (titles[i].needed && reader->columns[i] == 0) {
            row_say(reader, E_COLUMNS, (enum row_field)i, "missing");
        }
    }
    for (unsigned i = 0; i < ROW_FIELDS; i++) {
        good = good && (!titles[i].needed || reader->columns[i] != 0);
    }
    return good;
}

/* ---- values ---- */

bool
row_form_check(const char *form, struct lot_error *error)
{
    assert(form != NULL);
    uint32_t c, count = 0;
    struct lot_text rest = lot_text(form);
    if (!canon_people(rest)) {
        return lot_fail(error, LOT_USAGE, "form of application numbers: not plain UTF-8 text");
    }
    for (; lot_character(&rest, &c); count++) {
        if (c == '\\' && !lot_character(&rest, &c)) {
            return lot_fail(error, LOT_USAGE, "form `%s`: nothing follows the last \\", form);
        }
    }
    if (count > ROSTER_APPLICATION_MAX) {
        return lot_fail(error, LOT_USAGE, "form of application numbers: %u characters, not %d",
                        count, ROSTER_APPLICATION_MAX);
    }
    return true;
}

/* text is folded; the form was checked. */
static bool
has_form(struct lot_text text, const char *form)
{
    struct lot_text rest = lot_text(form);
    uint32_t c, given;
    bool any = rest.size == 0;
    while (lot_character(&rest, &c)) {
        bool itself = c == '\\' && lot_character(&rest, &c);
        if (!lot_character(&text, &given)) {
            return false;
        }
        bool digit = !itself && (c == 'N' || c == 'Y');
        if (digit ? given < '0' || given > '9' : given != fold_width(fold_bracket(c))) {
            return false;
        }
    }
    return any || text.size == 0;
}

static struct lot_text
read_application(struct row_reader *reader, struct roster_store *store)
{
    static const struct lot_text none = {"", 0};
    const char *form = reader->options->application_form;
    struct lot_text text = look(reader, ROW_APPLICATION);
    if (text.at == NULL) {
        return none;
    }
    if (text.size == 0) {
        row_say(reader, E_EMPTY, ROW_APPLICATION, NULL);
        return none;
    }
    text = fold(reader, ROW_APPLICATION, text);
    form = form == NULL ? ROSTER_APPLICATION_FORM : form;
    if (!has_form(text, form)) {
        struct lot_buffer expected = {0};
        lot_buffer_print(&expected, "%s", form);
        say_expected(reader, E_APPNO_FORM, ROW_APPLICATION, text, &expected);
        lot_buffer_finish(&expected);
        return none;
    }
    return roster_keep(store, text);
}

/* Blanks around Chinese characters are layout; between Latin words one blank stays. */
static bool
drop_name_blanks(struct lot_text name, struct lot_buffer *out)
{
    const char *at = name.at;
    uint32_t before = 0;
    bool blank = false;
    lot_buffer_clear(out);
    for (uint32_t c; lot_character(&name, &c); at = name.at) {
        if (lot_is_blank(c)) {
            blank = true;
            continue;
        }
        if (blank && before > ' ' && before < 0x2E80 && c < 0x2E80 && c != 0xB7 && before != 0xB7) {
            lot_buffer_put(out, LOT_TEXT(" "));
        }
        lot_buffer_add(out, at, (size_t)(name.at - at));
        before = c;
        blank = false;
    }
    return out->size > 0;
}

static struct lot_text
read_name(struct row_reader *reader, struct roster_store *store)
{
    struct lot_text text = look(reader, ROW_NAME), name;
    if (text.at == NULL || text.size == 0) {
        if (text.at != NULL) {
            row_say(reader, E_EMPTY, ROW_NAME, NULL);
        }
        return LOT_TEXT("");
    }
    name = roster_keep(store, fold(reader, ROW_NAME, text));
    if (drop_name_blanks(name, &reader->clean) &&
        !lot_text_same(name, lot_buffer_text(&reader->clean))) {
        say_change(reader, N_NAME_SPACE, ROW_NAME, name, lot_buffer_text(&reader->clean));
        name = roster_keep(store, lot_buffer_text(&reader->clean));
    }
    return name;
}

/* One of the words that are the same everywhere; -1 was reported, or is empty. */
static int
read_word(struct row_reader *reader, enum row_field field)
{
    struct lot_text text = look(reader, field);
    if (text.at == NULL) {
        return -1;
    }
    for (int i = 0; i < 6 && words[field][i].word != NULL; i++) {
        if (lot_text_is(text, words[field][i].word) ||
            (words[field][i].also != NULL && lot_text_is(text, words[field][i].also))) {
            return i;
        }
    }
    if (text.size > 0) {
        struct lot_buffer expected = {0};
        for (int i = 0; i < 6 && words[field][i].word != NULL; i++) {
            lot_buffer_print(&expected, "%s%s", i == 0 ? "" : " ", words[field][i].word);
        }
        say_expected(reader, E_ENUM, field, text, &expected);
        lot_buffer_finish(&expected);
    } else if (titles[field].needed) {
        row_say(reader, E_EMPTY, field, NULL);
    }
    return -1;
}

/*
 * A whole number as spreadsheets and people write it: 1.0, 04, 1,000 become plain.
 * 0 when empty, LOT_NONE when refused.
 */
static uint32_t
read_number(struct row_reader *reader, enum row_field field, uint32_t least, uint32_t most)
{
    struct lot_text text = look(reader, field);
    if (text.at == NULL || text.size == 0) {
        return text.at == NULL ? LOT_NONE : 0;
    }
    text = fold(reader, field, text);
    char plain[16];
    const size_t sign = lot_text_starts(text, "-")              ? 1
                        : lot_text_starts(text, "\xE2\x88\x92") ? 3
                                                                : 0;
    size_t i = sign, digits = 0;
    uint32_t value = 0;
    for (; i < text.size && digits < 9; i++) {
        bool thousands = text.at[i] == ',' && digits > 0 && i + 4 <= text.size;
        if (!thousands && (text.at[i] < '0' || text.at[i] > '9')) {
            break;
        }
        if (!thousands) {
            value = value * 10 + (uint32_t)(text.at[i] - '0');
            digits++;
        }
    }
    if (i < text.size && text.at[i] == '.') {
        for (i++; i < text.size && text.at[i] == '0';) {
            i++;
        }
    }
    if (digits == 0 || i < text.size) {
        say_cell(reader, E_FIELD, field, text, 0);
        return LOT_NONE;
    }
    if (sign > 0 || value < least || value > most) {
        struct lot_buffer expected = {0};
        lot_buffer_print(&expected, "%u..%u", least, most);
        say_expected(reader, field == ROW_DISTRICT ? E_FIELD : E_RANGE, field, text, &expected);
        lot_buffer_finish(&expected);
        return LOT_NONE;
    }
    snprintf(plain, sizeof plain, "%u", value);
    if (!lot_text_is(text, plain)) {
        say_change(reader, N_NUMBER_FORM, field, text, lot_text(plain));
    }
    return value;
}

/* ---- choices that the rules define ---- */

static bool
is_title(struct lot_text text, const struct lot_title *title)
{
    for (uint32_t i = 0; i < title->count; i++) {
        struct lot_text a = text, b = lot_text(title->items[i].text);
        uint32_t left = 0, right = 0;
        while (a.size > 0 && b.size > 0 && lot_character(&a, &left) && lot_character(&b, &right) &&
               fold_width(left) == fold_width(right)) {
            left = right = 0;
        }
        if (a.size == 0 && b.size == 0 && left == right) {
            return true;
        }
    }
    return false;
}

static const struct lot_title *
title_of(const struct lot_rules *rules, enum row_field field, uint32_t index)
{
    return field == ROW_QUEUES ? &rules->queues[index].title : &rules->types[index].title;
}

/* By code or by title; a title that two have means neither. */
static int
choice_of(const struct lot_rules *rules, enum row_field field, struct lot_text text)
{
    uint32_t count = field == ROW_QUEUES ? rules->queue_count : rules->type_count;
    int found = field == ROW_QUEUES ? lot_rules_queue(rules, text) : lot_rules_type(rules, text);
    if (found >= 0) {
        return found;
    }
    for (uint32_t i = 0; i < count; i++) {
        if (is_title(text, title_of(rules, field, i))) {
            if (found >= 0) {
                return -1;
            }
            found = (int)i;
        }
    }
    return found;
}

struct choices {
    uint8_t items[LOT_TYPES_MAX];
    uint8_t count;
    bool twice;
    struct lot_text unknown; /* the first word that is no choice; at is NULL when there is none */
};

static bool
take_choice(const struct lot_rules *rules, enum row_field field, struct lot_text word,
            struct choices *out)
{
    int index = word.size == 0 ? -1 : choice_of(rules, field, word);
    for (uint8_t i = 0; i < out->count && index >= 0; i++) {
        out->twice |= out->items[i] == index;
    }
    if (index >= 0 && !out->twice) {
        out->items[out->count++] = (uint8_t)index;
    }
    return word.size == 0 || index >= 0;
}

/* Takes off *rest what stands before the first blank, or before the first of 、 ; and comma. */
static bool
next_part(struct lot_text *rest, bool at_blanks, struct lot_text *part)
{
    const char *start = rest->at, *at = start;
    for (uint32_t c; lot_character(rest, &c); at = rest->at) {
        uint32_t plain = fold_width(c);
        if (at_blanks ? lot_is_blank(c) : plain == 0x3001 || plain == ';' || plain == ',') {
            *part = trim((struct lot_text){start, (size_t)(at - start)});
            return true;
        }
    }
    *part = trim((struct lot_text){start, (size_t)(at - start)});
    return at > start;
}

/* The whole text, else its parts between 、 ; and commas, else the parts of these at blanks. */
static void
choose(const struct lot_rules *rules, enum row_field field, struct lot_text text,
       struct choices *out)
{
    struct lot_text part, word;
    if (take_choice(rules, field, trim(text), out)) {
        return;
    }
    while (next_part(&text, false, &part)) {
        if (take_choice(rules, field, part, out)) {
            continue;
        }
        while (next_part(&part, true, &word)) {
            if (!take_choice(rules, field, word, out) && out->unknown.at == NULL) {
                out->unknown = word;
            }
        }
    }
}

void
row_choices(const struct lot_rules *rules, enum row_field field, struct lot_text text,
            uint8_t out[static LOT_TYPES_MAX], uint8_t *count)
{
    assert(rules != NULL && count != NULL && (field == ROW_QUEUES || field == ROW_WANTS));
    struct choices choices = {.count = 0};
    choose(rules, field, text, &choices);
    assert(choices.unknown.at == NULL && !choices.twice);
    memcpy(out, choices.items, sizeof choices.items);
    *count = choices.count;
}

static void
say_unknown(const struct row_reader *reader, enum row_field field, struct lot_text word)
{
    const struct lot_rules *rules = reader->rules;
    uint32_t count = field == ROW_QUEUES ? rules->queue_count : rules->type_count;
    struct lot_buffer expected = {0};
    for (uint32_t i = 0; i < count && i < 8; i++) { /* enough to see what is meant */
        lot_buffer_put(&expected, i == 0 ? LOT_TEXT("") : LOT_TEXT(" "));
        show(field, lot_text(lot_title_in(title_of(rules, field, i), "zh")), &expected);
    }
    say_expected(reader, E_ENUM, field, word, &expected);
    lot_buffer_finish(&expected);
}

static struct lot_text
read_choices(struct row_reader *reader, enum row_field field)
{
    static const struct lot_text refused = {NULL, 0};
    struct lot_text text = look(reader, field);
    struct choices choices = {.count = 0};
    if (text.at == NULL) {
        return refused;
    }
    choose(reader->rules, field, text, &choices);
    if (choices.unknown.at != NULL) {
        say_unknown(reader, field, choices.unknown);
        return refused;
    }
    if (choices.twice) {
        say_cell(reader, E_FIELD, field, text, 0);
        return refused;
    }
    return text;
}

/* ---- the number ---- */

/* By the kind of paper that the row names; -1 (unknown) is read like a resident's. */
static bool
read_by_paper(const struct row_reader *reader, int paper, struct lot_text cell,
              struct identity *out)
{
    uint32_t as_of = reader->options->as_of;
    struct identity national;
    bool valid = identity_read(cell, as_of, reader->options->areas, &national);
    bool permit = national.kind == IDENTITY_PERMIT_HK || national.kind == IDENTITY_PERMIT_MACAU ||
                  national.kind == IDENTITY_PERMIT_TAIWAN;
    bool permanent = national.kind == IDENTITY_PERMANENT;
    bool passport = paper == PAPER_PASSPORT || paper == PAPER_OTHER;
    *out = national;
    if (passport || (paper == PAPER_PERMANENT && !valid && national.codes[0] == E_KIND)) {
        /* Cards before 2023 have three letters and twelve digits. */
        bool other = identity_read_other(cell, out);
        if (!other || (passport ? !valid : strlen(out->number) == 15)) {
            return other;
        }
    } else if (!valid || paper < 0 || (paper == PAPER_PERMIT && permit) ||
               (paper == PAPER_PERMANENT && permanent) ||
               (paper == PAPER_RESIDENT && !permit && !permanent)) {
        return valid;
    }
    *out = (struct identity){.code_count = 1, .codes = {E_KIND}};
    return false;
}

static void
read_person_number(struct row_reader *reader, int paper, int sex, struct roster_person *person)
{
    struct lot_text cell = raw_cell(reader, ROW_NUMBER), text;
    struct identity identity;
    if (cell.at == NULL || !holds_only_text(reader, ROW_NUMBER, cell)) {
        return;
    }
    text = trim(cell);
    if (is_formula(text) && !lot_text_starts(text, "=\"")) {
        say_cell(reader, E_FORMULA, ROW_NUMBER, text, 0);
        return;
    }
    bool good = read_by_paper(reader, paper, cell, &identity);
    for (uint32_t i = 0; i < identity.code_count; i++) {
        enum finding_code code = identity.codes[i];
        if (finding_severity(code) == FINDING_NORMALISED) {
            say_change(reader, code, ROW_NUMBER, cell, lot_text(identity.number));
        } else if (code != W_MINOR) {
            say_cell(reader, code, ROW_NUMBER, good ? lot_text(identity.number) : text,
                     identity.at);
        }
    }
    if (!good) {
        return;
    }
    memcpy(person->number, identity.number, sizeof person->number);
    person->kind = identity.kind;
    person->birth = identity.birth;
    bool child = identity.birth != 0 && (reader->options->as_of - identity.birth) / 10000 < 18;
    if (child && person->relation == ROSTER_APPLICANT) {
        say_cell(reader, W_MINOR, ROW_NUMBER, lot_text(identity.number), 0);
    }
    if (sex >= 0 && identity.birth != 0 && identity.male != (sex == 1)) {
        row_say(reader, W_SEX, ROW_SEX, words[ROW_SEX][sex].word);
    }
}

/* Local text; what offices write for "none" is none. */
static struct lot_text
read_member(struct row_reader *reader, struct roster_store *store)
{
    static const char *const none[] = {"无", "-", "—", "/"};
    struct lot_text text = look(reader, ROW_MEMBER);
    if (text.at == NULL || text.size == 0) {
        return LOT_TEXT("");
    }
    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++) {
        if (lot_text_is(text, none[i])) {
            return LOT_TEXT("");
        }
    }
    return roster_keep(store, fold(reader, ROW_MEMBER, text));
}

/*
 * Columns that are not read are given back with the rest of the table, so that they
 * must not hold what runs when the table is opened. What stands there is not shown.
 */
static void
check_extra(const struct row_reader *reader)
{
    for (uint32_t column = 1; column <= reader->sheet->column_count; column++) {
        struct lot_text cell = sheet_cell(reader->sheet, reader->row, column);
        if (reader->is_read[column - 1] || cell.at == NULL) {
            continue;
        }
        struct lot_text text = trim(cell);
        bool formula = lot_text_starts(text, "=") && !lot_text_starts(text, "=\"");
        if (formula || lot_text_starts(text, "@")) {
            struct finding finding = {.code = E_FORMULA,
                                      .place = {reader->file, reader->row,
                                                reader->sheet->lines[reader->row - 1], column}};
            findings_add(reader->findings, finding, NULL, formula ? "=..." : "@...");
        }
    }
}

void
row_read(struct row_reader *reader, uint32_t row, struct roster_store *store, struct row *out)
{
    assert(reader != NULL && store != NULL && out != NULL);
    assert(row >= 1 && row <= reader->sheet->row_count);
    reader->row = row;
    *out = (struct row){.line = reader->sheet->lines[row - 1]};
    struct roster_person *person = &out->person;
    person->file = reader->file;
    person->row = row;
    person->known = LOT_NONE;
    if (reader->sheet->widths[row - 1] != reader->sheet->column_count) {
        char seen[48];
        snprintf(seen, sizeof seen, "%u (%u)", reader->sheet->widths[row - 1],
                 reader->sheet->column_count);
        row_say(reader, E_COLUMNS, ROW_FIELDS, seen);
    }
    check_extra(reader);
    out->application = read_application(reader, store);
    int relation = read_word(reader, ROW_RELATION);
    out->knows_relation = relation >= 0;
    person->relation = relation >= 0 ? (enum roster_relation)relation : ROSTER_OTHER;
    person->name = read_name(reader, store);
    int paper = read_word(reader, ROW_KIND);
    int sex = read_word(reader, ROW_SEX);
    read_person_number(reader, paper, sex, person);
    (void)read_number(reader, ROW_DISTRICT, 100000, 999999); /* checked, and not used */
    out->size = read_number(reader, ROW_SIZE, 1, LOT_PERSONS_MAX);
    out->queues = read_choices(reader, ROW_QUEUES);
    out->wants = read_choices(reader, ROW_WANTS);
    out->chances = read_number(reader, ROW_CHANCES, 1, reader->rules->chances_max);
    person->member = read_member(reader, store);
}
