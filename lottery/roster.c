/*
 * roster.c - hides how rows become households, and how duplicates are found.
 *
 * Rows of one application number are one household, in whatever order and file they
 * stand. Every question about pairs of rows (same application, same number, same
 * name and birth) is a sort and a walk over runs, never a comparison of all with all.
 *
 * A row without a usable application number could belong to the household above or
 * below it; of these two it is then not said that somebody is missing.
 */
#include "lottery/row.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define CHUNK 65536

/* What the roster's texts point into: the sheets, and copies of what was folded. */
struct roster_store {
    struct sheet *sheets;
    char **chunks;
    uint32_t sheet_count, chunk_count;
    size_t left; /* in the last chunk */
    char *next;
};

/* A row among all rows. */
struct member {
    struct row row;
    uint32_t index; /* among all rows of the call */
    uint32_t household;
    bool dropped; /* repeats another row of its household */
};

struct group {
    uint32_t first, count; /* in list.by_household */
    bool held, unsure;     /* unsure: a row may be missing that could not be told */
};

struct list {
    const struct lot_rules *rules;
    const struct roster_options *options;
    struct roster *roster;
    struct member *members;
    struct member **order; /* scratch for sorting */
    struct member **by_household;
    struct group *groups;
    uint32_t count, group_count;
    uint32_t columns[ROSTER_FILES_MAX][ROW_FIELDS]; /* of each file, from 1 */
};

/* ---- memory ---- */

struct lot_text
roster_keep(struct roster_store *store, struct lot_text text)
{
    assert(store != NULL);
    if (text.size + 1 > store->left) {
        store->left = text.size + 1 > CHUNK ? text.size + 1 : CHUNK;
        store->next = lot_alloc(store->left, 1);
        store->chunks = lot_realloc(store->chunks, store->chunk_count + 1, sizeof store->chunks[0]);
        store->chunks[store->chunk_count++] = store->next;
    }
    char *at = store->next;
    if (text.size > 0) {
        memcpy(at, text.at, text.size);
    }
    store->next += text.size + 1;
    store->left -= text.size + 1;
    return (struct lot_text){at, text.size};
}

void
roster_destroy(struct roster *roster)
{
    if (roster == NULL) {
        return;
    }
    for (uint32_t i = 0; i < roster->file_count; i++) {
        sheet_finish(&roster->store->sheets[i]);
        free(roster->files[i].extra);
    }
    for (uint32_t i = 0; i < roster->store->chunk_count; i++) {
        free(roster->store->chunks[i]);
    }
    free(roster->store->sheets);
    free(roster->store->chunks);
    free(roster->store);
    free(roster->files);
    free(roster->households);
    free(roster->persons);
    findings_finish(&roster->findings);
    free(roster);
}

/* ---- findings about rows ---- */

static struct finding_place
place_of(const struct list *list, const struct member *member, enum row_field field)
{
    return (struct finding_place){.file = member->row.person.file,
                                  .row = member->row.person.row,
                                  .line = member->row.line,
                                  .column = list->columns[member->row.person.file][field]};
}

/* Adds a finding with the title of its column. */
static void
add(struct list *list, struct finding finding, const char *seen)
{
    struct lot_buffer title = {0};
    if (finding.place.column > 0) {
        const struct sheet *sheet = &list->roster->store->sheets[finding.place.file];
        lot_buffer_put(&title, sheet->titles[finding.place.column - 1]);
    }
    findings_add(&list->roster->findings, finding, title.at, seen);
    lot_buffer_finish(&title);
}

static void
say(struct list *list, enum finding_code code, const struct member *member, enum row_field field,
    const char *seen)
{
    add(list, (struct finding){.code = code, .place = place_of(list, member, field)}, seen);
}

/* A pair of rows; other NULL is the register. Holds both households if the code says so. */
static void
say_pair(struct list *list, enum finding_code code, const struct member *member,
         const struct member *other, enum row_field field)
{
    struct finding finding = {.code = code, .place = place_of(list, member, field)};
    struct lot_buffer seen = {0};
    if (other != NULL) {
        finding.other = place_of(list, other, field);
    }
    if (field == ROW_NAME) {
        identity_mask_name(member->row.person.name, &seen);
    } else {
        identity_mask_number(field == ROW_MEMBER ? member->row.person.member
                                                 : lot_text(member->row.person.number),
                             &seen);
    }
    add(list, finding, seen.at);
    lot_buffer_finish(&seen);
    if (finding_severity(code) == FINDING_DUPLICATE) {
        list->groups[member->household].held = true;
        if (other != NULL) {
            list->groups[other->household].held = true;
        }
    }
}

