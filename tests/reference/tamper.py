"""tamper.py - bundles that are false, and where: for selftest.py and compare.py.

Two kinds. A *stain* changes the published files of a bundle as anybody with a disk could. A
*forgery* changes a draw before it is signed, so that everything around the lie is consistent: log,
checkpoints and cosignatures are made anew, as an operator with all keys could. FIXED is a list of
both, each with the step of `verify` that has to name it; random_stain and random_forgery are
endless, and only a comparison of two verifiers can judge them.
"""
import re

import mkbundle
import verify

# ---- the tools of a forger -------------------------------------------------------------------


def find(draw, pattern, which=0):
    """Index of a leaf whose text matches; which counts the matches."""
    found = [i for i, leaf in enumerate(draw.leaves) if re.match(pattern, leaf)]
    return found[which]


def insert(draw, at, leaf):
    draw.leaves.insert(at, leaf)
    draw.shown = [(size + (size > at), times) for size, times in draw.shown]
    draw.freeze_size += draw.freeze_size > at


def remove(draw, at):
    del draw.leaves[at]
    draw.shown = [(size - (size > at), times) for size, times in draw.shown]
    draw.freeze_size -= draw.freeze_size > at


def time_of(draw, at):
    return draw.leaves[at].rsplit(" ", 1)[1]


def values(draw, at, **new):
    """Changes values of a leaf by their place: v1 is the first behind the word."""
    words = draw.leaves[at].split(" ")
    for name, value in new.items():
        words[int(name[1:])] = value
    draw.leaves[at] = " ".join(words)


def cut(draw, at):
    """The log ends before this leaf, at a checkpoint that is shown."""
    del draw.leaves[at:]
    draw.shown = [item for item in draw.shown if item[0] <= at]
    draw.show()


def refile(draw, name, data):
    """Puts other bytes in a file of the roll or the results, and its leaves into the log."""
    word = {"homes.csv": "home", "entries.csv": "entry", "refusals.csv": "refusal",
            "received.csv": "received", "cutoffs.csv": "cutoff", "results.csv": "result"}.get(name)
    at = find(draw, f"file {name} ")
    for _ in range(1 + int(draw.leaves[at].rsplit(" ", 1)[1])):
        remove(draw, at)
    draw.files[name] = data
    lines = draw.rows(name) if word else []
    rows = [f"{word} {line}" for line in lines]
    for leaf in reversed([f"file {name} {draw.H(data)} {len(lines)}"] + rows):
        insert(draw, at, leaf)


def reseed(draw):
    """After a forged roll or ceremony: seed.txt, results and the log behind it, as they follow."""
    at = find(draw, "seed ")
    time = draw.leaves[at:]
    times = [t.rsplit(" ", 1)[1] for t in time if t.split(" ")[0] in ("seed", "journal", "finish")]
    cut(draw, at)
    draw.shown.pop()
    draw.r, draw.k = verify.rules_of(draw.files["rules.json"])
    for name in ("seed.txt", "cutoffs.csv", "results.csv"):
        draw.files.pop(name, None)
    draw.seed()
    if len(times) > 1:
        draw.finish()


def lines_of(data):
    return data.split(b"\n")[:-1]


def joined(lines):
    return b"".join(line + b"\n" for line in lines)


def pulse_names(files):
    """The pulses of a bundle, the earlier one first."""
    return sorted(name for name in files if re.fullmatch(r"pulses/.*\.json", name))


# ---- the fixed list: (name, case, stop, kind, change, step) -----------------------------------

FIXED = []
TURN = 1  # sha256, turns, three witnesses; homes chosen, waived and passed on
FULL = 2333  # sha256, home, two witnesses, a pulse and the one before it, two voids, awards


def forgery(step, case=FULL, stop="after"):
    def keep(change):
        FIXED.append((change.__name__, case, stop, "forgery", change, step))
        return change
    return keep


def stain(step, case=FULL, stop="after"):
    def keep(change):
        FIXED.append((change.__name__, case, stop, "stain", change, step))
        return change
    return keep


@stain("rules")
def rules_with_a_key_twice(files):
    files["rules.json"] = files["rules.json"].replace(b'"award"', b'"award": "turn", "award"', 1)


@stain("rules")
def rules_with_a_carriage_return(files):
    files["rules.json"] = files["rules.json"].replace(b"\n", b"\r\n")


@stain("rules")
def rules_without_last_line_feed(files):
    files["rules.json"] = files["rules.json"][:-1]


@stain("rules")
def rules_with_a_hidden_escape(files):
    files["rules.json"] = files["rules.json"].replace(b'"en": "', b'"en": "\\u200b', 1)


