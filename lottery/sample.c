/*
 * sample.c - holds what the made-up city looks like.
 *
 * Modelled on Harbin, 2013: 37,600 households of workers in difficulty, 7,825 of them in
 * special difficulty (the first group); a home of some 70 m2 for some 200,000 yuan (the
 * union's figures of that autumn); household sizes as the census of 2010 counted them in
 * Heilongjiang (table 1-10: 12.88 % live alone, 28.85 % two, 35.11 % three, 12.58 % four,
 * 7.44 % five, 2.20 % six, the rest more). Wishes, second chances and the second group are
 * guesses.
 *
 * Spreadsheets come with the traps that real ones have, each at a household of its own.
 */
#include "lottery/sample.h"

#include "lottery/sheet.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CELL_MAX 96
#define FIRST_YEAR 1930 /* of birth; the last is 2011 */
#define YEARS 82
#define SERIALS 1000
#define AGE_MAX 80

enum column {
    APPLICATION,
    RELATION,
    NAME,
    KIND,
    NUMBER,
    SEX,
    DISTRICT,
    SIZE,
    QUEUE,
    TYPES,
    CHANCES,
    MEMBER,
    INCOME,
    REMARK,
    COLUMNS
};

static const char titles[] =
    "申请编号,与申请人关系,姓名,证件类型,证件号码,性别,户口所在区,家庭人口,队列,户型,摇号次数,"
    "工会会员号,家庭年可支配收入,备注\r\n";

/* What is wrong with the applicant's row of a household. */
enum trap {
    NO_TRAP,
    /* errors: in the office's first table only */
    SCIENTIFIC,
    SCIENTIFIC_TOO,
    ROUNDED,
    ROUNDED_TOO,
    WRONG_DIGIT,
    LOOK_ALIKE,
    SIZE_TOO_LARGE,
    BAD_APPLICATION,
    UNKNOWN_QUEUE,
    NO_HEAD,
    NOT_AVAILABLE,
    FORMULA,
    /* normalised: these stay, and are listed */
    FULL_WIDTH,
    APOSTROPHE,
    TEXT_FORMULA,
    SMALL_X,
    NAME_BLANK,
    WIDE_BRACKETS,
    POINT_ZERO,
    TRAILING_BLANK,
    /* duplicates: these stay too, and are held */
    ROW_TWICE,
    PERSON_TWICE,
    PERSON_TWICE_TOO,
    TRAPS
};

struct line {
    char cells[COLUMNS][CELL_MAX];
};

struct maker {
    uint64_t state;
    uint8_t *taken;     /* a bit for each birthday and serial */
    struct line before; /* the applicant of the household before */
};

/* splitmix64 (Steele, Lea, Flood 2014): small, and the same everywhere. */
static uint32_t
below(struct maker *maker, uint32_t bound)
{
    uint64_t z = (maker->state += 0x9E3779B97F4A7C15u);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return (uint32_t)(((z ^ (z >> 31)) >> 32) * bound >> 32);
}

/* ---- people ---- */

static void
make_name(struct maker *maker, char out[static CELL_MAX])
{
    static const char surnames[] = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹"
                                   "彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金";
    static const char given[] =
        "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉兰红梅建国文辉力"
        "永健世广志义兴良海山仁波宁贵福生龙元全胜学祥才发武新利清飞彬富顺信";
    uint32_t family = below(maker, 2) == 0 ? below(maker, 10) : below(maker, 60);
    uint32_t first = below(maker, 66), second = below(maker, 88); /* some have one character */
    snprintf(out, CELL_MAX, "%.3s%.3s%.*s", surnames + 3 * (size_t)family,
             given + 3 * (size_t)first, second < 66 ? 3 : 0, given + 3 * (size_t)(second % 66));
}

static char
check_digit(const char *number)
{
    static const uint8_t weights[17] = {7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2};
    uint32_t sum = 0;
    for (int i = 0; i < 17; i++) {
        sum += weights[i] * (uint32_t)(number[i] - '0');
    }
    return "10X98765432"[sum % 11];
}