/* ---- households ---- */

static int
in_row_order(const struct member *a, const struct member *b)
{
    return (a->index > b->index) - (a->index < b->index);
}

static int
by_application(const void *left, const void *right)
{
    const struct member *a = *(struct member *const *)left, *b = *(struct member *const *)right;
    int order = lot_text_compare(a->row.application, b->row.application);
    return order != 0 ? order : in_row_order(a, b);
}

static void
sort_members(struct list *list, int (*compare)(const void *, const void *))
{
    for (uint32_t i = 0; i < list->count; i++) {
        list->order[i] = &list->members[i];
    }
    qsort(list->order, list->count, sizeof(struct member *), compare);
}

/* Numbers the households in the order of their first rows. */
static void
group_members(struct list *list)
{
    sort_members(list, by_application);
    const struct member *first = NULL;
    for (uint32_t i = 0; i < list->count; i++) {
        struct member *member = list->order[i];
        bool same = first != NULL && member->row.application.size > 0 &&
                    lot_text_same(first->row.application, member->row.application);
        first = same ? first : member;
        member->household = first->index; /* its first row, until households are numbered */
    }
    for (uint32_t i = 0; i < list->count; i++) {
        struct member *member = &list->members[i];
        member->household = member->household == i ? list->group_count++
                                                   : list->members[member->household].household;
        list->groups[member->household].count++;
    }
    for (uint32_t i = 1; i < list->group_count; i++) {
        list->groups[i].first = list->groups[i - 1].first + list->groups[i - 1].count;
    }
    uint32_t *filled = lot_alloc(list->group_count, sizeof filled[0]);
    for (uint32_t i = 0; i < list->count; i++) {
        struct member *member = &list->members[i];
        uint32_t to = list->groups[member->household].first + filled[member->household]++;
        list->by_household[to] = member;
    }
    free(filled);
    for (uint32_t i = 0; i < list->count; i++) {
        if (list->members[i].row.application.size == 0) {
            list->groups[list->members[i].household].unsure = true;
            list->groups[list->members[i == 0 ? 0 : i - 1].household].unsure = true;
            list->groups[list->members[i + 1 == list->count ? i : i + 1].household].unsure = true;
        }
    }
}

/* ---- duplicates ---- */

static int
by_number(const void *left, const void *right)
{
    const struct member *a = *(struct member *const *)left, *b = *(struct member *const *)right;
    int order = strcmp(a->row.person.number, b->row.person.number);
    if (order == 0) {
        order = (a->household > b->household) - (a->household < b->household);
    }
    return order != 0 ? order : in_row_order(a, b);
}

static int
by_member_number(const void *left, const void *right)
{
    const struct member *a = *(struct member *const *)left, *b = *(struct member *const *)right;
    int order = lot_text_compare(a->row.person.member, b->row.person.member);
    return order != 0 ? order : in_row_order(a, b);
}

static int
by_name_and_birth(const void *left, const void *right)
{
    const struct member *a = *(struct member *const *)left, *b = *(struct member *const *)right;
    int order = lot_text_compare(a->row.person.name, b->row.person.name);
    if (order == 0) {
        order = (a->row.person.birth > b->row.person.birth) -
                (a->row.person.birth < b->row.person.birth);
    }
    return order != 0 ? order : in_row_order(a, b);
}

/* One person in a second row: of the same household, or of another. */
static void
judge_same_person(struct list *list, struct member *member, const struct member *other)
{
    bool same_name = lot_text_same(other->row.person.name, member->row.person.name);
    if (other->household != member->household) {
        say_pair(list, D_PERSON_OTHER_APPLICATION, member, other, ROW_NUMBER);
    } else if (same_name && other->row.person.relation != member->row.person.relation) {
        say(list, E_FIELD, member, ROW_RELATION, NULL);
    } else if (same_name) {
        say_pair(list, D_EXACT, member, other, ROW_NUMBER);
    }
    if (!same_name) {
        say_pair(list, D_NAME_CONFLICT, member, other, ROW_NAME);
    }
    member->dropped = other->household == member->household;
}