@stain("rules")
def rules_with_minus_zero(files):
    files["rules.json"] = re.sub(rb'"standby": [^,]+', b'"standby": -0', files["rules.json"])


@stain("rules")
def rules_removed(files):
    del files["rules.json"]


@stain("leaves")
def rules_with_another_title(files):
    files["rules.json"] = files["rules.json"].replace(b'"en": "draw', b'"en": "Draw', 1)


@stain("roll")
def entry_dropped(files):
    lines = files["entries.csv"].split(b"\n")
    del lines[3]
    files["entries.csv"] = b"\n".join(lines)


@stain("roll")
def entries_swapped(files):
    lines = files["entries.csv"].split(b"\n")
    lines[2], lines[3] = lines[3], lines[2]
    files["entries.csv"] = b"\n".join(lines)


@stain("roll")
def home_doubled(files):
    lines = files["homes.csv"].split(b"\n")
    lines.insert(2, lines[2])
    files["homes.csv"] = b"\n".join(lines)


@stain("leaves")
def home_with_another_price(files):
    lines = files["homes.csv"].split(b"\n")
    fields = lines[1].split(b",")
    fields[3] = b"1"
    lines[1] = b",".join(fields)
    files["homes.csv"] = b"\n".join(lines)


@stain("log")
def tile_byte_flipped(files):
    path = [name for name in sorted(files) if name.startswith("log/tile/0/")][-1]
    files[path] = files[path][:5] + bytes([files[path][5] ^ 1]) + files[path][6:]


@stain("log")
def keys_without_witness(files):
    files["log/keys"] = files["log/keys"].split(b"\n")[0] + b"\n"


@stain("log")
def checkpoint_signed_by_nobody(files):
    note = files["log/checkpoint"]
    files["log/checkpoint"] = re.sub("\u2014 .*\n".encode(), b"", note, count=1)


@stain("log")
def checkpoint_with_another_size(files):
    lines = files["log/checkpoint"].split(b"\n")
    lines[1] = str(int(lines[1]) - 1).encode()
    files["log/checkpoint"] = b"\n".join(lines)


@stain("witnesses")
def cosignature_removed(files):
    note = files["log/checkpoint.freeze"]
    files["log/checkpoint.freeze"] = re.sub("\u2014 witness-0.*\n".encode(), b"", note)


@stain("witnesses")
def cosignature_with_another_time(files):
    name = "log/checkpoint.freeze"
    line = re.search("\u2014 witness-1.example/w ([^\n]+)".encode(), files[name]).group(1)
    blob = bytearray(mkbundle.base64.b64decode(line))
    blob[11] ^= 1
    files[name] = files[name].replace(line, mkbundle.b64(bytes(blob)).encode())


@stain("seen")
def freeze_of_another_day(files):
    files["log/checkpoint.freeze"] = files["log/checkpoint"]


@stain("seen")
def old_tile_removed(files):
    freeze = int(files["log/checkpoint.freeze"].split(b"\n")[1])
    del files[f"log/tile/0/{freeze // 256:03d}.p/{freeze % 256}"]


@stain("ceremony")
def pulse_digit_flipped(files):
    name = pulse_names(files)[0]
    at = files[name].index(b'"localRandomValue": "') + 30
    files[name] = files[name][:at] + (b"A" if files[name][at:at + 1] != b"A" else b"B") \
        + files[name][at + 1:]


@stain("ceremony")
def pulse_before_removed(files):
    del files[pulse_names(files)[0]]


@stain("ceremony")
def certificate_of_another(files):
    name = [name for name in files if name.endswith(".pem")][0]
    files[name] = files[name].replace(b"A", b"B", 1)


@stain("seed")
def seed_text_with_another_die(files):
    files["seed.txt"] = re.sub(rb"dice (.)", lambda m: b"dice " + (
        b"1" if m.group(1) != b"1" else b"2"), files["seed.txt"])


@stain("seed")
def seed_text_removed(files):
    del files["seed.txt"]


@stain("leaves")
def result_swapped_with_its_neighbour(files):
    lines = files["results.csv"].split(b"\n")
    lines[1], lines[2] = lines[2], lines[1]
    files["results.csv"] = b"\n".join(lines)


@stain("leaves", stop="freeze")
def results_before_their_time(files):
    files["results.csv"] = b"rank,id,chance,ticket,round,type,home,turn,standby\n"


@stain("seed", stop="freeze")
def seed_before_its_time(files):
    files["seed.txt"] = b"mingqian seed 1\n"


@forgery("rules")
def live_draw_with_one_party(draw):
    rules = dict(draw.rules, parties=draw.rules["parties"][:1])
    refile(draw, "rules.json", (mkbundle.json.dumps(rules) + "\n").encode())


