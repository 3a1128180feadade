-- verify.sql - the draw once more, in SQL, for those who audit with a database.
--
--     psql -X -v dir=DIR -f tests/reference/verify.sql          DIR: a published bundle
--     sh tests/reference/verify-sql.sh DIR                      the same, with an exit status
--
-- PostgreSQL 15 or later, for it brings sha256() and reads CSV files strictly. It reads six CSV
-- files, rules.json and seed.txt of DIR, computes every ticket, the order, the awards, homes, turns
-- and standbys anew, and compares them with cutoffs.csv and results.csv. Each check prints `ok STEP
-- what` or `FALSE STEP file line: what`, with the first line that differs; the last line is the
-- verdict. If something differs psql ends with an error, status 3. All tables are temporary:
-- nothing is left in the database.
--
-- It follows lottery/PROTOCOL.md, sections 4 to 6, and shares nothing with the other programs. It
-- does not look at the log, its signatures and the ceremony, nor at the form of each field of the
-- roll: that is what `lottery verify` and verify.py are for. Draws with the hash sm3 cannot be
-- checked here, for PostgreSQL has no such function.
--
-- All but part 4 is plain SQL without loops and moves to any engine with a SHA-256.

\set ON_ERROR_STOP on
\set QUIET on
\pset tuples_only on
\pset format unaligned
\pset footer off
\cd :dir
set client_encoding = 'UTF8';
set client_min_messages = warning;
set work_mem = '128MB'; -- a million households are sorted in memory
set temp_buffers = '256MB';
set jit = off;

-- What is wrong, the first of each step; and the sentence that a step prints.
-- What a file holds is shown without control characters: they could redraw a terminal.
create temp table wrong (n int generated always as identity, step text, what text);
create function pg_temp.say(asked text, good text) returns text language sql as $$
    select coalesce((select concat('FALSE ', step, ' ',
                                   regexp_replace(what, '[[:cntrl:]]', '?', 'g'))
                     from wrong where step = asked),
                    concat('ok ', asked, ' ', good))
$$;

-- ---- 1. The files -----------------------------------------------------------------------------

-- Text is compared by bytes everywhere: collate "C". An empty field is empty, never null, and
-- nothing is quoted (sections 1 and 3); the control characters named below stand in no file. psql
-- wants each \copy in one line.
create temp table rules_lines (n int generated always as identity, line text);
\copy rules_lines (line) from 'rules.json' (format csv, delimiter E'\x02', quote E'\x01', null E'\x03')
create temp table rules as
select string_agg(line, E'\n' order by n)::jsonb as rules from rules_lines;

select coalesce(rules ->> 'hash', '') = 'sha256' as has_hash from rules \gset
\if :has_hash
\else
    \echo 'note hash the rules do not name sha256 but sm3, and PostgreSQL has none:'
    \echo 'note hash use lottery verify or verify.py'
    \echo 'verdict: not checked'
    do $$ begin raise exception 'this draw cannot be checked in SQL: its hash is sm3'; end $$;
\endif

create temp table seed_lines (n int generated always as identity, line text collate "C");
\copy seed_lines (line) from 'seed.txt' (format csv, delimiter E'\x02', quote E'\x01', null E'\x03')

create temp table homes (home text collate "C" primary key, type text collate "C",
    area text, price text, tags text collate "C", place text);
\copy homes from 'homes.csv' (format csv, header match, quote E'\x01', null E'\x03')

create temp table entries (id text collate "C" primary key, queues text collate "C",
    persons int check (persons between 1 and 20), chances int check (chances between 1 and 99),
    wants text collate "C", commit text);
\copy entries from 'entries.csv' (format csv, header match, quote E'\x01', null E'\x03')

-- What is to be checked stays text, so that 1 and 01 differ. n is the row of the file.
create temp table cutoffs (n bigint generated always as identity, round text collate "C",
    type text collate "C", taken text collate "C", ticket text collate "C");
\copy cutoffs (round,type,taken,ticket) from 'cutoffs.csv' (format csv, header match, quote E'\x01', null E'\x03')

create temp table results (n bigint generated always as identity, rank text collate "C",
    id text collate "C", chance text collate "C", ticket text collate "C",
    round text collate "C", type text collate "C", home text collate "C",
    turn text collate "C", standby text collate "C");
\copy results (rank,id,chance,ticket,round,type,home,turn,standby) from 'results.csv' (format csv, header match, quote E'\x01', null E'\x03')