/* The rows of one person, household by household. */
static void
judge_run(struct list *list, struct member *const run[], uint32_t count)
{
    const struct member *first = run[0], *of_household = run[0];
    for (uint32_t i = 1; i < count; i++) {
        first = run[i]->index < first->index ? run[i] : first;
    }
    for (uint32_t i = 0; i < count; i++) {
        if (i > 0 && run[i]->household == of_household->household) {
            judge_same_person(list, run[i], of_household);
        } else if (run[i]->household != first->household) {
            judge_same_person(list, run[i], first);
        }
        of_household = run[i]->household == of_household->household ? of_household : run[i];
    }
}

static void
find_same_persons(struct list *list)
{
    sort_members(list, by_number);
    for (uint32_t start = 0, end; start < list->count; start = end) {
        const char *number = list->order[start]->row.person.number;
        for (end = start + 1; end < list->count; end++) {
            if (strcmp(list->order[end]->row.person.number, number) != 0) {
                break;
            }
        }
        if (number[0] != '\0') {
            judge_run(list, list->order + start, end - start);
        }
    }
}

static void
find_member_numbers(struct list *list)
{
    sort_members(list, by_member_number);
    for (uint32_t i = 0, start = 0; i < list->count; i++) {
        const struct member *member = list->order[i], *first = list->order[start];
        if (!lot_text_same(member->row.person.member, first->row.person.member)) {
            start = i;
        } else if (member->row.person.member.size > 0 && member->row.person.number[0] != '\0' &&
                   first->row.person.number[0] != '\0' &&
                   strcmp(member->row.person.number, first->row.person.number) != 0) {
            say_pair(list, D_MEMBER_NO, member, first, ROW_MEMBER);
        }
    }
}

static void
find_namesakes(struct list *list)
{
    sort_members(list, by_name_and_birth);
    for (uint32_t i = 0, start = 0; i < list->count; i++) {
        const struct member *member = list->order[i], *first = list->order[start];
        if (member->row.person.birth != first->row.person.birth ||
            !lot_text_same(member->row.person.name, first->row.person.name)) {
            start = i;
        } else if (member->row.person.birth != 0 && member->row.person.name.size > 0 &&
                   strcmp(member->row.person.number, first->row.person.number) != 0) {
            say_pair(list, W_SAME_NAME_BIRTH, member, first, ROW_NAME);
        }
    }
}

static int
compare_known(const void *number, const void *known)
{
    return strcmp(number, ((const struct roster_known *)known)->number);
}

static void
find_in_register(struct list *list)
{
    const struct roster_known *known = list->options->known;
    for (uint32_t i = 0; list->options->known_count > 0 && i < list->count; i++) {
        struct member *member = &list->members[i];
        const struct roster_known *found =
            bsearch(member->row.person.number, known, list->options->known_count, sizeof known[0],
                    compare_known);
        if (found == NULL) {
            continue;
        }
        member->row.person.known = (uint32_t)(found - known);
        bool same = lot_text_is(member->row.application, found->application);
        say_pair(list, same ? D_EXACT : D_PERSON_OTHER_APPLICATION, member, NULL, ROW_NUMBER);
    }
}

/* ---- what a household must be ---- */

/* Whether two cells name the same choices; an empty or refused one says nothing else. */
static bool
same_choices(const struct list *list, enum row_field field, struct lot_text a, struct lot_text b)
{
    if (a.at == NULL || b.size == 0 || lot_text_same(a, b)) {
        return true;
    }
    uint8_t left[LOT_TYPES_MAX], right[LOT_TYPES_MAX], count, other;
    row_choices(list->rules, field, a, left, &count);
    row_choices(list->rules, field, b, right, &other);
    return count == other && memcmp(left, right, count) == 0;
}