@forgery("roll")
def entry_taken_out_and_forgotten(draw):
    refile(draw, "entries.csv", joined(lines_of(draw.files["entries.csv"])[:-1]))


@forgery("roll")
def intake_with_a_gap(draw):
    lines = lines_of(draw.files["received.csv"])
    fields = lines[-1].split(b",")
    fields[1] = str(int(fields[1]) + 1).encode()
    refile(draw, "received.csv", joined(lines[:-1] + [b",".join(fields)]))


@forgery("leaves")
def entry_leaf_of_another_household(draw):
    at = find(draw, "entry ")
    draw.leaves[at], draw.leaves[at + 1] = draw.leaves[at + 1], draw.leaves[at]


@forgery("leaves")
def time_that_falls(draw):
    values(draw, find(draw, "dice "), v2="2026-08-01T00:00:00Z")


@forgery("leaves")
def journal_dated_before_the_seed(draw):
    values(draw, find(draw, "journal ", 1), v3="2026-08-01T05:00:00Z")


@forgery("leaves")
def finish_dated_before_the_journal(draw):
    values(draw, find(draw, "finish "), v1=time_of(draw, find(draw, "seed ")))


@forgery("leaves")
def leaf_of_no_known_word(draw):
    at = find(draw, "seed ")
    insert(draw, at, f"remark nothing {time_of(draw, at)}")


@forgery("leaves")
def log_that_stops_in_the_results(draw):
    cut(draw, find(draw, "result ") + 1)


@forgery("leaves")
def take_before_the_finish(draw):
    at = find(draw, "finish ")
    insert(draw, at, f"take {'A' * 16} 1 {time_of(draw, at)}")


@forgery("witnesses")
def finish_that_nobody_countersigned(draw):
    draw.shown = [(size, times if size != find(draw, "finish ") + 1 else [])
                  for size, times in draw.shown]


@forgery("witnesses")
def commits_that_nobody_countersigned(draw):
    draw.shown = [(size, times if size != find(draw, "dice ") else [])
                  for size, times in draw.shown]


@forgery("witnesses")
def reveals_that_nobody_countersigned(draw):
    draw.shown = [(size, times if size != find(draw, "public ") else [])
                  for size, times in draw.shown]


@forgery("witnesses", stop="freeze")
def freeze_not_yet_countersigned(draw):
    draw.shown = [(size, times[:1]) for size, times in draw.shown]


@forgery("ceremony")
def void_after_the_dice(draw):
    at = find(draw, "dice ") + 1
    insert(draw, at, f"void {draw.rules['void'][0]['ground']} {time_of(draw, at)}")


@forgery("ceremony")
def void_unopened_before_the_dice(draw):
    at = find(draw, "dice ")
    insert(draw, at, f"void unopened {time_of(draw, at)}")


@forgery("ceremony")
def end_by_a_ground_after_the_dice(draw):
    at = find(draw, "dice ") + 1
    cut(draw, at)
    draw.leaf(f"end {draw.rules['void'][0]['ground']}")
    for name in ("seed.txt", "cutoffs.csv", "results.csv"):
        del draw.files[name]


@forgery("ceremony")
def leaf_behind_the_end(draw):
    draw.leaf("end order")
    draw.leaf("end order")


@forgery("ceremony")
def attempt_number_skipped(draw):
    values(draw, find(draw, "attempt "), v1="2")


@forgery("ceremony")
def software_left_out(draw):
    remove(draw, find(draw, "software "))


@forgery("ceremony")
def commit_that_stood_before(draw):
    at = find(draw, "commit ", 1)
    values(draw, at, v2=draw.leaves[at - 1].split(" ")[2])


@forgery("ceremony")
def reveal_of_another_secret(draw):
    values(draw, find(draw, "reveal "), v2="0" * 64)


@forgery("ceremony")
def die_too_few(draw):
    at = find(draw, "dice ")
    values(draw, at, v1=draw.leaves[at].split(" ")[1][1:])


@forgery("ceremony")
def die_with_seven_faces(draw):
    values(draw, find(draw, "dice "), v1="7" * draw.rules["dice"]["throws"] if
           draw.rules["dice"]["faces"] == 6 else "A" * draw.rules["dice"]["throws"])


@forgery("ceremony")
def public_value_of_another_pulse(draw):
    values(draw, find(draw, "public nist"), v3="0" * 128)


@forgery("seed")
def seed_of_somebody(draw):
    values(draw, find(draw, "seed "), v1="0" * 64)


