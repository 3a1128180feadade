#!/usr/bin/env python3
"""mkbundle.py - makes complete valid bundles out of a number, to test verifiers against.

    python3 mkbundle.py --case N DIR     the bundle of case N, a new folder DIR
    python3 mkbundle.py --list COUNT     one line a case: what is in it
    python3 mkbundle.py --large N DIR    a finished draw of N entries, one chance each, N/40 homes

The same N gives the same bytes on every machine. With it a test can also forge: class Draw
keeps the signing keys, and write() signs whatever files, leaves and checkpoints it is left with.
Tickets, allocation and the seed's text come from verify.py, which the known draws in
tests/vectors hold to the protocol; log, ceremony and what follows the draw are written here
on their own. All keys are made of the number: never use one.
"""
import base64
import calendar
import functools
import hashlib
import json
import os
import random
import sys
import time
from types import SimpleNamespace

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import verify  # noqa: E402  (its own folder first)

CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
BASE_TIME = calendar.timegm((2026, 8, 1, 1, 0, 0))
NIST_TIME = calendar.timegm((2026, 8, 31, 19, 3, 0))
NIST_DIR = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "vectors", "nist")
# A test key for pulses of our own, so that a pulse and the one before it can be made.
RSA_N = int("""
8BEC119AF350B5F394080F0AA5FA4A936CE868C31458399E196DFDBD009F414EC44B33E9832B70071C76B433B8F7FE0A
430AD0C1C8A1870979CFDEC7992E1C5801FCD0DF8CD821EC836895A92D0D7B8A310F0D2F0D2EA7E7DB19E3D65EA80BC6
319E752C0E5D5250C29B9C191044B3C1024443820477B9B5102C82F498CF7A3F00C35196E8BB9879EE273AC9295F2C7B
0D2B612D0DFADCD3A70EFC3F4A5C584815698CD2726767F220E56A19764AA43800DA2DDBB67A603E1FD93C74EA8C72C4
14D88E7668CFE51104DB3C1514BC9F4EDF61EB79812BEB06FD11FA167A12E5D717CF782851980D99240B0C3730C5F1AE
694B42371A6B24741CC330030151C8CF""".replace("\n", ""), 16)
RSA_D = int("""
021FE3F48B3FED26E701DA189DF657671A1B59BF6E556DF1A663DD9B57BDBDF973C275E5FF221A28EC262A28F98F5C33
B021CDE8C6E9C5DB94C108288099994E5B04097EFF087CA99A41A59CFF1C5A2FDDA6D54CDBD17E6DD90D6324405E5BF6
851D05F2714E488F7796C7F4E25BAFCF0B55C43D17619BC998EBF08BC559C841D43A094144AF4857252A1991BD2F8123
87698C7C95716D099E9364B1E6A72FD802C77A2F18A7D6D8BFD58BD8F22FF78106195CE67DA19F2101250AC388548B8E
274757089E5B6D573FB6DAACB5B27DBAF9A4E1E82511C99931FE893826C404BAC3FA09C5B498B7D912A33BB6F7F3E2FC
42791CF0AB06CAB8921BB53DC26B9121""".replace("\n", ""), 16)


def utc(seconds):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))


def b64(data):
    return base64.b64encode(data).decode()


# ---- keys and notes --------------------------------------------------------------------------

@functools.lru_cache(maxsize=None)
def key_pair(seed):
    """Scalar, prefix and public key of an Ed25519 seed (RFC 8032, 5.1.5)."""
    digest = hashlib.sha512(seed).digest()
    scalar = (int.from_bytes(digest[:32], "little") & ((1 << 254) - 8)) | 1 << 254
    return scalar, digest[32:], verify.point_pack(verify.point_times(scalar, verify.BASE))


