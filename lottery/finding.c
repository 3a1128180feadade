/*
 * finding.c - hides how findings are kept, and holds the sentence of every code:
 * what is wrong, then what to do, as a clerk would say it to a colleague.
 */
#include "lottery/finding.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

struct sentence {
    const char *name, *zh, *en;
};

#define SAY(code, zh, en) [code] = {#code, zh, en}

static const struct sentence sentences[] = {
    SAY(E_EMPTY, "没有填写,请补填", "is empty: fill it in"),
    SAY(E_EMPTY_FILE, "文件是空的,请重新导出", "the file is empty: export it again"),
    SAY(E_NO_ROWS, "只有标题,没有数据,请检查导出范围",
        "there are titles but no rows: check what was exported"),
    SAY(E_ENCODING, "有不能识别的字节,请另存为“CSV UTF-8”后再导入",
        "bytes that are no text in this encoding: save as \"CSV UTF-8\" and import again"),
    SAY(E_NUL, "有空字节(NUL),文件已损坏或不是文本,请重新导出",
        "a NUL byte: the file is damaged or no text, export it again"),
    SAY(E_COLUMNS,
        "列不符:第一行必须是列标题(上面的表名请删去),各列齐全、不重复,每行列数与标题相同",
        "columns do not fit: the first line must hold the titles (delete what stands above), none "
        "missing and none twice, and every row as many cells"),
    SAY(E_QUOTE, "引号不成对,从这里起无法分列,请改正引号",
        "a quotation mark without its partner: from here on columns cannot be told, mend it"),
    SAY(E_TOO_LONG, "太长,请核对是否粘贴错误",
        "is too long: see whether something was pasted here"),
    SAY(E_CHAR, "含有不允许的字符,请按证件改正",
        "holds a character that does not belong here: correct it from the paper"),
    SAY(E_LEN, "位数不对,请按证件改正",
        "has the wrong number of places: correct it from the paper"),
    SAY(E_AREA, "地区码不存在,请按证件改正", "no such area: correct it from the paper"),
    SAY(E_DATE, "日期不存在,请按证件改正", "no such date: correct it from the paper"),
    SAY(E_FUTURE, "出生日期在将来,请按证件改正", "born in the future: correct it from the paper"),
    SAY(E_CHECK, "校验位不对,多半是抄错一位或颠倒两位,请按证件改正",
        "the check digit does not fit, as when a digit is wrong or two are swapped: correct it "
        "from the paper"),
    SAY(E_SCIENTIFIC, "成了科学计数,后面的数字已经丢失:请把该列设为文本,从原件重新录入",
        "became scientific notation and lost its digits: make the column text and type it again "
        "from the paper"),
    SAY(E_PRECISION_LOSS, "末三位成了000,多半是表格软件丢失了数字:请把该列设为文本,从原件重新录入",
        "ends in 000, as a spreadsheet leaves numbers it cannot hold: make the column text and "
        "type it again from the paper"),
    SAY(E_HOMOGLYPH, "有形似而不同的字符,请改用英文大写字母X",
        "holds a character that only looks right: type a Latin X"),
    SAY(E_KIND, "与证件类型不符,请核对证件类型和号码",
        "does not belong to this kind of paper: check kind and number"),
    SAY(E_FORMULA, "是公式,请改为数值或文本", "is a formula: put the value there"),
    SAY(E_BIDI, "含有改变文字方向的不可见字符,请删除后重新录入",
        "holds an unseen character that turns the text around: type it again"),
    SAY(E_INVISIBLE, "含有不可见字符,请重新录入", "holds an unseen character: type it again"),
    SAY(E_RANGE, "超出括号中的范围,请改正", "is outside the range in brackets: correct it"),
    SAY(E_ENUM, "不是规定的选项,请改用括号中的一个",
        "is none of the choices: use one of those in brackets"),
    SAY(E_FIELD, "格式不对或与本户其他行矛盾,请改正",
        "has not the form of this column, or contradicts the household's other rows: correct it"),
    SAY(E_APPNO_FORM, "申请编号格式不符,请按括号中的格式改正(N、Y 各代表一位数字)",
        "the application number has not the form in brackets (N and Y: a digit each): correct it"),
    SAY(E_NO_HEAD, "每户须有且只有一位“本人”,请改正",
        "a household has exactly one 本人: correct it"),
    SAY(E_SIZE_MISMATCH, "家庭人口与列出的成员数不符,请补齐成员或改正人口数",
        "the size of the household is not the number of its rows: add the members or correct it"),
    SAY(W_AREA_RETIRED, "地区码已停用,号码终身有效,请经办人确认",
        "a retired area: numbers are for life, an officer confirms"),
    SAY(W_AREA_UNKNOWN, "地区码不在表中,请经办人确认",
        "the table of areas does not have it: an officer confirms"),
    SAY(W_SEX, "性别与证件号码不符,请经办人确认",
        "does not agree with the identity number: an officer confirms"),
    SAY(W_MINOR, "申请人未满18岁,请经办人确认", "the applicant is under 18: an officer confirms"),
    SAY(W_AGE_OVER_110, "年龄超过110岁,请经办人确认", "older than 110: an officer confirms"),
    SAY(W_LEGACY_CENTENARIAN_SERIAL, "15位号码的顺序号属百岁老人,出生世纪不定,请经办人确认",
        "a 15-digit number with a serial kept for people over 100: an officer confirms the "
        "century"),
    SAY(W_SAME_NAME_BIRTH, "与另一行同名同生日而号码不同,请经办人确认是否同一人",
        "same name and birth as another row, other number: an officer confirms they are two"),
    SAY(D_EXACT, "与另一行重复,两名经办人决定前暂缓",
        "repeats another row: held until two officers decide"),
    SAY(D_PERSON_OTHER_APPLICATION, "同一人出现在另一份申请中,两份申请都暂缓",
        "this person stands in another application: both are held until two officers decide"),
    SAY(D_NAME_CONFLICT, "同一号码有另一个姓名,两名经办人决定前暂缓",
        "this number has another name elsewhere: held until two officers decide"),
    SAY(D_MEMBER_NO, "同一工会会员号属于另一人,两名经办人决定前暂缓",
        "another person has this member number: held until two officers decide"),
    SAY(N_BOM, "去掉了字节顺序标记", "byte-order mark taken off"),
    SAY(N_CASE, "字母改为大写", "letter made a capital"),
    SAY(N_FULLWIDTH, "全角改为半角", "full-width characters made plain"),
    SAY(N_SPACE, "去掉了空格", "blanks taken out"),
    SAY(N_APOSTROPHE, "去掉了撇号", "apostrophe taken off"),
    SAY(N_FORMULA_TEXT, "去掉了表格软件的文本标记 =\"\"", "the spreadsheet's =\"\" taken off"),
    SAY(N_LEGACY15, "15位号码升为18位", "15 digits made 18"),
    SAY(N_BRACKETS, "括号统一为 ( )", "brackets made ( )"),
    SAY(N_NAME_SPACE, "去掉了姓名中的空格", "blanks inside the name taken out"),
    SAY(N_NUMBER_FORM, "数字改为规范写法", "number written plainly"),
    SAY(N_HEADER_SPACE, "去掉了列标题中的空格", "blanks in the title taken out"),
    SAY(N_BLANK_LINE, "跳过了空行", "blank line passed over"),
};