@forgery("draw")
def results_of_two_swapped_equals(draw):
    lines = lines_of(draw.files["results.csv"])
    first, second = lines[1].split(b","), lines[2].split(b",")
    first[1], second[1] = second[1], first[1]
    refile(draw, "results.csv", joined([lines[0], b",".join(first), b",".join(second)] + lines[3:]))


@forgery("draw", case=53, stop="finish")
def results_of_rounds_outside(draw):
    """The allocation of a program in which the rounds come first and the types inside."""
    cutoffs, results = rounds_first(draw)
    refile(draw, "cutoffs.csv", joined(cutoffs))
    refile(draw, "results.csv", joined(results))


@forgery("draw")
def cutoff_of_another_ticket(draw):
    lines = lines_of(draw.files["cutoffs.csv"])
    lines[-1] = lines[-1].rsplit(b",", 1)[0] + b"," + b"0" * 64
    refile(draw, "cutoffs.csv", joined(lines))


@forgery("after")
def waive_of_nobody(draw):
    draw.leaf("waive 0000 own")


@forgery("after")
def award_left_out(draw):
    remove(draw, find(draw, "award "))


@forgery("after")
def award_to_another(draw):
    values(draw, find(draw, "award "), v1=draw.rows("entries.csv")[0].split(",")[0])


@forgery("after")
def award_with_the_turn_of_another(draw):
    values(draw, find(draw, "award "), v3="1")


@forgery("after")
def take_of_another_home(draw):
    at = find(draw, "take ")
    mine = draw.leaves[at].split(" ")[2]
    other = [row.split(",")[0] for row in draw.rows("homes.csv") if not row.startswith(mine + ",")]
    values(draw, at, v2=other[0])


@forgery("after")
def take_twice(draw):
    at = find(draw, "take ")
    insert(draw, at, draw.leaves[at])


@forgery("after")
def dice_behind_the_finish(draw):
    draw.leaf("dice 1")


# ---- rules and roll, value by value ------------------------------------------------------------

def rule(name, change, step="rules"):
    """A stain that changes the object in rules.json."""
    def apply_to(files):
        r = mkbundle.json.loads(files["rules.json"])
        change(r)
        files["rules.json"] = (mkbundle.json.dumps(r, ensure_ascii=False) + "\n").encode()
    FIXED.append((name, FULL, "after", "stain", apply_to, step))


def put(*path):
    """Puts the last of the path into the object at the others."""
    def change(r):
        *way, key, value = path
        for step in way:
            r = r[step]
        r[key] = value
    return change


KEY = mkbundle.Key(b"\5" * 32)
rule("rules_of_another_protocol", put("protocol", 2))
rule("chances_past_99", put("chances_max", 100))
rule("dice_of_seven_faces", put("dice", "faces", 7))
rule("dice_too_few_for_a_live_draw", put("dice", {"faces": 10, "throws": 38}))
rule("language_of_one_letter", put("title", {"z": "x"}))
rule("source_on_a_day_that_is_none", put("public", 0, "time", "2026-02-30T00:00:00Z"))
rule("round_for_no_queue", put("rounds", 0, "queues", ["Q9"]))
rule("more_than_64_tags", put("rounds", [{"round": f"r{i}", "title": {"en": "r"}, "tags": [
    f"t{i}-{j}" for j in range(33)]} for i in range(2)]))
rule("live_draw_without_parties", put("parties", []))
rule("ground_with_a_meaning_of_its_own", put("void", [{"ground": "order", "title": {"en": "x"}}]))
rule("key_that_is_not_base64", put("intakes", 0, "key", "w+00000000+A==="))
rule("key_with_a_blank_in_its_name", put("intakes", 0, "key", KEY.verifier("w 1", 1)))
rule("key_of_an_unknown_type", put("intakes", 0, "key", KEY.verifier("w", 9)))
rule("key_of_a_witness_for_an_intake", put("intakes", 0, "key", KEY.verifier("w", 4)))
rule("key_with_another_id", put("intakes", 0, "key", KEY.verifier("w", 1).replace("+", "+0", 1)
                                .replace(KEY.id("w", 1).hex()[-1] + "+", "+", 1)))
rule("log_of_another_name", put("log", 0, KEY.verifier("x", 1)))
rule("second_log_key_of_type_1", lambda r: r["log"].append(KEY.verifier(
    f"{r['origin']}/{r['draw']}", 1)))


@stain("rules")
def rules_of_more_than_a_mebibyte(files):
    files["rules.json"] = b" " * (1 << 20) + files["rules.json"]


@stain("roll")
def folder_in_the_place_of_a_file(files):
    files["homes.csv/x"] = files.pop("homes.csv")