/* A number that nobody else in the sample has; ages are those of SAMPLE_DAY. */
static void
make_person(struct maker *maker, uint32_t age_min, uint32_t age_max, int sex, struct line *line)
{
    uint32_t day, serial, slot;
    do {
        uint32_t year = SAMPLE_DAY / 10000 - 1 - age_min - below(maker, age_max - age_min + 1);
        day = year * 10000 + (1 + below(maker, 12)) * 100 + 1 + below(maker, 28);
        serial = below(maker, SERIALS / 2) * 2 + (uint32_t)sex;
        slot = ((year - FIRST_YEAR) * 372 + (day / 100 % 100 - 1) * 31 + day % 100 - 1) * SERIALS;
        slot += serial;
    } while ((maker->taken[slot / 8] >> slot % 8 & 1) != 0);
    maker->taken[slot / 8] |= (uint8_t)(1u << slot % 8);
    char *number = line->cells[NUMBER];
    snprintf(number, CELL_MAX, "230199%08u%03u", day, serial);
    snprintf(number + 17, 2, "%c", check_digit(number));
    snprintf(line->cells[SEX], CELL_MAX, "%s", sex == 1 ? "男" : "女");
    snprintf(line->cells[KIND], CELL_MAX, "居民身份证");
    make_name(maker, line->cells[NAME]);
}

static uint32_t
make_size(struct maker *maker)
{
    static const uint32_t shares[] = {1288, 2885, 3511, 1258, 744, 220};
    uint32_t at = below(maker, 10000), size = 1;
    for (; size <= 6 && at >= shares[size - 1]; size++) {
        at -= shares[size - 1];
    }
    return size;
}

/* What fits, the larger home first more often than not. */
static const char *
make_wants(struct maker *maker, uint32_t size)
{
    static const char *const wants[4][4] = {{"一居", "一居", "一居", "一居"},
                                            {"二居、一居", "二居;一居", "一居、二居", "二居"},
                                            {"二居、三居", "三居、二居", "二居", "三居 二居"},
                                            {"三居", "三居", "三居", "三居"}};
    return wants[size == 1 ? 0 : size == 2 ? 1 : size <= 4 ? 2 : 3][below(maker, 4)];
}

/* The applicant's row: also what is said of the household as a whole. */
static void
make_head(struct maker *maker, uint32_t serial, uint32_t size, struct line *line)
{
    static const char *const districts[] = {"230102", "230103", "230104",
                                            "230108", "230109", "230110"};
    uint32_t group = below(maker, 37600), chances = below(maker, 100);
    make_person(maker, 26, 70, (int)below(maker, 2), line);
    snprintf(line->cells[APPLICATION], CELL_MAX, "示经房(2013)%05u号", serial);
    snprintf(line->cells[RELATION], CELL_MAX, "本人");
    snprintf(line->cells[DISTRICT], CELL_MAX, "%s", districts[below(maker, 6)]);
    snprintf(line->cells[SIZE], CELL_MAX, "%u", size);
    snprintf(line->cells[QUEUE], CELL_MAX, "%s%s%s", group < 7825 ? "甲组" : "",
             group < 7825 && group % 33 == 0 ? "、" : "", group % 33 == 0 ? "乙组" : "");
    snprintf(line->cells[TYPES], CELL_MAX, "%s", make_wants(maker, size));
    snprintf(line->cells[CHANCES], CELL_MAX, "%s", chances < 88 ? "" : chances < 97 ? "2" : "3");
    snprintf(line->cells[MEMBER], CELL_MAX, "GH-%06u", serial);
    snprintf(line->cells[INCOME], CELL_MAX, "%u", 6000 * size + below(maker, 7000 * size));
    snprintf(line->cells[REMARK], CELL_MAX, "%s",
             below(maker, 50) == 0 ? "\"三代同住,27平方米\"" : "");
}

static uint32_t
within(int age)
{
    return age < 1 ? 1 : age > AGE_MAX ? AGE_MAX : (uint32_t)age;
}

/* Spouse, then a child, then a parent, and so on; ages follow the applicant's. */
static void
make_other(struct maker *maker, const struct line *head, uint32_t place, struct line *line)
{
    static const struct {
        const char *relation;
        int younger_most, younger_least; /* years younger than the applicant */
    } kinds[] = {{"配偶", 4, -4},  {"子女", 34, 20},   {"父母", -20, -34},
                 {"子女", 34, 20}, {"父母", -20, -34}, {"其他", 20, -4}};
    const uint32_t kind = (place - 1) % 6;
    const bool man = strcmp(head->cells[SEX], "男") == 0;
    int year = 0, age;
    for (int i = 6; i < 10; i++) {
        year = year * 10 + (head->cells[NUMBER][i] - '0');
    }
    age = SAMPLE_DAY / 10000 - 1 - year;
    *line = *head;
    line->cells[MEMBER][0] = line->cells[INCOME][0] = line->cells[REMARK][0] = '\0';
    make_person(maker, within(age - kinds[kind].younger_most),
                within(age - kinds[kind].younger_least), kind == 0 ? !man : (int)below(maker, 2),
                line);
    if (strcmp(kinds[kind].relation, "子女") == 0) {
        memcpy(line->cells[NAME], head->cells[NAME], 3); /* the family name */
    }
    snprintf(line->cells[RELATION], CELL_MAX, "%s", kinds[kind].relation);
}