/* A fact of the household stands in the applicant's row, and may be repeated in the others. */
static void
check_repeated(struct list *list, const struct member *head, const struct member *member)
{
    const struct row *a = &head->row, *b = &member->row;
    if (!same_choices(list, ROW_QUEUES, a->queues, b->queues)) {
        say(list, E_FIELD, member, ROW_QUEUES, NULL);
    }
    if (!same_choices(list, ROW_WANTS, a->wants, b->wants)) {
        say(list, E_FIELD, member, ROW_WANTS, NULL);
    }
    if (b->chances != 0 && b->chances != LOT_NONE && a->chances != LOT_NONE &&
        a->chances != b->chances) {
        say(list, E_FIELD, member, ROW_CHANCES, NULL);
    }
}

static void
check_size(struct list *list, const struct group *group, const struct member *head, uint32_t count)
{
    if (head->row.size == 0) {
        say(list, E_EMPTY, head, ROW_SIZE, NULL);
    }
    for (uint32_t i = 0; i < group->count; i++) {
        const struct member *member = list->by_household[group->first + i];
        uint32_t size = member->row.size;
        if (!member->dropped && size != 0 && size != LOT_NONE && size != count) {
            struct lot_buffer seen = {0};
            lot_buffer_print(&seen, "%u, %u", size, count);
            say(list, E_SIZE_MISMATCH, member, ROW_SIZE, seen.at);
            lot_buffer_finish(&seen);
            return;
        }
    }
}

static void
check_group(struct list *list, const struct group *group)
{
    struct member *const *members = list->by_household + group->first;
    const struct member *head = NULL;
    uint32_t count = 0;
    bool sure = !group->unsure, second = false;
    for (uint32_t i = 0; i < group->count; i++) {
        if (members[i]->dropped) {
            continue;
        }
        count++;
        sure = sure && members[i]->row.knows_relation;
        if (members[i]->row.person.relation == ROSTER_APPLICANT && head != NULL && !second) {
            say(list, E_NO_HEAD, members[i], ROW_RELATION, NULL);
            second = true;
        } else if (members[i]->row.person.relation == ROSTER_APPLICANT && head == NULL) {
            head = members[i];
        }
    }
    if (head == NULL && sure) {
        say(list, E_NO_HEAD, members[0], ROW_RELATION, NULL);
    }
    if (head == NULL) {
        return;
    }
    if (head->row.wants.at != NULL && head->row.wants.size == 0) {
        say(list, E_EMPTY, head, ROW_WANTS, NULL);
    }
    if (!group->unsure) {
        check_size(list, group, head, count);
    }
    for (uint32_t i = 0; i < group->count; i++) {
        check_repeated(list, head, members[i]);
    }
}

/* ---- the noun that goes out ---- */

static int
applicant_first(const void *left, const void *right)
{
    const struct roster_person *a = left, *b = right;
    bool head = a->relation == ROSTER_APPLICANT, other = b->relation == ROSTER_APPLICANT;
    return head != other ? (head ? -1 : 1) : strcmp(a->number, b->number);
}

static void
take_household(const struct list *list, const struct group *group, uint32_t index)
{
    struct roster *roster = list->roster;
    struct roster_household *household = &roster->households[index];
    household->first = roster->person_count;
    household->held = group->held;
    for (uint32_t i = 0; i < group->count; i++) {
        const struct member *member = list->by_household[group->first + i];
        if (member->dropped) {
            continue;
        }
        const struct row *row = &member->row;
        roster->persons[roster->person_count] = row->person;
        roster->persons[roster->person_count++].household = index;
        household->persons++;
        if (row->person.relation == ROSTER_APPLICANT) {
            uint8_t queues[LOT_TYPES_MAX], count;
            household->application = row->application;
            household->file = row->person.file;
            household->row = row->person.row;
            household->chances = (uint8_t)(row->chances == 0 ? 1 : row->chances);
            row_choices(list->rules, ROW_WANTS, row->wants, household->wants,
                        &household->want_count);
            row_choices(list->rules, ROW_QUEUES, row->queues, queues, &count);
            for (uint8_t j = 0; j < count; j++) {
                household->queues |= UINT64_C(1) << queues[j];
            }
        }
    }
    assert(household->want_count > 0 && household->persons <= LOT_PERSONS_MAX);
    qsort(roster->persons + household->first, household->persons, sizeof roster->persons[0],
          applicant_first);
}

static void
take_households(struct list *list)
{
    struct roster *roster = list->roster;
    roster->households = lot_alloc(list->group_count, sizeof roster->households[0]);
    roster->persons = lot_alloc(list->count, sizeof roster->persons[0]);
    for (uint32_t i = 0; i < list->group_count; i++) {
        take_household(list, &list->groups[i], i);
    }
    roster->household_count = list->group_count;
}

