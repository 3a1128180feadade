#!/bin/sh
# Breaks draw.c and allocation.c on purpose, one small thing at a time, and asks whether the
# cases of tests/vectors/draw and tests/cases/draw notice. Prints a line for each mutant; exit 1
# when one survives that is not known to mean the same as the original.
#
#   sh tests/mutants.sh            all of them (about a minute)
#   sh tests/mutants.sh PATTERN    those whose line below matches the grep pattern
#
# A line of the list: FILE, what stands there (exactly once), what stands there instead, parted by
# ` => `. `same:` in front of FILE marks a mutant that cannot differ in any result; the reason
# stands above it. Such a one must survive, or the reason is wrong.
set -eu
export LC_ALL=C
cd "$(dirname "$0")/.."
pattern=${1:-.}
build=build/dev
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT INT TERM
{ cmake --preset dev && cmake --build --preset dev --target test_lottery_recompute; } \
    >"$folder/build.txt" 2>&1 || { cat "$folder/build.txt"; exit 1; }

cat >"$folder/list" <<'LIST'
# ---- draw.c: tickets
draw.c: LOT_TEXT(":entry:") : LOT_TEXT(":home:") => LOT_TEXT(":home:") : LOT_TEXT(":home:")
draw.c: LOT_TEXT(":entry:") : LOT_TEXT(":home:") => LOT_TEXT(":entry:") : LOT_TEXT(":entry:")
draw.c: part->roll->entries[item].chances : 1; => 1 : 1;
draw.c: chance = 1; chance <= chances => chance = 1; chance < chances || chance == 1
draw.c: unsigned chance = 1; => unsigned chance = chances > 1 ? 2 : 1;
draw.c: chance >= 10 => chance > 10
draw.c: memcmp(ticket, out->ticket, sizeof ticket) < 0 => memcmp(ticket, out->ticket, sizeof ticket) > 0
draw.c: memcmp(ticket, out->ticket, sizeof ticket) < 0 => memcmp(ticket, out->ticket, 1) < 0
draw.c: out->chance = (uint8_t)chance; => out->chance = 1;
draw.c: out->chance = (uint8_t)chance; => out->chance = (uint8_t)chances;
draw.c: out->entry = item; => out->entry = part->first;
draw.c: {seed, LOT_HEX_SIZE}, &prefix => {seed, LOT_HEX_SIZE - 1}, &prefix
draw.c: crypto_prefix_create(roll->rules->hash => crypto_prefix_create(LOT_SHA256
draw.c: part.list = HOMES; => part.list = ENTRIES;
# The range of each worker: a part that is left out or done twice.
draw.c: (uint32_t)((uint64_t)count * i / threads) => (uint32_t)((uint64_t)count * i / threads) + 1
draw.c: (uint32_t)((uint64_t)count * (i + 1) / threads) => (uint32_t)((uint64_t)count * (i + 1) / threads) - 1
draw.c: if (!started[i]) => if (!started[i] && i == 0)
# ---- draw.c: order
draw.c: return order != 0 ? order < 0 => return order != 0 ? order > 0
draw.c: int order = memcmp(a->ticket, b->ticket, sizeof a->ticket); => int order = memcmp(a->ticket, b->ticket, 1);
# Equal tickets cannot be had in a case: that needs two ids with one SHA-256. The test
# draw__equal_tickets_stand_by_id looks at this line.
same:draw.c: : a->entry < b->entry => : a->entry > b->entry
draw.c: for (uint32_t i = 1; i < count; i++) => for (uint32_t i = 1; i + 1 < count; i++)
draw.c: for (uint32_t i = 1; i < count; i++) => for (uint32_t i = 2; i < count; i++)
draw.c: at > 0 && before( => at > 1 && before(
draw.c: return place->ticket[at]; => return place->ticket[at + 1];
draw.c: return place->ticket[at]; => return 255u - place->ticket[at];
draw.c: sort(places + first, end[d] - first, at + 1); => sort(places + first, end[d] - first - (end[d] > first), at + 1);
draw.c: sort(places + first, end[d] - first, at + 1); => (void)first;
draw.c: d == 0 ? 0 : end[d - 1] => d == 0 ? 0 : end[d - 1] + 1
draw.c: sort(places, home_count, 0); => sort(places, home_count > 0 ? home_count - 1 : 0, 0);
draw.c: sort(places, home_count, 0); => (void)sort;
draw.c: sort(order, entry_count, 0); => sort(order, entry_count > 0 ? entry_count - 1 : 0, 0);
draw.c: sort(order, entry_count, 0); => (void)sort;
# How many are sorted by insertion changes the time alone.
same:draw.c: if (count <= SMALL) => if (count < SMALL)
# ---- allocation.c: homes and quotas
allocation.c: rule->has_quota ? rule->quota[type] : LOT_ROWS_MAX => rule->quota[type]
allocation.c: rule->has_quota ? rule->quota[type] : LOT_ROWS_MAX => LOT_ROWS_MAX
allocation.c: rule->has_quota ? rule->quota[type] : LOT_ROWS_MAX => rule->has_quota && rule->quota[type] > 0 ? rule->quota[type] : LOT_ROWS_MAX
allocation.c: rule->has_quota ? rule->quota[type] : LOT_ROWS_MAX => rule->has_quota ? rule->quota[0] : LOT_ROWS_MAX
allocation.c: rule->has_quota ? rule->quota[type] : LOT_ROWS_MAX => rule->has_quota ? rule->quota[type] + 1 : LOT_ROWS_MAX
allocation.c: seat->count < seat->quota ? => seat->count <= seat->quota ?
allocation.c: = homes[i]; => = i;
allocation.c: seat->next < work->first[type + 1] => seat->next + 1 < work->first[type + 1]
# A round looks at each slot once, and uses none that it has not looked at.
same:allocation.c: user > round && => user >= round &&
allocation.c: user > round && => user == FREE &&
allocation.c: (!rule->has_tags || (rule->tags & home->tags) != 0) => true
allocation.c: (!rule->has_tags || (rule->tags & home->tags) != 0) => (!rule->has_tags || (rule->tags & home->tags) == rule->tags)
allocation.c: (!rule->has_tags || (rule->tags & home->tags) != 0) => (!rule->has_tags || rule->tags == home->tags)
allocation.c: (!rule->has_tags || (rule->tags & home->tags) != 0) => (!rule->has_tags || (rule->tags & home->tags) == home->tags)
allocation.c: (!rule->has_tags || (rule->tags & home->tags) != 0) => (rule->has_tags || home->tags == 0 || !rule->has_tags)
allocation.c: (!rule->has_tags || (rule->tags & home->tags) != 0) => (!rule->has_tags ? home->tags == 0 : (rule->tags & home->tags) != 0)
# ---- allocation.c: who may enter
allocation.c: !rule->has_queues || (rule->queues & entry->queues) != 0 => true
allocation.c: !rule->has_queues || (rule->queues & entry->queues) != 0 => !rule->has_queues || (rule->queues & entry->queues) == rule->queues
allocation.c: !rule->has_queues || (rule->queues & entry->queues) != 0 => !rule->has_queues || (rule->queues & entry->queues) == entry->queues
allocation.c: !rule->has_queues || (rule->queues & entry->queues) != 0 => !rule->has_queues || rule->queues == entry->queues
allocation.c: !rule->has_queues || (rule->queues & entry->queues) != 0 => (rule->has_queues ? (rule->queues & entry->queues) != 0 : entry->queues == 0)
allocation.c: entry_at(work, rank); return !rule => entry_at(work, work->roll->entries_file.rows - 1 - rank); return !rule
# ---- allocation.c: the heap of those held
allocation.c: seat->held[(at - 1) / 2] < rank => seat->held[(at - 1) / 2] > rank
allocation.c: seat->held[(at - 1) / 2] < rank => false
allocation.c: seat->held[child + 1] > seat->held[child] => seat->held[child + 1] < seat->held[child]
allocation.c: child + 1 < seat->count => child + 2 < seat->count
allocation.c: seat->held[child] < rank) => true)
allocation.c: child >= seat->count || seat->held => child > seat->count || seat->held
allocation.c: rank > seat->held[0] => rank < seat->held[0]
allocation.c: rank > seat->held[0] => true
allocation.c: seat->turned_away = true; if (seat->count == 0 => if (seat->count == 0
allocation.c: seat->turned_away = true; uint32_t worst => uint32_t worst
# ---- allocation.c: chains
allocation.c: loser = take_home(work, round, type); } => loser = LOT_NONE; }
allocation.c: while (loser != FREE && loser != LOT_NONE) => if (loser != FREE && loser != LOT_NONE)
allocation.c: rank = drop_worst(seat_of(work, round, type)); } => return drop_worst(seat_of(work, round, type)); }
# Who is dropped was turned away by all rounds before that one, and is so again.
same:allocation.c: rank = drop_worst(seat_of(work, round, type)); } => rank = drop_worst(seat_of(work, round, type)); round = 0; }
allocation.c: rank = compare(seat, rank); continue; => return compare(seat, rank);
allocation.c: if (loser == FREE) { return LOT_NONE; } => if (loser == FREE) { continue; }
# ---- allocation.c: wishes
allocation.c: entry->persons >= type->persons_min && => true &&
allocation.c: entry->persons >= type->persons_min && => entry->persons > type->persons_min &&
allocation.c: entry->persons <= type->persons_max => true
allocation.c: entry->persons <= type->persons_max => entry->persons < type->persons_max
allocation.c: i < entry->want_count; i++ => i < entry->want_count && i < 1; i++
allocation.c: i < entry->want_count; i++ => i + 1 < entry->want_count || i == 0; i++
allocation.c: bool reached = behind == NO_TYPE; => bool reached = true;
allocation.c: wants[i] == behind; => wants[i] >= behind;
# In whatever order households apply, the result is the same (section 6; also tests/nolie.c).
same:allocation.c: settle(&work, i + k, firsts[k]); => settle(&work, i + count - 1 - k, firsts[count - 1 - k]);
allocation.c: rank == LOT_NONE ? NO_TYPE : next_want(work, entry_at(work, rank), type) => NO_TYPE
# ---- allocation.c: awards, turns, standbys, cut-offs
allocation.c: seat->next = work->first[i % types]; => (void)work;
allocation.c: award->home = work->slots[seat->next++]; => award->home = seat->next++;
allocation.c: turn[round] = out->housed; => turn[round] = 0;
allocation.c: award->number = ++turn[award->round]; => award->number = ++turn[0];
allocation.c: award->number = ++turn[award->round]; => award->number = turn[award->round]++;
allocation.c: out->standbys < work->rules->standby => true
allocation.c: out->standbys < work->rules->standby => out->standbys <= work->rules->standby
allocation.c: out->standbys < work->rules->standby => false
allocation.c: if (!seat->turned_away) { => if (!seat->turned_away && seat->count > 0) {
allocation.c: if (!seat->turned_away) { => if (false) {
allocation.c: else if (seat->count == 0) => else if (seat->count <= 1)
allocation.c: cutoffs[i].last = seat->held[0]; => cutoffs[i].last = seat->held[seat->count - 1];
allocation.c: cutoffs[i].last = seat->held[0]; => cutoffs[i].last = seat->held[0] + 1;
allocation.c: cutoffs[i].taken = seat->count; => cutoffs[i].taken = seat->count + 1;
# ---- allocation.c: text
allocation.c: housed && rules->award == LOT_AWARD_HOME => housed
allocation.c: housed && rules->award == LOT_AWARD_HOME => false
allocation.c: put_number(at, rank + 1) => put_number(at, rank)
allocation.c: !housed && award->number != LOT_NONE => award->number != LOT_NONE
allocation.c: at = housed ? put_number(at, award->number) : at; => at = put_number(at, award->number);
LIST

# Applies the mutant of a line to its file; blanks and line ends in what stands there match any.
cat >"$folder/mutate.py" <<'PYTHON'
import re, sys
name, old, new = re.fullmatch(r"(?:same:)?(\S+): (.*) => (.*)", sys.argv[1]).groups()
text = open("lottery/" + name, encoding="utf-8").read()
form = r"\s+".join(re.escape(word) for word in old.split())
found = re.findall(form, text)
if len(found) != 1:
    sys.exit(f"stands {len(found)} times in {name}, not once: {old}")
open(sys.argv[2], "w", encoding="utf-8").write(re.sub(form, lambda _: new, text))
PYTHON

flags="-std=c11 -O1 -D_POSIX_C_SOURCE=200809L -I. -w"
libraries="$build/liblottery_core.a $build/liblottery_check.a"
test=$(find "$build/tests" -name 'recompute.c.o' | head -n 1)
killed=0 same=0 bad=0
grep -v '^#' "$folder/list" | grep -e "$pattern" >"$folder/chosen" || true
while IFS= read -r line; do
    python3 "$folder/mutate.py" "$line" "$folder/mutant.c"
    # shellcheck disable=SC2086
    cc $flags -c "$folder/mutant.c" -o "$folder/mutant.o"
    # shellcheck disable=SC2086
    cc "$folder/mutant.o" "$test" $libraries -lcmocka -lcrypto -ljansson -lpthread \
        -o "$folder/mutant" 2>"$folder/link.txt" || { cat "$folder/link.txt"; exit 1; }
    alive=yes
    timeout 10 "$folder/mutant" 'recompute__*byte_for_byte' >/dev/null 2>&1 || alive=no
    case $alive,$line in
    yes,same:*) echo "ok means the same: $line"; same=$((same + 1)) ;;
    no,same:*) echo "not ok was said to mean the same, and does not: $line"; bad=$((bad + 1)) ;;
    yes,*) echo "not ok SURVIVES: $line"; bad=$((bad + 1)) ;;
    no,*) echo "ok noticed: $line"; killed=$((killed + 1)) ;;
    esac
done <"$folder/chosen"
echo "$killed mutants noticed by the cases, $same mean the same, $bad wrong"
[ "$bad" = 0 ]