/* ---- traps ---- */

#define ALL CELL_MAX
#define PREFIX (sizeof "示经房(2013)" - 1)

/* Which cell a trap spoils: what stands before and after the part of it that stays. */
static const struct {
    enum column column;
    const char *before;
    size_t from, size; /* of the part; 0 bytes: nothing stays */
    const char *after;
} spoilt[TRAPS] = {
    [SCIENTIFIC] = {NUMBER, "2.30199E+17", 0, 0, ""},
    [SCIENTIFIC_TOO] = {NUMBER, "2.3019919800101E+17", 0, 0, ""},
    [LOOK_ALIKE] = {NUMBER, "", 0, 17, "Х"}, /* Cyrillic */
    [SIZE_TOO_LARGE] = {SIZE, "9", 0, 0, ""},
    [BAD_APPLICATION] = {APPLICATION, "示经房(2013)4号", 0, 0, ""},
    [UNKNOWN_QUEUE] = {QUEUE, "内定", 0, 0, ""},
    [NO_HEAD] = {RELATION, "其他", 0, 0, ""},
    [NOT_AVAILABLE] = {SIZE, "#N/A", 0, 0, ""},
    [FORMULA] = {NAME, "=VLOOKUP(A2)", 0, 0, ""},
    [APOSTROPHE] = {NUMBER, "'", 0, ALL, ""},
    [TEXT_FORMULA] = {NUMBER, "\"=\"\"", 0, ALL, "\"\"\""},
    [SMALL_X] = {NUMBER, "", 0, 17, "x"},
    [NAME_BLANK] = {NAME, "王　", 3, ALL, ""},
    [WIDE_BRACKETS] = {APPLICATION, "示经房（2013）", PREFIX, ALL, ""},
    [POINT_ZERO] = {SIZE, "", 0, ALL, ".0"},
    [TRAILING_BLANK] = {NAME, "", 0, ALL, " "},
};

/* As a program that holds fifteen digits leaves it; never one whose check digit is right. */
static void
round_number(char number[static CELL_MAX])
{
    number[15] = number[16] = number[17] = '0';
    while (check_digit(number) == '0') {
        number[14] = (char)('0' + (number[14] - '0' + 1) % 10);
    }
}

static void
spoil(struct line *line, enum trap trap)
{
    char *number = line->cells[NUMBER], old[CELL_MAX];
    if (trap == ROUNDED || trap == ROUNDED_TOO) {
        round_number(number);
    } else if (trap == WRONG_DIGIT) {
        number[17] = number[17] == '7' ? '4' : '7';
    } else if (trap == FULL_WIDTH) { /* U+FF11 is EF BC 91 */
        snprintf(line->cells[SIZE], CELL_MAX, "\xEF\xBC%c", line->cells[SIZE][0] + 0x60);
    } else if (spoilt[trap].before != NULL) {
        char *cell = line->cells[spoilt[trap].column];
        memcpy(old, cell, sizeof old);
        snprintf(cell, CELL_MAX, "%s%.*s%s", spoilt[trap].before, (int)spoilt[trap].size,
                 old + spoilt[trap].from, spoilt[trap].after);
    }
}

static void
put_line(struct lot_buffer *out, const struct line *line)
{
    for (int i = 0; i < COLUMNS; i++) {
        lot_buffer_print(out, "%s%s", i == 0 ? "" : ",", line->cells[i]);
    }
    lot_buffer_put(out, LOT_TEXT("\r\n"));
}

/* ---- tables ---- */

/* The trap of a household: they stand evenly over the table. */
static enum trap
trap_of(uint32_t household, uint32_t count)
{
    uint32_t step = count / TRAPS;
    return household % step == step / 2 && household / step < TRAPS ? (enum trap)(household / step)
                                                                    : NO_TRAP;
}