/* ---- files ---- */

static bool
describe_file(const struct roster_input *input, const struct sheet *sheet, struct roster_file *file,
              struct lot_error *error)
{
    file->name = input->name;
    file->encoding = sheet_encoding_name(sheet->encoding);
    file->separator = sheet_separator_name(sheet->separator);
    file->bom = sheet->bom;
    file->guessed = sheet->encoding == SHEET_GB18030;
    file->size = input->bytes.size;
    file->rows = sheet->row_count;
    file->extra = lot_alloc(sheet->column_count, sizeof file->extra[0]);
    for (uint32_t i = 0; i < sheet->column_count; i++) {
        if (!row_knows(sheet->titles[i])) {
            file->extra[file->extra_count++] = sheet->titles[i];
        }
    }
    return crypto_digest_hex(LOT_SHA256, input->bytes, file->sha256, error) &&
           crypto_digest_hex(LOT_SM3, input->bytes, file->sm3, error);
}

static void
read_rows(struct list *list, uint32_t file)
{
    struct roster *roster = list->roster;
    struct row_reader reader = {.rules = list->rules,
                                .options = list->options,
                                .sheet = &roster->store->sheets[file],
                                .findings = &roster->findings,
                                .file = file};
    if (row_titles(&reader)) {
        memcpy(list->columns[file], reader.columns, sizeof reader.columns);
        uint32_t rows = reader.sheet->row_count;
        list->members = lot_realloc(list->members, list->count + rows, sizeof list->members[0]);
        for (uint32_t row = 1; row <= rows; row++) {
            struct member *member = &list->members[list->count];
            *member = (struct member){.index = list->count++};
            row_read(&reader, row, roster->store, &member->row);
        }
    }
    lot_buffer_finish(&reader.clean);
}

static void
judge(struct list *list)
{
    list->order = lot_alloc(list->count, sizeof(struct member *));
    list->by_household = lot_alloc(list->count, sizeof(struct member *));
    list->groups = lot_alloc(list->count, sizeof list->groups[0]);
    group_members(list);
    find_same_persons(list);
    find_member_numbers(list);
    find_namesakes(list);
    find_in_register(list);
    for (uint32_t i = 0; i < list->group_count; i++) {
        check_group(list, &list->groups[i]);
    }
}

bool
roster_read(const struct roster_input inputs[], uint32_t count, const struct lot_rules *rules,
            const struct roster_options *options, struct roster **out, struct lot_error *error)
{
    assert(inputs != NULL && count >= 1 && count <= ROSTER_FILES_MAX && rules != NULL);
    assert(options != NULL && out != NULL);
    if (options->application_form != NULL && !row_form_check(options->application_form, error)) {
        return false;
    }
    struct roster *roster = lot_alloc(1, sizeof *roster);
    struct list list = {.rules = rules, .options = options, .roster = roster};
    bool done = false;
    roster->store = lot_alloc(1, sizeof *roster->store);
    roster->store->sheets = lot_alloc(count, sizeof roster->store->sheets[0]);
    roster->files = lot_alloc(count, sizeof roster->files[0]);
    roster->file_count = count;
    for (uint32_t i = 0; i < count; i++) {
        struct sheet *sheet = &roster->store->sheets[i];
        if (!sheet_read(inputs[i].bytes, i, sheet, &roster->findings, error) ||
            !describe_file(&inputs[i], sheet, &roster->files[i], error)) {
            goto out;
        }
        read_rows(&list, i);
    }
    judge(&list);
    findings_sort(&roster->findings);
    roster->refused =
        findings_of(&roster->findings, FINDING_ERROR) > 0 || roster->findings.unlisted > 0;
    if (!roster->refused) {
        take_households(&list);
    }
    *out = roster;
    done = true;
out:
    free(list.members);
    free(list.order);
    free(list.by_household);
    free(list.groups);
    if (!done) {
        roster_destroy(roster);
    }
    return done;
}

/* ---- reports ---- */