@stain("roll")
def tags_that_are_not_sorted(files):
    files["homes.csv"] = re.sub(rb"(7-\d+,\w+,[\d.]+,\d+),[^,]*,", rb"\1,quiet ground,",
                                files["homes.csv"], count=1)


@stain("roll")
def place_of_201_bytes(files):
    files["homes.csv"] = re.sub(rb",[^,\n]*\n$", b"," + b"x" * 201 + b"\n", files["homes.csv"])


@stain("roll")
def applicant_admitted_and_refused(files):
    line = lines_of(files["entries.csv"])[1].split(b",")
    files["refusals.csv"] = b"id,reason,commit\n" + line[0] + b",INCOME," + line[5] + b"\n"


@stain("roll")
def applicant_never_received(files):
    files["received.csv"] = joined(lines_of(files["received.csv"])[:-1])


# ---- seed.txt line by line; recompute refuses them too -----------------------------------------

def seed_line(name, pattern, new):
    def apply_to(files):
        changed = re.sub(pattern, new, files["seed.txt"], count=1, flags=re.M)
        assert changed != files["seed.txt"]
        files["seed.txt"] = changed
    FIXED.append((name, FULL, "after", "stain", apply_to, "seed"))


seed_line("seed_text_without_dice", rb"^dice .*\n", b"")
seed_line("seed_text_of_attempt_0", rb"^attempt .*", b"attempt 0")
seed_line("seed_text_with_a_size_that_is_none", rb"^log (\d+)", rb"log 0\1")
seed_line("seed_text_with_a_short_root", rb"^(log \d+) .*", rb"\1 AAAA")
seed_line("seed_text_with_two_parties_swapped", rb"^(commit.*\n)(commit.*\n)", rb"\2\1")
seed_line("seed_text_with_a_commit_twice", rb"^(commit \S+) (\S+)\n(commit \S+) .*",
          rb"\1 \2\n\3 \2")
seed_line("seed_text_with_a_secret_of_another", rb"^(reveal \S+) .*", rb"\1 " + b"0" * 64)
seed_line("seed_text_with_a_letter_for_a_die", rb"^dice .", b"dice x")
seed_line("seed_text_with_a_digit_too_many", rb"^(public text .*)", rb"\g<1>0")
seed_line("seed_text_with_a_line_too_many", rb"\Z", b"public text x 1\n")


# ---- checkpoints -------------------------------------------------------------------------------

@stain("log")
def checkpoint_with_a_short_signature_line(files):
    files["log/checkpoint"] += "\u2014 somebody AAAA\n".encode()


@stain("log")
def checkpoint_with_a_leading_zero(files):
    files["log/checkpoint"] = files["log/checkpoint"].replace(b"\n", b"\n0", 1)


@stain("log")
def checkpoint_with_a_short_root(files):
    lines = files["log/checkpoint"].split(b"\n")
    lines[2] = b"AAAA"
    files["log/checkpoint"] = b"\n".join(lines)


@stain("log")
def checkpoint_with_an_extension_line(files):
    files["log/checkpoint"] = files["log/checkpoint"].replace(b"\n\n", b"\nmore\n\n", 1)


@stain("log")
def checkpoint_with_a_line_twice(files):
    lines = files["log/checkpoint"].split(b"\n")
    files["log/checkpoint"] = b"\n".join(lines[:5] + lines[4:])


@stain("seen")
def shown_checkpoint_under_another_size(files):
    name = next(name for name in sorted(files) if name.startswith("log/seen/"))
    files["log/seen/1"] = files.pop(name)


@forgery("log")
def head_with_another_root(draw):
    good = draw.checkpoint

    def checkpoint(tree, size, times):
        if size != len(draw.leaves):
            return good(tree, size, times)
        text = f"{draw.log_name}\n{size}\n{mkbundle.b64(bytes(32))}\n".encode()
        return text + b"\n" + draw.log_key.line(draw.log_name, text)
    draw.checkpoint = checkpoint


@forgery("seen")
def shown_checkpoint_larger_than_the_head(draw):
    draw.leaves.append("end order 2027-01-01T00:00:00Z")
    size = len(draw.leaves)
    draw.files[f"log/seen/{size}"] = draw.checkpoint(draw.tree(), size, [])
    draw.leaves.pop()


# ---- pulses that were signed, and yet are not the ones to take ---------------------------------