_Static_assert(sizeof sentences / sizeof sentences[0] == FINDING_CODES, "a sentence each");

static char *
keep(const char *text)
{
    const char *from = text == NULL ? "" : text;
    size_t size = strlen(from) + 1;
    return memcpy(lot_alloc(size, 1), from, size);
}

void
findings_add(struct findings *findings, struct finding finding, const char *field, const char *seen)
{
    assert(findings != NULL && (unsigned)finding.code < FINDING_CODES);
    findings->by_code[finding.code]++;
    if (findings->count == FINDING_LIST_MAX) {
        findings->unlisted++;
        return;
    }
    if (findings->count == findings->room) {
        findings->room = findings->room == 0 ? 64 : findings->room * 2;
        findings->items = lot_realloc(findings->items, findings->room, sizeof findings->items[0]);
    }
    finding.field = keep(field);
    finding.seen = keep(seen);
    findings->items[findings->count++] = finding;
}

/* Position, then the code: those of one cell stand in the order of the enum. */
static int
compare(const void *left, const void *right)
{
    const struct finding *a = left, *b = right;
    const uint32_t pairs[][2] = {{a->place.file, b->place.file},     {a->place.row, b->place.row},
                                 {a->place.column, b->place.column}, {a->code, b->code},
                                 {a->place.line, b->place.line},     {a->other.file, b->other.file},
                                 {a->other.row, b->other.row}};
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        if (pairs[i][0] != pairs[i][1]) {
            return pairs[i][0] < pairs[i][1] ? -1 : 1;
        }
    }
    return strcmp(a->seen, b->seen);
}

void
findings_sort(struct findings *findings)
{
    assert(findings != NULL);
    if (findings->count > 1) {
        qsort(findings->items, findings->count, sizeof findings->items[0], compare);
    }
}

uint32_t
findings_of(const struct findings *findings, enum finding_severity severity)
{
    assert(findings != NULL);
    uint32_t count = 0;
    for (unsigned code = 0; code < FINDING_CODES; code++) {
        if (finding_severity((enum finding_code)code) == severity) {
            count += findings->by_code[code];
        }
    }
    return count;
}

void
findings_finish(struct findings *findings)
{
    if (findings == NULL) {
        return;
    }
    for (uint32_t i = 0; i < findings->count; i++) {
        free(findings->items[i].field);
        free(findings->items[i].seen);
    }
    free(findings->items);
    *findings = (struct findings){0};
}

const char *
finding_name(enum finding_code code)
{
    assert((unsigned)code < FINDING_CODES);
    return sentences[code].name;
}

bool
finding_named(struct lot_text name, enum finding_code *out)
{
    assert(out != NULL);
    for (unsigned code = 0; code < FINDING_CODES; code++) {
        if (lot_text_is(name, sentences[code].name)) {
            *out = (enum finding_code)code;
            return true;
        }
    }
    return false;
}

enum finding_severity
finding_severity(enum finding_code code)
{
    switch (finding_name(code)[0]) {
    case 'E':
        return FINDING_ERROR;
    case 'W':
        return FINDING_WARNING;
    case 'D':
        return FINDING_DUPLICATE;
    default:
        return FINDING_NORMALISED;
    }
}

const char *
finding_advice(enum finding_code code, const char *language)
{
    assert((unsigned)code < FINDING_CODES && language != NULL);
    return strcmp(language, "zh") == 0 ? sentences[code].zh : sentences[code].en;
}