-- The seed is the SHA-256 of seed.txt, and seed.txt names the files (section 5). Whole files are
-- hashed by the machine's sha256sum: they may be larger than a value in a database.
\set seed `sha256sum <seed.txt | cut -c1-64`
\set rules_hash `sha256sum <rules.json | cut -c1-64`
\set homes_hash `sha256sum <homes.csv | cut -c1-64`
\set entries_hash `sha256sum <entries.csv | cut -c1-64`
\set refusals_hash `sha256sum <refusals.csv | cut -c1-64`
\set refusals_rows `echo $(($(wc -l <refusals.csv) - 1))`
\set received_hash `sha256sum <received.csv | cut -c1-64`
\set received_rows `echo $(($(wc -l <received.csv) - 1))`

insert into wrong (step, what)
select 'seed', format('seed.txt line %s: from these files must stand here ''%s''',
                      must.n, must.line)
from (values
    (1, 'mingqian seed 1'),
    (2, 'draw ' || (select rules ->> 'draw' from rules)),
    (4, concat_ws(' ', 'rules', :'rules_hash')),
    (5, concat_ws(' ', 'homes', :'homes_hash', (select count(*) from homes))),
    (6, concat_ws(' ', 'entries', :'entries_hash',
                  (select concat(count(*), ' ', coalesce(sum(chances), 0)) from entries))),
    (7, concat_ws(' ', 'refusals', :'refusals_hash', :'refusals_rows')),
    (8, concat_ws(' ', 'received', :'received_hash', :'received_rows'))
) as must (n, line)
where not exists (select from seed_lines s where s.n = must.n and s.line = must.line)
order by must.n limit 1;
select pg_temp.say('seed', concat('seed.txt names these files; the seed is ', :'seed'));

-- ---- 2. The rules as tables -------------------------------------------------------------------

-- Words are parted by one blank; an empty field is no words.
create function pg_temp.words(field text) returns text[] language sql immutable as $$
    select string_to_array(field, ' ')
$$;
create function pg_temp.list(value jsonb) returns text[] language sql immutable as $$
    select array(select jsonb_array_elements_text(value)) where value is not null
$$;

create temp table types as
select n as type_no, t ->> 'type' collate "C" as type,
       (t -> 'persons' ->> 0)::int as persons_min, (t -> 'persons' ->> 1)::int as persons_max
from rules, jsonb_array_elements(rules -> 'types') with ordinality as list (t, n);

-- queues, tags: null if the round does not name any, and then everybody, every home may enter.
create temp table rounds as
select n as round_no, r ->> 'round' collate "C" as round, r -> 'quota' as quota,
       pg_temp.list(r -> 'queues') as queues, pg_temp.list(r -> 'tags') as tags
from rules, jsonb_array_elements(rules -> 'rounds') with ordinality as list (r, n);

-- For each round and type how many it may take at most: no quota at all is no bound (null), a
-- quota that does not name the type is 0.
create temp table slots as
select round_no, type_no, round, type, queues,
       case when quota is not null then coalesce((quota ->> type)::int, 0) end as quota
from rounds cross join types;

-- ---- 3. Tickets and order (section 4) ---------------------------------------------------------

-- The smallest ticket of each entry, and the smallest chance that gave it.
create temp table tickets as
select distinct on (id) id, i as chance, ticket
from entries, generate_series(1, chances) as i,
     lateral (select encode(sha256(convert_to(concat(:'seed', ':entry:', id, ':', i), 'UTF8')),
                            'hex') collate "C" as ticket) as hashed
order by id, ticket, i;

create temp table households as
select row_number() over (order by ticket, id) as rank, id, chance, ticket, persons, wants,
       pg_temp.words(queues) as queues
from tickets join entries using (id);
alter table households add primary key (rank);
analyze households;

-- Homes in home order: place_no 1 is the first.
create temp table places as
select row_number() over (order by place, home) as place_no, home, type_no, tags
from (select home, type_no, pg_temp.words(tags) as tags,
             encode(sha256(convert_to(concat(:'seed', ':home:', home, ':1'), 'UTF8')), 'hex')
                 collate "C" as place
      from homes join types using (type)) as hashed;
analyze places;

-- The wishes of each household that fit its size, most wanted first.
create temp table wishes as
select rank, row_number() over (partition by rank order by n) as step, type_no
from households
cross join unnest(pg_temp.words(wants)) with ordinality as list (type, n)
join types using (type)
where persons between persons_min and persons_max;
alter table wishes add primary key (rank, step);
analyze wishes;

-- ---- 4. The awards (section 6) ----------------------------------------------------------------