def repulse(draw, which=0, link=True, **changes):
    """Signs a pulse (0) or the one before it (1) anew after changes, and draws again with it."""
    pulses = [dict(p) for p, _ in draw.pulses]

    def sign(p):
        p["signatureValue"] = changes.get("signatureValue") or mkbundle.rsa_sign(
            verify.pulse_bytes(p)).hex()
        p["outputValue"] = mkbundle.hashlib.sha512(
            verify.pulse_bytes(p) + bytes.fromhex(p["signatureValue"])).hexdigest()
    pulses[which].update(changes)
    sign(pulses[which])
    if which == 1 and link:
        pulses[0]["listValues"] = [dict(pulses[0]["listValues"][0], value=pulses[1]["outputValue"])
                                   ] + pulses[0]["listValues"][1:]
        sign(pulses[0])
    for p in pulses:
        name = f"pulses/{p['chainIndex']}-{p['pulseIndex']}.json"
        draw.files[name] = mkbundle.json.dumps({"pulse": p}).encode()
    at, value = find(draw, "public nist"), pulses[0]["outputValue"]
    values(draw, at, v3=value)
    draw.now.public = [(s, ref, value if s == "nist-2.0" else v) for s, ref, v in draw.now.public]
    reseed(draw)


def false_pulse(name, *arguments, **changes):
    FIXED.append((name, FULL, "finish", "forgery",
                  lambda draw: repulse(draw, *arguments, **changes), "ceremony"))


false_pulse("pulse_with_a_status", statusCode=1)
false_pulse("pulse_before_its_time", timeStamp="2026-08-31T00:00:00.000Z")
false_pulse("pulse_of_a_day_that_is_none", timeStamp="2026-09-31T00:00:00.000Z")
false_pulse("pulse_with_a_signature_of_nobody", signatureValue="00" * 256)
false_pulse("pulse_of_an_unknown_suite", cipherSuite=1)
false_pulse("pulse_after_another_one", 1, False, timeStamp="2026-08-31T19:01:00.000Z")
false_pulse("pulse_whose_random_value_was_not_committed", 1, precommitmentValue="00" * 64)
false_pulse("pulse_after_one_that_was_early_enough", 1, timeStamp="2026-08-31T19:02:59.999Z")


@stain("ceremony")
def pulse_of_another_number(files):
    before, name = pulse_names(files)
    files[name] = files[before]


@stain("ceremony")
def pulse_with_a_list_in_another_order(files):
    name = pulse_names(files)[1]
    p = mkbundle.json.loads(files[name])
    p["pulse"]["listValues"].reverse()
    files[name] = mkbundle.json.dumps(p).encode()


@stain("ceremony")
def pulse_of_more_than_64_kib(files):
    name = pulse_names(files)[1]
    files[name] += b" " * 65536


@stain("ceremony")
def certificate_of_another_number(files):
    name = [name for name in files if name.endswith(".pem")][0]
    data = mkbundle.base64.b64decode(b"".join(files[name].split(b"\n")[1:-2]))
    files[name] = mkbundle.pem(data.replace(b"\2\1\7", b"\2\1\10", 1))


@stain("ceremony")
def certificate_of_more_than_64_kib(files):
    name = [name for name in files if name.endswith(".pem")][0]
    files[name] += b"x" * 65536


# ---- what stands in the wrong place, or is one too few -----------------------------------------

@forgery("draw")
def cutoffs_with_a_row_too_few(draw):
    refile(draw, "cutoffs.csv", joined(lines_of(draw.files["cutoffs.csv"])[:-1]))


@forgery("draw")
def results_with_a_row_too_many(draw):
    lines = lines_of(draw.files["results.csv"])
    refile(draw, "results.csv", joined(lines + lines[-1:]))


@forgery("ceremony", stop="seed")
def leaf_behind_the_seed(draw):
    draw.leaf("dice 1")


@forgery("after")
def checkpoint_between_waive_and_award(draw):
    draw.shown.insert(0, (find(draw, "award "), []))


@forgery("after")
def log_that_stops_behind_a_waive(draw):
    cut(draw, find(draw, "award "))


@forgery("after")
def waivers_out_of_rank(draw):
    rows = [line.split(",")[1] for line in draw.rows("results.csv")]
    gone = {leaf.split(" ")[1] for leaf in draw.leaves if leaf.startswith("waive ")}
    held = {leaf.split(" ")[1] for leaf in draw.leaves if leaf.startswith("award ")}
    standbys = [line.split(",")[1] for line in draw.rows("results.csv") if line.split(",")[8]]
    left = [id_ for id_ in rows if id_ in standbys and id_ not in gone | held]
    draw.leaf(f"waive {left[1]} own")
    draw.leaf(f"waive {left[0]} own")


def turned(step="after"):
    """A draw that gives turns, with a household that chose a home and another that may."""
    return forgery(step, case=TURN)