static void
make_household(struct maker *maker, uint32_t index, enum trap trap, struct lot_buffer *office,
               struct lot_buffer *corrected)
{
    struct line head = {{""}}, other;
    uint32_t size = make_size(maker);
    do {
        make_head(maker, index + 1, size, &head);
    } while (trap == SMALL_X && head.cells[NUMBER][17] != 'X');
    if (trap == PERSON_TWICE || trap == PERSON_TWICE_TOO) {
        memcpy(head.cells[NUMBER], maker->before.cells[NUMBER], CELL_MAX);
        memcpy(head.cells[NAME], maker->before.cells[NAME], CELL_MAX);
        memcpy(head.cells[SEX], maker->before.cells[SEX], CELL_MAX);
        memcpy(head.cells[MEMBER], maker->before.cells[MEMBER], CELL_MAX);
    }
    struct line spoiled = head;
    spoil(&spoiled, trap);
    put_line(office, &spoiled);
    put_line(corrected, trap < FULL_WIDTH ? &head : &spoiled);
    if (trap == ROW_TWICE) {
        put_line(office, &head);
        put_line(corrected, &head);
    }
    for (uint32_t i = 1; i < size; i++) {
        make_other(maker, &head, i, &other);
        put_line(office, &other);
        put_line(corrected, &other);
    }
    maker->before = head;
}

static bool
make_tables(const struct sample_plan *plan, struct sample *out, struct lot_error *error)
{
    struct maker maker = {.state = plan->number};
    maker.taken = lot_alloc((size_t)YEARS * 372 * SERIALS / 8, 1);
    lot_buffer_put(&out->office, LOT_TEXT(titles));
    lot_buffer_put(&out->corrected, LOT_TEXT(titles));
    for (uint32_t i = 0; i < plan->households; i++) {
        make_household(&maker, i, trap_of(i, plan->households), &out->office, &out->corrected);
    }
    free(maker.taken);
    lot_buffer_put(&out->office, LOT_TEXT(",,,,,,,,,,,,,\r\n"));
    return sheet_save_gb18030(&out->office, error) && sheet_save_gb18030(&out->corrected, error);
}

/* ---- rules and homes ---- */

static void
make_homes(uint32_t count, struct lot_buffer *out, uint32_t of_type[static 3])
{
    static const struct {
        const char *type, *area;
        uint32_t price; /* 3,200 yuan a square metre */
    } types[] = {{"1B", "48.60", 155520}, {"2B", "70.25", 224800}, {"3B", "88.40", 282880}};
    lot_buffer_print(out, "home,type,area,price,tags,place\n");
    for (uint32_t i = 0; i < count; i++) {
        uint32_t building = i / 100 + 1, floor = i / 4 % 25 + 1, room = i % 4 + 1;
        uint32_t type = room == 1 ? 0 : room == 4 && floor % 2 == 0 ? 2 : 1;
        lot_buffer_print(out, "B%02u-%02u%02u,%s,%s,%u,%s,示范小区%u栋%u层%u号\n", building, floor,
                         room, types[type].type, types[type].area, types[type].price,
                         floor == 1 ? "accessible" : "", building, floor, room);
        of_type[type]++;
    }
}

/*
 * The text of rules.json with ' for ", which is nicer to read in C. $1 to $4 are keys,
 * $5 to $7 the quotas.
 */