-- Who applies to which type, and what each type holds of them.
create temp table applicants (rank bigint, step bigint, type_no bigint);
create temp table held (rank bigint, step bigint, type_no bigint, round_no bigint,
                        place_no bigint);

-- hold(type, applicants), for all types side by side. In a round all who may enter choose from the
-- same homes, the free ones of the type with a tag of the round: so the first of them by rank gets
-- the first of these homes in home order, the second the second, until the quota, the homes or
-- the households are used up.
create procedure pg_temp.hold() language plpgsql as $$
declare
    r record;
begin
    truncate held;
    analyze applicants;
    for r in select * from rounds order by round_no loop
        insert into held
        select a.rank, a.step, type_no, r.round_no, p.place_no
        from (select rank, step, type_no,
                     row_number() over (partition by type_no order by rank) as n
              from applicants join households using (rank)
              where (r.queues is null or queues && r.queues)
                and (rank, type_no) not in (select rank, type_no from held)) as a
        join (select place_no, type_no,
                     row_number() over (partition by type_no order by place_no) as n
              from places
              where (r.tags is null or tags && r.tags)
                and place_no not in (select place_no from held)) as p using (type_no, n)
        join slots s using (type_no)
        where s.round_no = r.round_no and (s.quota is null or n <= s.quota);
    end loop;
    analyze held;
end $$;

-- Everybody applies to the first wish. Whom a type does not hold applies to the next one, again
-- and again, until nobody moves. Whom a type turned away once it would turn away for ever
-- (section 6, "why no lie pays"), so here they need not be asked again.
do $$
declare
    moved bigint;
begin
    insert into applicants select rank, step, type_no from wishes where step = 1;
    loop
        call pg_temp.hold();
        with away as (
            delete from applicants
            where rank not in (select rank from held)
            returning rank, step
        )
        insert into applicants
        select w.rank, w.step, w.type_no
        from away join wishes w on w.rank = away.rank and w.step = away.step + 1;
        get diagnostics moved = row_count;
        exit when moved = 0;
    end loop;
end $$;

-- The last hold, word for word: of all who ever applied to the type. It gives the awards.
truncate applicants;
insert into applicants
select w.rank, w.step, w.type_no
from wishes w left join held h using (rank)
where h.rank is null or w.step <= h.step;
call pg_temp.hold();

-- ---- 5. The cut-offs --------------------------------------------------------------------------

-- Turned away by a round of a type: who applied to the type and may enter the round, and was taken
-- neither by it nor by an earlier one. The cut-offs are computed, not only used: false ones that
-- house nobody, and results to match, would look right by eye.
create temp table cutoffs_must as
with away as (
    select s.round_no, s.type_no, count(*) as number
    from applicants a join households e using (rank) join slots s using (type_no)
    left join held h on h.rank = a.rank and h.type_no = a.type_no
    where (s.queues is null or e.queues && s.queues)
      and (h.rank is null or h.round_no > s.round_no)
    group by s.round_no, s.type_no
), taken as (
    select round_no, type_no, count(*) as number, max(rank) as rank
    from held group by round_no, type_no
)
select row_number() over (order by s.round_no, s.type_no) as n, s.round, s.type,
       coalesce(taken.number, 0)::text as taken,
       case when away.number is null then 'all' else coalesce(last.ticket, 'none') end as ticket
from slots s
left join away using (round_no, type_no)
left join taken using (round_no, type_no)
left join households last on last.rank = taken.rank;

insert into wrong (step, what)
select 'cutoffs', case
    when must.n is null then format('cutoffs.csv line %s: one row too many', was.n + 1)
    else format('cutoffs.csv line %s: ''%s,%s,%s,%s'' is expected', must.n + 1,
                must.round, must.type, must.taken, must.ticket) end
from cutoffs_must must full join cutoffs was using (n)
where (must.round, must.type, must.taken, must.ticket)
      is distinct from (was.round, was.type, was.taken, was.ticket)
order by n limit 1;
select pg_temp.say('cutoffs', concat(count(*), ' cut-offs computed anew')) from cutoffs_must;

-- ---- 6. The results ---------------------------------------------------------------------------

-- The rows that results.csv must have. The housed are numbered by round and rank, that is their
-- turn; the others, who have no round, by rank, that is their standby as far as the rules go.
create temp table results_must as
select rank, id, chance::text as chance, ticket, coalesce(round, '') as round,
       coalesce(type, '') as type,
       case when rules ->> 'award' = 'home' then coalesce(home, '') else '' end as home,
       case when housed then number::text else '' end as turn,
       case when not housed and (rules ->> 'standby' = 'all' or
                                 number <= nullif(rules ->> 'standby', 'all')::int)
            then number::text else '' end as standby