@turned()
def home_chosen_twice(draw):
    first = draw.leaves[find(draw, "take ")].split(" ")
    second = next(line.split(",") for line in draw.rows("results.csv")
                  if line.split(",")[4] and line.split(",")[1] not in " ".join(draw.leaves[
                      find(draw, "finish "):]))
    draw.leaf(f"take {second[1]} {first[2]}")


@turned()
def home_of_another_type(draw):
    at = find(draw, "take ")
    homes = {row.split(",")[0]: row.split(",")[1] for row in draw.rows("homes.csv")}
    mine = homes[draw.leaves[at].split(" ")[2]]
    values(draw, at, v2=next(home for home in homes if homes[home] != mine))


@turned()
def home_that_is_none(draw):
    values(draw, find(draw, "take "), v2="0-0")


@turned()
def award_with_a_home_for_a_turn(draw):
    values(draw, find(draw, "award "), v2=draw.rows("homes.csv")[0].split(",")[0])


def rounds_first(draw):
    """Each round in turn gives every household still without a home the first type it can."""
    r, rows = draw.r, {row[0]: row for row in draw.roll.entries.rows}
    fits = {t["type"]: range(t["persons"][0], t["persons"][1] + 1) for t in r["types"]}
    results = [line.split(",") for line in draw.files["results.csv"].decode().split("\n")[1:-1]]
    homes = sorted((draw.H(f"{draw.seed_hex}:home:{row[0]}:1".encode()), row)
                   for row in draw.roll.homes.rows)
    free, got = [row for _, row in homes], {}
    for item in r["rounds"]:
        left = {t: item.get("quota", {}).get(t, 0) if "quota" in item else 10**9 for t in fits}
        for line in results:
            row = rows[line[1]]
            if line[1] in got or "queues" in item and not set(item["queues"]) & set(row[1].split()):
                continue
            for type_ in row[4].split(" "):
                home = next((h for h in free if h[1] == type_ and (
                    "tags" not in item or set(item["tags"]) & set(h[2].split()))), None)
                if int(row[2]) in fits[type_] and home and left[type_] > 0:
                    free.remove(home)
                    left[type_] -= 1
                    got[line[1]] = (item["round"], type_, home[0])
                    break
    order = [item["round"] for item in r["rounds"]]
    turns = sorted((order.index(got[line[1]][0]), int(line[0])) for line in results
                   if line[1] in got)
    turn = {rank: number for number, (_, rank) in enumerate(turns, 1)}
    standby, out = 0, [b"rank,id,chance,ticket,round,type,home,turn,standby"]
    for line in results:
        if line[1] in got:
            round_, type_, home = got[line[1]]
            home = home if r["award"] == "home" else ""
            tail = [round_, type_, home, str(turn[int(line[0])]), ""]
        else:
            standby += 1
            limit = len(results) if r["standby"] == "all" else r["standby"]
            tail = ["", "", "", "", str(standby) if standby <= limit else ""]
        out.append(",".join(line[:4] + tail).encode())
    assert joined(out) != draw.files["results.csv"], "this case cannot tell the two apart"
    cutoffs = draw.files["cutoffs.csv"].split(b"\n")[:-1]
    return cutoffs, out


def apply(kind, change, draw):
    """The files of a bundle with one change of the fixed list."""
    if kind == "forgery":
        change(draw)
    files = draw.bundle()
    if kind == "stain":
        change(files)
    return files


# ---- endless ones ----------------------------------------------------------------------------

def random_stain(rng, files):
    """Changes one published file at random; says what it did."""
    name = rng.choice(sorted(files))
    data = files[name]
    kind = rng.choice(["flip", "flip", "flip", "drop", "double", "swap", "remove", "cut", "add"])
    lines = data.split(b"\n")
    at = rng.randrange(len(lines))
    if kind == "flip" and data:
        at = rng.randrange(len(data))
        files[name] = data[:at] + bytes([data[at] ^ 1 << rng.randrange(8)]) + data[at + 1:]
    elif kind == "drop":
        files[name] = b"\n".join(lines[:at] + lines[at + 1:])
    elif kind == "double":
        files[name] = b"\n".join(lines[:at] + [lines[at]] + lines[at:])
    elif kind == "swap" and at + 1 < len(lines):
        lines[at], lines[at + 1] = lines[at + 1], lines[at]
        files[name] = b"\n".join(lines)
    elif kind == "remove":
        del files[name]
    elif kind == "cut":
        at = rng.randrange(len(data) + 1)
        files[name] = data[:at]
    else:
        kind, at = "add", rng.randrange(len(data) + 1)
        files[name] = data[:at] + bytes([rng.randrange(256)]) + data[at:]
    return f"{kind} {name} at {at}"