@functools.lru_cache(maxsize=4096)
def sign(seed, message):
    """An Ed25519 signature; kept, for tests make the same bundle again and again."""
    def number(*parts):
        return int.from_bytes(hashlib.sha512(b"".join(parts)).digest(), "little") % verify.L
    scalar, prefix, public = key_pair(seed)
    r = number(prefix, message)
    point = verify.point_pack(verify.point_times(r, verify.BASE))
    return point + ((r + number(point, public, message) * scalar) % verify.L).to_bytes(32, "little")


class Key:
    """An Ed25519 key pair from 32 bytes, and the verifier keys and lines it gives."""

    def __init__(self, seed):
        self.seed, self.public = seed, key_pair(seed)[2]

    def sign(self, message):
        return sign(self.seed, message)

    def id(self, name, type_):
        data = name.encode() + b"\n" + bytes([type_]) + self.public
        return hashlib.sha256(data).digest()[:4]

    def verifier(self, name, type_):
        return f"{name}+{self.id(name, type_).hex()}+{b64(bytes([type_]) + self.public)}"

    def line(self, name, text):
        return f"\u2014 {name} {b64(self.id(name, 1) + self.sign(text))}\n".encode()

    def cosign(self, name, text, seconds):
        blob = self.id(name, 4) + seconds.to_bytes(8, "big")
        blob += self.sign(b"cosignature/v1\ntime %d\n" % seconds + text)
        return f"\u2014 {name} {b64(blob)}\n".encode()


def sm2_key(name):
    """A verifier key of type 0xff: the SM2 public key of GB/T 32918.5, and its line's id."""
    spki = bytes.fromhex(
        "3059301306072a8648ce3d020106082a811ccf5501822d0342000409f9df311e5421a150dd7d161e4bc5c6721"
        "79fad1833fc076bb08ff356f35020ccea490ce26775a52dc6ea718cc1aa600aed05fbf35e084a6632f6072da9"
        "ad13")
    data = b"\xffPKIX-SM2-SM3" + spki
    id_ = hashlib.sha256(name.encode() + b"\n" + data).digest()[:4]
    return f"{name}+{id_.hex()}+{b64(data)}", id_


# ---- pulses of our own -----------------------------------------------------------------------

def der(tag, *parts):
    body = b"".join(parts)
    size = len(body)
    if size < 128:
        return bytes([tag, size]) + body
    width = (size.bit_length() + 7) // 8
    return bytes([tag, 128 + width]) + size.to_bytes(width, "big") + body