from rules cross join (
    select e.rank, id, chance, ticket, round, type, home, round_no is not null as housed,
           row_number() over (partition by round_no is not null order by round_no, e.rank) as number
    from households e
    left join (select rank, round_no, type, round, home
               from held join rounds using (round_no) join types using (type_no)
               join places using (place_no)) as award using (rank)) as numbered;
analyze results;
analyze results_must;

-- Row n of the file is the household of rank n, and there is a row for each.
insert into wrong (step, what)
select 'order', case
    when must.rank is null then format('results.csv line %s: one row too many', was.n + 1)
    when was.n is null then format('results.csv line %s: missing is %s, rank %s',
                                   must.rank + 1, must.id, must.rank)
    else format('results.csv line %s: rank %s, %s; by its ticket rank %s is %s', was.n + 1,
                was.rank, was.id, must.rank, must.id) end
from results_must must full join results was on was.n = must.rank
where was.rank is distinct from must.rank::text or was.id is distinct from must.id
order by coalesce(was.n, must.rank) limit 1;
select pg_temp.say('order', concat(count(*), ' households by rank')) from results_must;

insert into wrong (step, what)
select 'tickets', format('results.csv line %s: the ticket of %s is %s by chance %s', was.n + 1,
                         id, must.ticket, must.chance)
from results_must must join results was using (id)
where (was.chance, was.ticket) is distinct from (must.chance, must.ticket)
order by was.n limit 1;
select pg_temp.say('tickets', concat(coalesce(sum(chances), 0), ' tickets')) from entries;

-- By eye, from the published cut-offs alone: the first type on its list that fits its size, in the
-- first round it may enter, whose cut-off is `all` or not smaller than its ticket.
create temp table by_eye as
select distinct on (rank) rank, s.round, s.type
from households e join wishes w using (rank) join slots s using (type_no)
join cutoffs c on c.round = s.round and c.type = s.type
where (s.queues is null or e.queues && s.queues)
  and (c.ticket = 'all' or (c.ticket <> 'none' and c.ticket >= e.ticket))
order by rank, w.step, s.round_no;
analyze by_eye;

insert into wrong (step, what)
select 'by-eye', format('results.csv line %s: %s has ''%s,%s'', the cut-offs give it ''%s,%s''',
                        was.n + 1, e.id, was.round, was.type, eye.round, eye.type)
from results was join households e using (id) left join by_eye eye on eye.rank = e.rank
where (was.round, was.type) is distinct from (coalesce(eye.round, ''), coalesce(eye.type, ''))
order by was.n limit 1;
select pg_temp.say('by-eye', concat(count(*), ' households are below a cut-off, all others not'))
from by_eye;

insert into wrong (step, what)
select 'awards', format('results.csv line %s: %s has ''%s,%s'', the rules give it ''%s,%s''',
                        was.n + 1, id, was.round, was.type, must.round, must.type)
from results_must must join results was using (id)
where (was.round, was.type) is distinct from (must.round, must.type)
order by was.n limit 1;
select pg_temp.say('awards', concat(count(*), ' households are housed, computed anew')) from held;

insert into wrong (step, what)
select 'homes', format('results.csv line %s: %s has home ''%s'', by home order it is ''%s''',
                       was.n + 1, id, was.home, must.home)
from results_must must join results was using (id)
where was.home <> must.home
order by was.n limit 1;
select pg_temp.say('homes', concat(count(*), ' homes, given in home order')) from homes;

insert into wrong (step, what)
select 'turns', format('results.csv line %s: %s has turn ''%s'', it is ''%s''',
                       was.n + 1, id, was.turn, must.turn)
from results_must must join results was using (id)
where was.turn <> must.turn
order by was.n limit 1;
select pg_temp.say('turns', concat(count(*), ' turns')) from results_must where turn <> '';

insert into wrong (step, what)
select 'standbys', format('results.csv line %s: %s has standby ''%s'', it is ''%s''',
                          was.n + 1, id, was.standby, must.standby)
from results_must must join results was using (id)
where was.standby <> must.standby
order by was.n limit 1;
select pg_temp.say('standbys', concat(count(*), ' standbys')) from results_must where standby <> '';

-- ---- 7. The verdict ---------------------------------------------------------------------------

select coalesce((select 'verdict: false at ' || step from wrong order by n limit 1),
                'verdict: good');
do $$ begin
    if exists (select from wrong) then
        raise exception 'the draw in this folder is not what its seed and its roll give';
    end if;
end $$;