ODD = ["", " ", "0", "-0", "00", "1", "01", "21", "1e3", "1.", "999999999", "1000000000", "x y",
       "x  y", "a" * 25, "a" * 1025, "A-1", "-A", "Q1", "Q1 Q1", "2B", "é", "\u200b", "\u0000",
       "REHEARSAL-X", "2026-02-29T00:00:00Z", "2026-12-31T23:59:60Z", "1969-12-31T23:59:59Z",
       "f" * 64, "F" * 64, "all", "order", "unopened", '"']


def nodes(value, path=()):
    """The path of every value in a JSON document."""
    yield path
    items = value.items() if isinstance(value, dict) else \
        enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield from nodes(item, path + (key,))


def random_value(rng, files):
    """Puts an odd value into rules.json or into a field of a CSV file; says what it did."""
    if rng.random() < 0.5:
        rules = mkbundle.json.loads(files["rules.json"])
        path = rng.choice([path for path in nodes(rules) if path])
        place = rules
        for key in path[:-1]:
            place = place[key]
        odd = rng.choice([None, True, -1, 0, 1, 2, 7, 99, 100, 10**9, 1.5, [], {}, [1], *ODD])
        kind = rng.choice(["put", "put", "drop", "add", "again"])
        if kind == "drop":
            del place[path[-1]]
        elif kind == "add" and isinstance(place, dict):
            place[rng.choice(["x", "quota", "tags", "queues", "earlier"])] = odd
        elif kind == "again" and isinstance(place, list):
            place.append(place[path[-1]])
        else:
            place[path[-1]] = odd
        files["rules.json"] = (mkbundle.json.dumps(rules) + "\n").encode()
        return f"{kind} {odd!r} at {path}"
    name = rng.choice(["homes.csv", "entries.csv", "refusals.csv", "received.csv"])
    lines = files[name].decode().split("\n")
    at = rng.randrange(len(lines) - 1)
    fields = lines[at].split(",")
    column, odd = rng.randrange(len(fields)), rng.choice(ODD)
    fields[column] = odd
    lines[at] = ",".join(fields)
    files[name] = "\n".join(lines).encode()
    return f"{name} line {at + 1} column {column + 1} is {odd!r}"


def random_forgery(rng, draw):
    """Changes one leaf at or behind the freeze at random and lets everything be signed anew."""
    leaves, first = draw.leaves, draw.freeze_size - 1
    at = rng.randrange(first, len(leaves))
    kind = rng.choice(["drop", "double", "swap", "value", "value", "value", "word", "insert",
                       "insert", "cut", "cosignature"])
    words = leaves[at].split(" ")
    if kind == "drop":
        remove(draw, at)
    elif kind == "double":
        insert(draw, at, leaves[at])
    elif kind == "swap" and at + 1 < len(leaves):
        leaves[at], leaves[at + 1] = leaves[at + 1], leaves[at]
    elif kind == "value" and len(words) > 1:
        place = rng.randrange(1, len(words))
        others = [leaf.split(" ") for leaf in leaves[first:]]
        pool = [w[place] for w in others if len(w) > place] + ["", "0", "1", "-", "order", "own",
                                                              "unopened", "x", "0" * 64]
        words[place] = rng.choice(pool)
        leaves[at] = " ".join(words)
    elif kind == "word":
        words[0] = rng.choice(sorted(verify.VALUES))
        leaves[at] = " ".join(words)
    elif kind == "cut" and at > first:
        cut(draw, at)
    elif kind == "cosignature":
        which = rng.randrange(len(draw.shown))
        draw.shown[which] = (draw.shown[which][0], draw.shown[which][1][:-1])
    else:
        kind = "insert"
        ids = [row.split(",")[0] for row in draw.rows("entries.csv")] + ["0000"]
        homes = [row.split(",")[0] for row in draw.rows("homes.csv")] + ["1-1"]
        grounds = [g["ground"] for g in draw.rules["void"]] + ["order", "unopened", "x"]
        id_, home, ground = rng.choice(ids), rng.choice(homes), rng.choice(grounds)
        leaf = rng.choice([
            f"void {ground}", f"end {ground}", f"attempt {rng.randint(1, 3)}", f"take {id_} {home}",
            f"waive {id_} {rng.choice(['own', 'absent', 'x'])}",
            f"award {id_} {rng.choice([home, '-'])} {rng.randint(1, 9)}",
            f"software 1 {'0' * 64}", f"seed {'0' * 64}", "finish", "freeze"])
        insert(draw, at + 1, f"{leaf} {leaves[at].rsplit(' ', 1)[1]}")
    return f"{kind} leaf {at}"