static void
put_problem(const struct roster *roster, const struct finding *finding, const char *language,
            struct lot_buffer *out)
{
    bool chinese = strcmp(language, "zh") == 0;
    lot_buffer_print(out, "%s", finding_name(finding->code));
    if (finding->field[0] != '\0') {
        lot_buffer_print(out, " %s", finding->field);
    }
    if (finding->seen[0] != '\0') {
        lot_buffer_print(out, chinese ? "「%s」" : " `%s`", finding->seen);
    }
    lot_buffer_print(out, chinese ? ":%s" : ": %s", finding_advice(finding->code, language));
    if (finding->other.row > 0) {
        lot_buffer_print(out, chinese ? "(另见 %s 第 %u 行)" : " (see %s line %u)",
                         roster->files[finding->other.file].name, finding->other.line);
    } else if (finding_severity(finding->code) == FINDING_DUPLICATE) {
        lot_buffer_print(out, chinese ? "(已在登记册中)" : " (already in the register)");
    }
}

void
roster_finding_line(const struct roster *roster, const struct finding *finding,
                    const char *language, struct lot_buffer *out)
{
    assert(roster != NULL && finding != NULL && language != NULL && out != NULL);
    bool chinese = strcmp(language, "zh") == 0;
    lot_buffer_print(out, "%s", roster->files[finding->place.file].name);
    if (finding->place.line > 0) {
        lot_buffer_print(out, chinese ? " 第 %u 行" : " line %u", finding->place.line);
    }
    if (finding->place.column > 0) {
        lot_buffer_print(out, chinese ? " 第 %u 列" : " column %u", finding->place.column);
    }
    lot_buffer_put(out, LOT_TEXT(" "));
    put_problem(roster, finding, language, out);
    lot_buffer_put(out, LOT_TEXT("\n"));
}

/* Row 0 is the titles; below the last row there is nothing. */
static struct lot_text
cell_or_title(const struct sheet *sheet, uint32_t row, uint32_t column)
{
    return row == 0                  ? sheet->titles[column - 1]
           : row <= sheet->row_count ? sheet_cell(sheet, row, column)
                                     : LOT_TEXT("");
}

void
roster_table(const struct roster *roster, uint32_t file, const char *language,
             struct lot_buffer *out)
{
    assert(roster != NULL && file < roster->file_count && language != NULL && out != NULL);
    const struct sheet *sheet = &roster->store->sheets[file];
    const struct findings *findings = &roster->findings;
    uint32_t last = sheet->row_count > 0 ? sheet->row_count : 1, next = 0;
    struct lot_buffer problems = {0};
    while (next < findings->count && findings->items[next].place.file < file) {
        next++;
    }
    lot_buffer_put(out, LOT_TEXT("\xEF\xBB\xBF"));
    for (uint32_t row = 0; row <= last; row++) {
        for (uint32_t i = 0; i < sheet->column_count; i++) {
            sheet_put_cell(out, cell_or_title(sheet, row, i + 1), i == 0);
        }
        /* What is said of the titles stands in the first row below, of the end in the last. */
        lot_buffer_clear(&problems);
        for (; row > 0 && next < findings->count; next++) {
            const struct finding *finding = &findings->items[next];
            if (finding->place.file != file || (row < last && finding->place.row > row)) {
                break;
            }
            lot_buffer_put(&problems, problems.size > 0 ? LOT_TEXT("\r\n") : LOT_TEXT(""));
            put_problem(roster, finding, language, &problems);
        }
        sheet_put_cell(out, row == 0 ? LOT_TEXT("问题") : lot_buffer_text(&problems),
                       sheet->column_count == 0);
        lot_buffer_put(out, LOT_TEXT("\r\n"));
    }
    lot_buffer_finish(&problems);
}

void
roster_preview(const struct roster *roster, uint32_t file, struct lot_buffer *out)
{
    assert(roster != NULL && file < roster->file_count && out != NULL);
    const struct sheet *sheet = &roster->store->sheets[file];
    for (uint32_t row = 0; row <= sheet->row_count && row <= 3; row++) {
        for (uint32_t i = 0; i < sheet->column_count; i++) {
            lot_buffer_put(out, i == 0 ? LOT_TEXT("") : LOT_TEXT(" | "));
            row_show(sheet->titles[i], cell_or_title(sheet, row, i + 1), row == 0, out);
        }
        lot_buffer_put(out, LOT_TEXT("\n"));
    }
}