static const char rules_form[] =
    "{'protocol': 1, 'origin': '" SAMPLE_ORIGIN "', 'draw': '" SAMPLE_DRAW "',\n"
    " 'title': {'zh': '演练:困难职工家庭住房摇号', 'en': 'rehearsal: homes for workers'},\n"
    " 'basis': ['演练,不作为分配依据'], 'units': {'area': 'm2', 'price': 'CNY'},\n"
    " 'intakes': [{'intake': 'centre', 'title': {'zh': '帮扶中心', 'en': 'help centre'},\n"
    "   'key': '$1'}],\n"
    " 'log': ['$2'], 'hash': 'sha256', 'award': 'home',\n"
    " 'types': [\n"
    "  {'type': '1B', 'title': {'zh': '一居', 'en': 'one room'}, 'persons': [1, 2]},\n"
    "  {'type': '2B', 'title': {'zh': '二居', 'en': 'two rooms'}, 'persons': [2, 4]},\n"
    "  {'type': '3B', 'title': {'zh': '三居', 'en': 'three rooms'}, 'persons': [3, 20]}],\n"
    " 'queues': [\n"
    "  {'queue': 'Q1', 'title': {'zh': '甲组', 'en': 'group A'}},\n"
    "  {'queue': 'Q2', 'title': {'zh': '乙组', 'en': 'group B'}}],\n"
    " 'rounds': [\n"
    "  {'round': 'accessible', 'title': {'zh': '无障碍住房', 'en': 'accessible homes'},\n"
    "   'queues': ['Q2'], 'tags': ['accessible']},\n"
    "  {'round': 'first', 'title': {'zh': '甲组优先', 'en': 'group A first'},\n"
    "   'queues': ['Q1'], 'quota': {'1B': $5, '2B': $6, '3B': $7}},\n"
    "  {'round': 'open', 'title': {'zh': '全体家庭', 'en': 'all households'}}],\n"
    " 'chances_max': 3, 'standby': 1000,\n"
    " 'parties': [\n"
    "  {'party': 'housing', 'title': {'zh': '住房保障中心', 'en': 'housing office'}},\n"
    "  {'party': 'union', 'title': {'zh': '总工会', 'en': 'trade union'}},\n"
    "  {'party': 'applicant', 'title': {'zh': '申请家庭代表', 'en': 'an applicant'}}],\n"
    " 'witnesses': [\n"
    "  {'witness': 'notary', 'title': {'zh': '公证处', 'en': 'notary'}, 'key': '$3'},\n"
    "  {'witness': 'supervision', 'title': {'zh': '监督', 'en': 'supervision'}, 'key': '$4'}],\n"
    " 'dice': {'faces': 10, 'throws': 40},\n"
    " 'public': [{'source': 'text', 'name': 'welfare-3d', 'time': '2026-01-01T00:00:00Z',\n"
    "   'digits': 3, 'title': {'zh': '福彩3D开奖号码', 'en': 'welfare lottery 3D'}}],\n"
    " 'void': [{'ground': 'power', 'title': {'zh': '停电', 'en': 'power failure'}},\n"
    "  {'ground': 'alarm', 'title': {'zh': '火警', 'en': 'fire alarm'}}]}\n";

static void
make_rules(const struct sample_plan *plan, const uint32_t of_type[static 3], struct lot_buffer *out)
{
    const char *const keys[] = {plan->intake_key, plan->log_key, plan->witness_keys[0],
                                plan->witness_keys[1]};
    for (const char *at = rules_form; *at != '\0'; at++) {
        if (*at == '$' && at[1] <= '4') {
            lot_buffer_print(out, "%s", keys[*++at - '1']);
        } else if (*at == '$') {
            lot_buffer_print(out, "%u", of_type[*++at - '5'] * 3 / 10);
        } else {
            lot_buffer_add(out, *at == '\'' ? "\"" : at, 1);
        }
    }
}

bool
sample_make(const struct sample_plan *plan, struct sample *out, struct lot_error *error)
{
    assert(plan != NULL && out != NULL && plan->log_key != NULL && plan->intake_key != NULL);
    assert(plan->witness_keys[0] != NULL && plan->witness_keys[1] != NULL);
    assert(plan->households >= SAMPLE_HOUSEHOLDS_MIN && plan->households <= SAMPLE_HOUSEHOLDS_MAX);
    assert(plan->homes >= SAMPLE_HOMES_MIN && plan->homes <= SAMPLE_HOMES_MAX);
    struct sample sample = {0};
    struct lot_rules *rules = NULL;
    uint32_t of_type[3] = {0};
    make_homes(plan->homes, &sample.homes, of_type);
    make_rules(plan, of_type, &sample.rules);
    lot_buffer_put(&sample.areas, LOT_TEXT("code,name,status,note\n"
                                           "230199,测试区(虚构),test,未分配的代码\n"));
    bool good = lot_rules_read(lot_buffer_text(&sample.rules), &rules, error) &&
                make_tables(plan, &sample, error);
    lot_rules_destroy(rules);
    if (!good) {
        sample_finish(&sample);
        return false;
    }
    *out = sample;
    return true;
}

void
sample_finish(struct sample *sample)
{
    if (sample == NULL) {
        return;
    }
    lot_buffer_finish(&sample->rules);
    lot_buffer_finish(&sample->homes);
    lot_buffer_finish(&sample->areas);
    lot_buffer_finish(&sample->office);
    lot_buffer_finish(&sample->corrected);
}