def certificate():
    """A small self-signed X.509 certificate of the test key."""
    def integer(n):
        return der(2, n.to_bytes(n.bit_length() // 8 + 1, "big"))
    sha512_rsa = der(0x30, bytes.fromhex("06092a864886f70d01010d"), b"\5\0")
    name = der(0x30, der(0x31, der(0x30, bytes.fromhex("0603550403"), der(12, b"test beacon"))))
    spki = der(0x30, der(0x30, bytes.fromhex("06092a864886f70d010101"), b"\5\0"),
               der(3, b"\0", der(0x30, integer(RSA_N), integer(65537))))
    body = der(0x30, der(0xa0, integer(2)), integer(7), sha512_rsa, name,
               der(0x30, der(23, b"260101000000Z"), der(23, b"360101000000Z")), name, spki)
    return der(0x30, body, sha512_rsa, der(3, b"\0", rsa_sign(body)))


@functools.lru_cache(maxsize=64)
def rsa_sign(message):
    size = (RSA_N.bit_length() + 7) // 8
    info = bytes.fromhex("3051300d060960864801650304020305000440")
    info += hashlib.sha512(message).digest()
    padded = b"\0\1" + b"\xff" * (size - len(info) - 3) + b"\0" + info
    return pow(int.from_bytes(padded, "big"), RSA_D, RSA_N).to_bytes(size, "big")


def pem(data):
    text = b64(data)
    lines = [text[i:i + 64] for i in range(0, len(text), 64)]
    return "\n".join(["-----BEGIN CERTIFICATE-----"] + lines
                     + ["-----END CERTIFICATE-----", ""]).encode()


def pulse(rng, chain, index, seconds, certificate_id, before, random64, after64):
    """One pulse in the beacon's JSON; `before` is the output value of the pulse before it,
    random64 its random value and after64 that of the next pulse."""
    def hex64():
        return rng.randbytes(64).hex().upper()
    uri = f"https://beacon.test/beacon/2.0/chain/{chain}/pulse/"
    p = {"uri": f"{uri}{index}", "version": "2.0", "cipherSuite": 0, "period": 60000,
         "certificateId": certificate_id, "chainIndex": chain, "pulseIndex": index,
         "timeStamp": utc(seconds)[:-1] + ".000Z", "localRandomValue": random64.hex(),
         "external": {"sourceId": "00" * 64, "statusCode": 0, "value": "00" * 64},
         "listValues": [{"uri": f"{uri}{index - 1}", "type": kind,
                         "value": before if kind == "previous" else hex64()}
                        for kind in ("previous", "hour", "day", "month", "year")],
         "precommitmentValue": hashlib.sha512(after64).hexdigest().upper(), "statusCode": 0}
    signed = verify.pulse_bytes(p)
    signature = rsa_sign(signed)
    p["signatureValue"] = signature.hex().upper()
    p["outputValue"] = hashlib.sha512(signed + signature).hexdigest().upper()
    return p


# ---- the draw --------------------------------------------------------------------------------

class Draw:
    """One draw in the making. files, leaves and shown are what write() publishes."""

    def __init__(self, case):
        self.rng = random.Random(case)
        self.case, self.clock = case, BASE_TIME
        self.files, self.leaves, self.shown, self.features = {}, [], [], []
        self.freeze_size = 0

    # -- rules and roll

    def title(self, text):
        found = {"zh": f"{text} 号", "en": text}
        if self.rng.random() < 0.2:
            found["es"] = f"{text} é"
        return found

    def make_rules(self, **fixed):
        rng = self.rng
        live = rng.random() < 0.7
        name = f"{'' if live else 'REHEARSAL-'}CASE-{self.case}"
        origin = rng.choice(["housing.example", "a", "lot-1.example.org"])
        self.log_name = f"{origin}/{name}"
        self.log_key = Key(rng.randbytes(32))
        types = [{"type": code, "title": self.title(code), "persons": sorted(
            [rng.randint(1, 8), rng.randint(1, 8)])} for code in
            rng.sample(["S0", "1B", "2B", "3B", "4B_x"], rng.randint(1, 4))]
        queues = [{"queue": f"Q{i}", "title": self.title(f"Q{i}")}
                  for i in range(1, rng.randint(0, 3) + 1)]
        parties = rng.sample(["office", "union", "families", "press", "elders"],
                             rng.randint(2, 4) if live else rng.randint(0, 3))
        dice = {"faces": 10, "throws": 40} if rng.random() < 0.5 else {"faces": 6, "throws": 50}
        if not live and rng.random() < 0.5:
            dice["throws"] = rng.randint(1, 3)
        self.witness_keys = [(f"witness-{i}.example/w", Key(rng.randbytes(32)))
                             for i in range(rng.choice([0, 0, 1, 2, 3]))]
        intakes = rng.sample(["window-1", "window-2", "kiosk-7"], rng.randint(1, 2))
        rules = {"protocol": 1, "origin": origin, "draw": name}
        if rng.random() < 0.3:
            rules["earlier"] = [{"draw": "OLD-1", "size": rng.randint(1, 9999),
                                 "root": b64(rng.randbytes(32))}]
        rules.update({
            "title": self.title("draw"), "basis": ["第1号"] * rng.randint(0, 1),
            "units": {"area": "m2", "price": "CNY"},
            "intakes": [{"intake": code, "title": self.title(code),
                         "key": Key(rng.randbytes(32)).verifier(code, 1)} for code in intakes],
            "log": [self.log_key.verifier(self.log_name, 1)],
            "hash": rng.choice(["sha256", "sm3"]), "award": rng.choice(["home", "turn"]),
            "types": types, "queues": queues, "rounds": self.make_rounds(types, queues),
            "chances_max": rng.choice([1, 3, 12]),
            "standby": rng.choice([0, 3, 10, "all", "all"]),
            "parties": [{"party": p, "title": self.title(p)} for p in parties]})
        self.sm2 = rng.random() < 0.2
        if self.sm2:
            rules["log"].append(sm2_key(self.log_name)[0])
        if self.witness_keys:
            rules["witnesses"] = [{"witness": f"w{i}", "title": self.title(f"w{i}"),
                                   "key": key.verifier(name, 4)}
                                  for i, (name, key) in enumerate(self.witness_keys)]
        rules.update({"dice": dice, "public": self.make_sources(), "void": [
            {"ground": g, "title": self.title(g)}
            for g in rng.sample(["power", "fire", "crowd"], rng.randint(0, 3))]})
        rules.update(fixed)
        self.rules = rules
        self.files["rules.json"] = (json.dumps(rules, ensure_ascii=False, indent=1)
                                    + "\n").encode()
        self.H = verify.hash_named(rules["hash"])
        self.parties = [p["party"] for p in rules["parties"]]

    def make_rounds(self, types, queues):
        rng, rounds, codes = self.rng, [], [q["queue"] for q in queues]
        for i in range(rng.randint(0, 3)):
            item = {"round": f"r{i + 1}", "title": self.title(f"round {i + 1}")}
            if codes and rng.random() < 0.8:
                item["queues"] = rng.sample(codes, rng.randint(1, min(2, len(codes))))
            if rng.random() < 0.4:
                item["tags"] = rng.sample(["accessible", "ground", "quiet"], rng.randint(1, 2))
            if rng.random() < 0.5:
                chosen = rng.sample(types, rng.randint(1, len(types)))
                item["quota"] = {t["type"]: rng.randint(0, 9) for t in chosen}
            rounds.append(item)
        if not rounds or rng.random() < 0.9:
            rounds.append({"round": "open", "title": self.title("open")})
        return rounds

    def make_sources(self):
        rng, sources = self.rng, []
        self.beacon = rng.choice(["", "", "", "real", "own", "before"])
        if rng.random() < 0.4:
            sources.append({"source": "text", "name": "welfare", "title": self.title("welfare"),
                            "time": utc(NIST_TIME), "digits": rng.randint(1, 64)})
        if self.beacon == "real":
            with open(os.path.join(NIST_DIR, "pulse_1921299.json"), "rb") as file:
                served = file.read()
            with open(os.path.join(NIST_DIR, "nist_beacon_cert_528943a5.pem"), "rb") as file:
                self.certificate = file.read()
            p = json.loads(served)["pulse"]
            self.pulses, self.certificate_id = [(p, served)], p["certificateId"]
        elif self.beacon:
            data = certificate()
            self.certificate, self.certificate_id = pem(data), hashlib.sha512(data).hexdigest()
            index = rng.randint(2, 9_999_999)
            secret = [rng.randbytes(64) for _ in range(3)]
            before = pulse(rng, 2, index - 1, NIST_TIME - 60, self.certificate_id, "00" * 64,
                           *secret[:2])
            this = pulse(rng, 2, index, NIST_TIME, self.certificate_id, before["outputValue"],
                         *secret[1:])
            end = rng.choice(["", "\n"])          # a beacon may serve either
            self.pulses = [(p, (json.dumps({"pulse": p}, indent=2) + end).encode())
                           for p in (this, before)]
            del self.pulses[1 + (self.beacon == "before"):]
        if self.beacon:
            late = rng.randint(1, 59) if self.beacon == "before" else 0
            other = [rng.randbytes(64).hex()] if rng.random() < 0.3 else []
            sources.insert(rng.randint(0, len(sources)), {
                "source": "nist-2.0", "time": utc(NIST_TIME - late),
                "certificates": other + [self.certificate_id]})
        return sources

    def make_roll(self, entries=None, homes=None):
        rng, rules = self.rng, self.rules
        types = [t["type"] for t in rules["types"]]
        queues = [q["queue"] for q in rules["queues"]]
        n = rng.choice([0, 1, 2, 10, 40, 150]) if entries is None else entries
        m = rng.choice([0, 1, 5, 15, 40]) if homes is None else homes
        lines = []
        for i in sorted(rng.sample(range(1, 10 * m + 2), m), key=lambda i: f"7-{i:04d}"):
            tags = rng.sample(["accessible", "ground", "quiet", "z"],
                              rng.choice([0, 0, 0, 1, 2, 3]))
            lines.append(f"7-{i:04d},{rng.choice(types)},{rng.randint(30, 99)}."
                         f"{rng.randint(0, 99):02d},{rng.randint(0, 300000)},"
                         f"{' '.join(sorted(tags))},{rng.choice(['', '道外区样例路9号'])}")
        self.put_csv(0, lines)
        admitted, refused, received = [], [], []
        ids = set()
        while len(ids) < n + rng.choice([0, 1, 3]) * (n > 0):
            ids.add("".join(rng.choice(CROCKFORD) for _ in range(rng.choice([16, 16, 16, 4, 24]))))
        ids = sorted(ids)
        out = set(rng.sample(ids, len(ids) - n))
        limit = rules["chances_max"]
        for id_ in ids:
            persons = rng.randint(1, 8)
            numbers = [f"230199{rng.randint(0, 10**12 - 1):012d}" for _ in range(persons)]
            commit = self.H(":".join([rng.randbytes(16).hex(), numbers[0]]
                                     + sorted(numbers[1:])).encode())
            received.append([id_, commit])
            if id_ in out:
                refused.append(f"{id_},{rng.choice(['INCOME', 'WITHDRAWN', 'x_1'])},{commit}")
                continue
            mine = sorted(rng.sample(queues, rng.choice([0, 0, 1, 1, 2]) if len(queues) > 1 else
                                     rng.randint(0, len(queues))))
            wants = rng.sample(types, rng.randint(1, len(types)))
            admitted.append(f"{id_},{' '.join(mine)},{persons},{rng.randint(1, limit)},"
                            f"{' '.join(wants)},{commit}")
        self.put_csv(1, admitted)
        self.put_csv(2, refused)
        rng.shuffle(received)
        codes = sorted(item["intake"] for item in rules["intakes"])
        counts, lines = dict.fromkeys(codes, 0), []
        for id_, commit in received:
            code = rng.choice(codes)
            counts[code] += 1
            lines.append((code, counts[code], f"{id_},{utc(BASE_TIME - rng.randint(0, 10**6))},"
                          f"{commit}"))
        self.put_csv(3, [f"{code},{number},{rest}" for code, number, rest in sorted(lines)])
        r, k = verify.rules_of(self.files["rules.json"])
        self.r, self.k = r, k

    def put_csv(self, at, lines):
        name, _, header, _ = verify.FILES[at]
        self.files[name] = "".join(line + "\n" for line in [header] + lines).encode()

    def rows(self, name):
        return self.files[name].decode().split("\n")[1:-1]

    # -- the log

    def at(self, most=5000):
        self.clock += self.rng.randint(0, most)
        return utc(self.clock)

    def leaf(self, text, most=5000):
        self.leaves.append(f"{text} {self.at(most)}")

    def leaf_file(self, name, word):
        lines = self.rows(name) if word else []
        self.leaves.append(f"file {name} {self.H(self.files[name])} {len(lines)}")
        self.leaves += [f"{word} {line}" for line in lines]

    def journal(self):
        self.leaf(f"journal {self.rng.randint(0, 999)} {self.rng.randbytes(32).hex()}")

    def show(self, cosign=True):
        """The log as it stands is shown to people; witnesses countersign after a while."""
        times = [self.clock + self.rng.randint(1, 60) for _ in self.witness_keys] if cosign else []
        self.shown = [item for item in self.shown if item[0] != len(self.leaves)]
        self.shown.append((len(self.leaves), times))
        self.clock += 60

    def freeze(self):
        self.leaf(f"draw {self.rules['draw']}")
        self.leaf_file("rules.json", None)
        for name, word, _, _ in verify.FILES:
            self.leaf_file(name, word)
        self.journal()
        self.leaf("freeze")
        self.freeze_size = len(self.leaves)
        self.show()

    def attempt(self, number, until="seed"):
        """One attempt of the ceremony; stops after the named step."""
        rng, rules = self.rng, self.rules
        self.now = SimpleNamespace(attempt=number, commits=[], dice="", reveals=[], public=[])
        self.leaf(f"attempt {number}")
        self.leaf(f"software 0.{number}.x {rng.randbytes(32).hex()}")
        if until == "attempt":
            return
        secrets = [(p, rng.randbytes(32).hex()) for p in self.parties]
        if until == "commit" and secrets:
            secrets = secrets[:rng.randint(1, len(secrets))]
        for party, secret in secrets:
            commit = self.H(f"{rules['draw']}:{party}:{secret}".encode())
            self.now.commits.append((party, commit))
            self.leaf(f"commit {party} {commit}")
        if secrets and len(secrets) == len(self.parties):
            self.show()
        if until == "commit":
            return
        digits = "0123456789" if rules["dice"]["faces"] == 10 else "123456"
        self.now.dice = "".join(rng.choice(digits) for _ in range(rules["dice"]["throws"]))
        self.leaf(f"dice {self.now.dice}")
        if until == "dice":
            return
        if until == "reveal":
            secrets = secrets[:rng.randint(0, len(secrets) - 1)] if secrets else []
        for party, secret in secrets:
            self.now.reveals.append((party, secret))
            self.leaf(f"reveal {party} {secret}")
        if until == "reveal":
            return
        if rules["public"] and secrets:
            self.show()
        if until == "revealed":
            return
        self.clock = max(self.clock, NIST_TIME + 120)
        for source in rules["public"]:
            if source["source"] == "text":
                value = (source["name"], "".join(rng.choice("0123456789")
                                                 for _ in range(source["digits"])))
            else:
                p = self.pulses[0][0]
                value = (f"{p['chainIndex']}/{p['pulseIndex']}", p["outputValue"].lower())
                for p, served in self.pulses:
                    self.files[f"pulses/{p['chainIndex']}-{p['pulseIndex']}.json"] = served
                self.files[f"pulses/{self.certificate_id}.pem"] = self.certificate
            self.now.public.append((source["source"],) + value)
            self.leaf(f"public {source['source']} {value[0]} {value[1]}")
        if until == "public":
            return
        self.seed()

    def seed(self):
        self.write_roll()
        digests = {name: self.H(data) for name, data in self.files.items()}
        root = b64(self.tree().root(self.freeze_size))
        text = verify.seed_text(self.r, self.roll, digests, (self.freeze_size, root), self.now)
        self.files["seed.txt"] = text.encode()
        self.seed_hex = self.H(text.encode())
        self.leaf(f"seed {self.seed_hex}")

    def finish(self):
        cutoffs, results = verify.draw(self.r, self.k, self.roll, self.seed_hex)
        for name, word, lines in (("cutoffs.csv", "cutoff", cutoffs),
                                  ("results.csv", "result", results)):
            self.files[name] = "".join(line + "\n" for line in lines).encode()
            self.leaf_file(name, word)
        self.journal()
        self.leaf("finish")
        self.show()

    def write_roll(self):
        """The roll as verify.py reads it from a folder, here from memory."""
        def rows(at):
            name, _, _, pattern = verify.FILES[at]
            match = verify.re.compile(pattern).fullmatch
            lines = self.rows(name)
            return SimpleNamespace(name=name, data=self.files[name], lines=lines,
                                   rows=[match(line).groups() for line in lines])
        files = tuple(rows(at) for at in range(4))
        self.roll = SimpleNamespace(homes=files[0], entries=files[1], refusals=files[2],
                                    received=files[3], files=files)

    # -- after the draw

    def after(self, sittings):
        """Some sittings of takes and waivers, by a bookkeeping of its own."""
        rng = self.rng
        rows = [line.split(",") for line in self.rows("results.csv")]
        entry = {line.split(",")[0]: line.split(",") for line in self.rows("entries.csv")}
        fits = {t["type"]: range(t["persons"][0], t["persons"][1] + 1)
                for t in self.rules["types"]}
        rounds = {item["round"]: item for item in self.rules["rounds"]}
        homes = [line.split(",") for line in self.rows("homes.csv")]
        rank = {row[1]: int(row[0]) for row in rows}
        held = {row[1]: [row[4], row[5], row[6], False] for row in rows if row[4]}
        waiting = [row[1] for row in sorted((row for row in rows if row[8]),
                                            key=lambda row: int(row[8]))]
        turn, taken = len(held), set()
        for _ in range(sittings):
            people = sorted(list(held) + waiting, key=rank.get)
            people = rng.sample(people, min(len(people), rng.randint(0, 6)))
            waivers = set(sorted(people, key=rank.get)[::2])
            for id_ in sorted(people, key=rank.get):
                if id_ in waivers and (id_ in held or id_ in waiting):
                    self.leaf(f"waive {id_} {rng.choice(['own', 'absent', 'unfit'])}")
                    if id_ in waiting:
                        waiting.remove(id_)
                        continue
                    round_, type_, home, took = held.pop(id_)
                    if took:
                        taken.discard(home)
                    wishers = [s for s in waiting if type_ in entry[s][4].split(" ")
                               and int(entry[s][2]) in fits[type_]]
                    may = [s for s in wishers if "queues" not in rounds[round_] or
                           set(rounds[round_]["queues"]) & set(entry[s][1].split(" "))]
                    for successor in (may + wishers)[:1]:
                        waiting.remove(successor)
                        turn += 1
                        home = home if self.rules["award"] == "home" else ""
                        held[successor] = [round_, type_, home, False]
                        self.leaves.append(f"award {successor} {home or '-'} {turn} "
                                           f"{self.leaves[-1].rsplit(' ', 1)[1]}")
                elif id_ in held and not held[id_][3]:
                    round_, type_, home, _ = held[id_]
                    if self.rules["award"] == "turn":
                        tags = set(rounds[round_].get("tags", []))
                        free = [h[0] for h in homes if h[1] == type_ and h[0] not in taken
                                and (not tags or tags & set(h[4].split(" ")))]
                        if not free:
                            continue
                        home = rng.choice(free)
                    held[id_] = [round_, type_, home, True]
                    taken.add(home)
                    self.leaf(f"take {id_} {home}")
            if len(self.leaves) > self.shown[-1][0]:
                self.show()

    # -- publishing

    def tree(self):
        return verify.Tree([hashlib.sha256(b"\0" + leaf.encode()).digest()
                            for leaf in self.leaves])

    def checkpoint(self, tree, size, times):
        text = f"{self.log_name}\n{size}\n{b64(tree.root(size))}\n".encode()
        note = text + b"\n" + self.log_key.line(self.log_name, text)
        if self.sm2:
            blob = sm2_key(self.log_name)[1] + bytes(range(64))
            note += f"\u2014 {self.log_name} {b64(blob)}\n".encode()
        for (name, key), seconds in zip(self.witness_keys, times):
            note += key.cosign(name, text, seconds)
        return note

    def bundle(self):
        """Every file of the bundle: {path: bytes}. Signs what leaves and shown say now."""
        files, tree = dict(self.files), self.tree()
        head = len(self.leaves)
        if self.shown[-1][0] != head:
            late = any(leaf.startswith("finish ") for leaf in self.leaves)
            self.show(late or self.rng.random() < 0.5)
        for size, times in self.shown:
            note = self.checkpoint(tree, size, times)
            if size == head:
                files["log/checkpoint"] = note
            if size == self.freeze_size:
                files["log/checkpoint.freeze"] = note
            elif size != head or self.case % 2:
                files[f"log/seen/{size}"] = note
            files.update(tiles(tree, [leaf.encode() for leaf in self.leaves], size))
        for name in ("index.html", "VERIFY.txt", "verify.py", "PROTOCOL.md", "photo.jpg",
                     f"log/stamps/{self.freeze_size}.tsr"):
            if self.rng.random() < 0.2:
                files[name] = b"outside the log\n"
        lines = self.rules["log"] + [w["key"] for w in self.rules.get("witnesses", [])]
        files["log/keys"] = "".join(line + "\n" for line in lines).encode()
        return files

    def write(self, folder):
        write_files(folder, self.bundle())


def tiles(tree, leaves, size):
    """The tiles and entry bundles of the log when it had `size` leaves."""
    files = {}
    for level, index, width in verify.tiles_at(size):
        hashes = tree.levels[8 * level][8192 * index:8192 * index + 32 * width]
        files[verify.tile_path(level, index, width)] = hashes
        if level == 0:
            files[verify.tile_path("entries", index, width)] = b"".join(
                len(leaf).to_bytes(2, "big") + leaf
                for leaf in leaves[256 * index:256 * index + width])
    return files


def write_files(folder, files):
    for name, data in files.items():
        path = os.path.join(folder, *name.split("/"))
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(data)


STOPS = ("freeze", "attempt", "commit", "dice", "reveal", "revealed", "public", "seed", "finish",
         "after", "after", "after", "after", "finish")


def make(case, stop=None, **fixed):
    """The draw of a number, up to the step named or one of its choosing."""
    d = Draw(case)
    d.make_rules(**fixed)
    d.make_roll()
    d.freeze()
    rng, stop = d.rng, stop or d.rng.choice(STOPS)
    d.features = [d.rules["hash"], d.rules["award"], f"{len(d.rows('entries.csv'))} entries",
                  f"{len(d.rows('homes.csv'))} homes", f"{len(d.witness_keys)} witnesses",
                  d.beacon or "no pulse", stop]
    grounds, number = [g["ground"] for g in d.rules["void"]], 1
    if stop != "freeze":
        while rng.random() < 0.3 and number < 4:
            early = rng.random() < 0.7
            if early and grounds:
                d.attempt(number, rng.choice(["attempt", "commit"]))
                d.leaf(f"void {rng.choice(grounds)}")
            elif d.parties:
                d.attempt(number, rng.choice(["dice", "reveal"]))
                d.leaf("void unopened")
            else:
                break
            number += 1
            d.features.append("void")
        d.attempt(number, stop if stop in STOPS[:7] else "seed")
    if stop in ("finish", "after"):
        if rng.random() < 0.2:
            d.show(False)
        d.finish()
    if stop == "after":
        d.after(rng.randint(1, 4))
    if rng.random() < 0.1:
        early = stop in ("freeze", "attempt", "commit") and grounds
        d.leaf(f"end {rng.choice(grounds) if early else 'order'}")
        d.features.append("end")
    return d


def make_large(count):
    """A plain finished draw of this many entries; a million take some minutes."""
    d = Draw(count)
    d.make_rules(hash="sha256", award="home", chances_max=1)
    d.make_roll(count, count // 40)
    d.freeze()
    d.attempt(1)
    d.finish()
    return d


def main(arguments):
    if len(arguments) == 3 and arguments[0] in ("--case", "--large") and \
            not os.path.exists(arguments[2]):
        draw = make if arguments[0] == "--case" else make_large
        draw(int(arguments[1])).write(arguments[2])
    elif len(arguments) == 2 and arguments[0] == "--list":
        for case in range(int(arguments[1])):
            print(case, ", ".join(make(case).features))
    else:
        sys.exit(__doc__.split("\n\n")[1])


if __name__ == "__main__":
    main(sys.argv[1:])
