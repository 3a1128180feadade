"use strict";
/*
 * check.js - the draw once more, in a browser, without a network.
 *
 * Part one are digests and signatures written here, because a page served over plain http has
 * no WebCrypto and a page is only worth reading if it needs nobody. Part two is the protocol
 * (PROTOCOL.md): tickets, order, allocation, log. Part three are the checks, as generators that
 * yield now and then, so that the page is never blocked. The page itself is page.js.
 */

/* ---- bytes ---- */

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true });
const bytesOf = (text) => encoder.encode(text);

function hexOf(bytes) {
  let hex = "";
  for (const byte of bytes) hex += (byte + 256).toString(16).slice(1);
  return hex;
}

function base64Of(bytes) {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text);
}

/* Only the one spelling that encodes these bytes is accepted. */
function fromBase64(text) {
  const bytes = Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
  if (base64Of(bytes) !== text) throw new Error("base64");
  return bytes;
}

function same(a, b) {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}

/* ---- digests of 32-bit words: SHA-256 and SM3 ---- */

const SHA256_K = new Int32Array(64);
const SHA256_START = new Int32Array(8);
{
  /* The first 32 bits of the fractions of cube and square roots of the first primes. */
  const root = (value, power) => {
    let low = 0n, high = 1n << 70n;
    const wanted = BigInt(value) << BigInt(32 * power);
    while (low < high) {
      const middle = (low + high + 1n) >> 1n;
      if (middle ** BigInt(power) <= wanted) low = middle; else high = middle - 1n;
    }
    return Number(low & 0xffffffffn) | 0;
  };
  for (let n = 2, found = 0; found < 64; n++) {
    let prime = true;
    for (let d = 2; d * d <= n; d++) prime = prime && n % d !== 0;
    if (!prime) continue;
    SHA256_K[found] = root(n, 3);
    if (found < 8) SHA256_START[found] = root(n, 2);
    found++;
  }
}

const words = new Int32Array(68);

function sha256Block(state, bytes, at) {
  for (let i = 0; i < 16; i++, at += 4) {
    words[i] = (bytes[at] << 24) | (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3];
  }
  for (let i = 16; i < 64; i++) {
    const x = words[i - 15], y = words[i - 2];
    const s0 = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3);
    const s1 = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10);
    words[i] = (words[i - 16] + s0 + words[i - 7] + s1) | 0;
  }
  let [a, b, c, d, e, f, g, h] = state;
  for (let i = 0; i < 64; i++) {
    const s1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
    const t1 = (h + s1 + ((e & f) ^ (~e & g)) + SHA256_K[i] + words[i]) | 0;
    const s0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
    const t2 = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    h = g; g = f; f = e; e = (d + t1) | 0;
    d = c; c = b; b = a; a = (t1 + t2) | 0;
  }
  state[0] += a; state[1] += b; state[2] += c; state[3] += d;
  state[4] += e; state[5] += f; state[6] += g; state[7] += h;
}

const SM3_START = Int32Array.of(0x7380166f, 0x4914b2b9, 0x172442d7, 0xda8a0600 | 0,
  0xa96f30bc | 0, 0x163138aa, 0xe38dee4d | 0, 0xb0fb0e4e | 0);

function sm3Block(state, bytes, at) {
  const left = (x, n) => ((n & 31) === 0 ? x : (x << (n & 31)) | (x >>> (32 - (n & 31))));
  for (let i = 0; i < 16; i++, at += 4) {
    words[i] = (bytes[at] << 24) | (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3];
  }
  for (let i = 16; i < 68; i++) {
    const x = words[i - 16] ^ words[i - 9] ^ left(words[i - 3], 15);
    words[i] = x ^ left(x, 15) ^ left(x, 23) ^ left(words[i - 13], 7) ^ words[i - 6];
  }
  let [a, b, c, d, e, f, g, h] = state;
  for (let i = 0; i < 64; i++) {
    const t = i < 16 ? 0x79cc4519 : 0x7a879d8a;
    const ss1 = left((left(a, 12) + e + left(t, i)) | 0, 7);
    const ss2 = ss1 ^ left(a, 12);
    const ff = i < 16 ? a ^ b ^ c : (a & b) | (a & c) | (b & c);
    const gg = i < 16 ? e ^ f ^ g : (e & f) | (~e & g);
    const tt1 = (ff + d + ss2 + (words[i] ^ words[i + 4])) | 0;
    const tt2 = (gg + h + ss1 + words[i]) | 0;
    d = c; c = left(b, 9); b = a; a = tt1;
    h = g; g = left(f, 19); f = e; e = tt2 ^ left(tt2, 9) ^ left(tt2, 17);
  }
  state[0] ^= a; state[1] ^= b; state[2] ^= c; state[3] ^= d;
  state[4] ^= e; state[5] ^= f; state[6] ^= g; state[7] ^= h;
}

const KINDS = { sha256: [SHA256_START, sha256Block], sm3: [SM3_START, sm3Block] };
const tail = new Uint8Array(128);

/* A state after whole blocks of a text that many messages begin with. */
function prefixState(kind, bytes) {
  const [start, block] = KINDS[kind];
  const state = Int32Array.from(start);
  const whole = bytes.length - (bytes.length % 64);
  for (let at = 0; at < whole; at += 64) block(state, bytes, at);
  return { state, length: whole, rest: bytes.subarray(whole) };
}

/* The digest of prefix and rest; prefix->rest must be empty unless rest holds it too. */
function digestAfter(kind, prefix, bytes) {
  const block = KINDS[kind][1];
  const state = Int32Array.from(prefix.state);
  const whole = bytes.length - (bytes.length % 64);
  for (let at = 0; at < whole; at += 64) block(state, bytes, at);
  const left = bytes.length - whole, size = left < 56 ? 64 : 128;
  tail.fill(0);
  tail.set(bytes.subarray(whole));
  tail[left] = 0x80;
  const total = prefix.length + bytes.length;
  new DataView(tail.buffer).setUint32(size - 8, Math.floor(total / 0x20000000));
  new DataView(tail.buffer).setUint32(size - 4, (total * 8) >>> 0);
  for (let at = 0; at < size; at += 64) block(state, tail, at);
  const out = new Uint8Array(32), view = new DataView(out.buffer);
  for (let i = 0; i < 8; i++) view.setInt32(4 * i, state[i]);
  return out;
}

const NOTHING = { sha256: prefixState("sha256", new Uint8Array(0)),
                  sm3: prefixState("sm3", new Uint8Array(0)) };
const digest = (kind, bytes) => digestAfter(kind, NOTHING[kind], bytes);
const sha256 = (bytes) => digest("sha256", bytes);

/* ---- SHA-512 and Ed25519 with big integers (RFC 8032): slow, for a handful of signatures ---- */

const MASK64 = (1n << 64n) - 1n;
const SHA512_K = [], SHA512_START = [];
{
  const root = (value, power) => {
    let low = 0n, high = 1n << 140n;
    const wanted = BigInt(value) << BigInt(64 * power);
    while (low < high) {
      const middle = (low + high + 1n) >> 1n;
      if (middle ** BigInt(power) <= wanted) low = middle; else high = middle - 1n;
    }
    return low & MASK64;
  };
  for (let n = 2; SHA512_K.length < 80; n++) {
    let prime = true;
    for (let d = 2; d * d <= n; d++) prime = prime && n % d !== 0;
    if (!prime) continue;
    if (SHA512_START.length < 8) SHA512_START.push(root(n, 2));
    SHA512_K.push(root(n, 3));
  }
}

function sha512(bytes) {
  const size = Math.ceil((bytes.length + 17) / 128) * 128;
  const padded = new Uint8Array(size);
  padded.set(bytes);
  padded[bytes.length] = 0x80;
  const view = new DataView(padded.buffer);
  view.setBigUint64(size - 8, BigInt(bytes.length) * 8n);
  const turn = (x, n) => ((x >> n) | (x << (64n - n))) & MASK64;
  const state = SHA512_START.slice();
  for (let at = 0; at < size; at += 128) {
    const w = [];
    for (let i = 0; i < 16; i++) w.push(view.getBigUint64(at + 8 * i));
    for (let i = 16; i < 80; i++) {
      const s0 = turn(w[i - 15], 1n) ^ turn(w[i - 15], 8n) ^ (w[i - 15] >> 7n);
      const s1 = turn(w[i - 2], 19n) ^ turn(w[i - 2], 61n) ^ (w[i - 2] >> 6n);
      w.push((w[i - 16] + s0 + w[i - 7] + s1) & MASK64);
    }
    let [a, b, c, d, e, f, g, h] = state;
    for (let i = 0; i < 80; i++) {
      const s1 = turn(e, 14n) ^ turn(e, 18n) ^ turn(e, 41n);
      const t1 = h + s1 + ((e & f) ^ (~e & MASK64 & g)) + SHA512_K[i] + w[i];
      const t2 = (turn(a, 28n) ^ turn(a, 34n) ^ turn(a, 39n)) + ((a & b) ^ (a & c) ^ (b & c));
      h = g; g = f; f = e; e = (d + t1) & MASK64;
      d = c; c = b; b = a; a = (t1 + t2) & MASK64;
    }
    [a, b, c, d, e, f, g, h].forEach((value, i) => { state[i] = (state[i] + value) & MASK64; });
  }
  const out = new Uint8Array(64), result = new DataView(out.buffer);
  state.forEach((value, i) => result.setBigUint64(8 * i, value));
  return out;
}

const P = 2n ** 255n - 19n;
const L = 2n ** 252n + 27742317777372353535851937790883648493n;
const mod = (x, m = P) => { const r = x % m; return r < 0n ? r + m : r; };
function power(base, exponent) {
  let result = 1n;
  for (let b = mod(base); exponent > 0n; exponent >>= 1n, b = (b * b) % P) {
    if (exponent & 1n) result = (result * b) % P;
  }
  return result;
}
const D = mod(-121665n * power(121666n, P - 2n));
const SQRT_MINUS_1 = power(2n, (P - 1n) / 4n);

function little(bytes) {
  let value = 0n;
  for (let i = bytes.length - 1; i >= 0; i--) value = (value << 8n) | BigInt(bytes[i]);
  return value;
}

function point(bytes) {
  const value = little(bytes), sign = value >> 255n, y = value & ((1n << 255n) - 1n);
  if (y >= P) return null;
  const u = mod(y * y - 1n), v = mod(D * y * y + 1n);
  let x = mod(u * power(v, 3n) * power(u * power(v, 7n), (P - 5n) / 8n));
  if (mod(v * x * x - u) !== 0n) x = mod(x * SQRT_MINUS_1);
  if (mod(v * x * x - u) !== 0n || (x === 0n && sign === 1n)) return null;
  if ((x & 1n) !== sign) x = P - x;
  return [x, y, 1n, mod(x * y)];
}

function add(p, q) {
  const a = mod((p[1] - p[0]) * (q[1] - q[0])), b = mod((p[1] + p[0]) * (q[1] + q[0]));
  const c = mod(2n * p[3] * q[3] * D), d = mod(2n * p[2] * q[2]);
  const e = b - a, f = d - c, g = d + c, h = b + a;
  return [mod(e * f), mod(g * h), mod(f * g), mod(e * h)];
}

function times(scalar, p) {
  let result = [0n, 1n, 1n, 0n];
  for (; scalar > 0n; scalar >>= 1n, p = add(p, p)) if (scalar & 1n) result = add(result, p);
  return result;
}

const BASE = (() => {
  const bytes = new Uint8Array(32).fill(0x66);
  bytes[0] = 0x58;
  return point(bytes);
})();

function ed25519(key, message, signature) {
  const a = point(key), r = point(signature.subarray(0, 32)), s = little(signature.subarray(32));
  if (a === null || r === null || s >= L) return false;
  const all = new Uint8Array(64 + message.length);
  all.set(signature.subarray(0, 32));
  all.set(key, 32);
  all.set(message, 64);
  const left = times(s, BASE), right = add(r, times(mod(little(sha512(all)), L), a));
  return mod(left[0] * right[2] - right[0] * left[2]) === 0n &&
    mod(left[1] * right[2] - right[1] * left[2]) === 0n;
}

/* ---- notes and checkpoints ---- */

function readKey(text) {
  const [name, id, rest] = [text.split("+", 1)[0], text.split("+")[1],
    text.split("+").slice(2).join("+")];
  const bytes = fromBase64(rest);
  const all = new Uint8Array([...bytesOf(name + "\n"), ...bytes]);
  if (hexOf(sha256(all).subarray(0, 4)) !== id) throw new Error("key id of " + name);
  return { name, id, type: bytes[0], key: bytes.subarray(1) };
}

function readNote(text) {
  const cut = text.lastIndexOf("\n\n");
  const lines = text.slice(cut + 2).split("\n").slice(0, -1).map((line) => {
    const [dash, name, blob] = line.split(" ");
    if (dash !== "\u2014") throw new Error("signature line");
    const bytes = fromBase64(blob);
    return { name, id: hexOf(bytes.subarray(0, 4)), signature: bytes.subarray(4) };
  });
  const body = text.slice(0, cut + 1), [origin, size, root] = body.split("\n");
  return { body, origin, size: Number(size), root: fromBase64(root), lines };
}

/* The time at which a witness signed, true for a log's key, null when the key has not signed. */
function signedBy(note, key) {
  const line = note.lines.find((one) => one.name === key.name && one.id === key.id);
  if (!line) return null;
  let signature = line.signature, message = bytesOf(note.body), time = true;
  if (key.type === 4) {
    const seconds = new DataView(signature.buffer, signature.byteOffset).getBigUint64(0);
    message = bytesOf(`cosignature/v1\ntime ${seconds}\n${note.body}`);
    signature = signature.subarray(8);
    time = new Date(Number(seconds) * 1000).toISOString().slice(0, 19) + "Z";
  }
  if (!ed25519(key.key, message, signature)) throw new Error("signature of " + key.name);
  return time;
}

function fingerprint(root) {
  const groups = [];
  for (let i = 0; i < 20; i += 2) {
    groups.push(String(root[i] * 256 + root[i + 1]).padStart(5, "0"));
  }
  return [groups.slice(0, 5).join("-"), groups.slice(5).join("-")];
}

/* ---- the files ---- */

function rowsOf(text) {
  const lines = text.split("\n");
  if (lines.pop() !== "") throw new Error("the last line is not ended");
  return lines.slice(1);
}

function readEntry(line) {
  const [id, queues, persons, chances, wants, commit] = line.split(",");
  return { id, line, queues: queues === "" ? [] : queues.split(" "), persons: Number(persons),
           chances: Number(chances), wants: wants.split(" "), commit };
}

function readHome(line) {
  const [id, type, area, price, tags, place] = line.split(",");
  return { id, type, area, price, tags: tags === "" ? [] : tags.split(" "), place };
}

const RESULT_FIELDS = ["rank", "id", "chance", "ticket", "round", "type", "home", "turn",
  "standby"];
function readResult(line) {
  const fields = line.split(",");
  return Object.fromEntries(RESULT_FIELDS.map((name, i) => [name, fields[i]]));
}

function readCutoffs(text) {
  const found = {};
  for (const line of rowsOf(text)) {
    const [round, type, taken, ticket] = line.split(",");
    found[round + "," + type] = { round, type, taken: Number(taken), ticket };
  }
  return found;
}

/* ---- tickets and order (section 4) ---- */

const ticketOf = (hash, seed, text) =>
  hexOf(digestAfter(hash, prefixState(hash, bytesOf(seed)), bytesOf(text)));

function* order(hash, seed, entries, homes) {
  const prefix = prefixState(hash, bytesOf(seed));
  const list = [];
  for (const entry of entries) {
    let best = "g", chance = 0;
    for (let i = 1; i <= entry.chances; i++) {
      const ticket = hexOf(digestAfter(hash, prefix, bytesOf(`:entry:${entry.id}:${i}`)));
      if (ticket < best) { best = ticket; chance = i; }
    }
    list.push({ entry, ticket: best, chance });
    if (list.length % 256 === 0) yield list.length / entries.length;
  }
  const by = (a, b) => (a < b ? -1 : a > b ? 1 : 0);
  list.sort((a, b) => by(a.ticket, b.ticket) || by(a.entry.id, b.entry.id));
  const places = homes.map((home) => ({
    home, place: hexOf(digestAfter(hash, prefix, bytesOf(`:home:${home.id}:1`))) }));
  places.sort((a, b) => by(a.place, b.place) || by(a.home.id, b.home.id));
  return { list, homes: places.map((one) => one.home) };
}

/* ---- allocation (section 6), word for word ---- */

const shares = (a, b) => a.some((word) => b.includes(word));

function hold(rules, type, free, applicants) {
  let pool = applicants, away = [];
  const taken = new Map(), cutoffs = [];
  for (const round of rules.rounds) {
    let left = round.quota ? round.quota[type] || 0 : Infinity;
    let count = 0, last = null, turned = false;
    const rest = [], used = new Set();
    const usable = free.filter((home) => !round.tags || shares(round.tags, home.tags));
    for (const one of pool) {
      if (round.queues && !shares(round.queues, one.entry.queues)) { rest.push(one); continue; }
      if (left === 0 || count === usable.length) { turned = true; rest.push(one); continue; }
      used.add(usable[count]);
      taken.set(one, { round: round.round, type, home: usable[count] });
      last = one; count++; left--;
    }
    if (used.size > 0) free = free.filter((home) => !used.has(home));
    cutoffs.push({ round: round.round, type, taken: count,
                   ticket: turned ? (last ? last.ticket : "none") : "all" });
    pool = rest;
  }
  away = pool;
  return { taken, away, cutoffs };
}

function* allocate(rules, list, homes) {
  const types = rules.types.map((type) => type.type);
  const fits = Object.fromEntries(rules.types.map((type) => [type.type, type.persons]));
  list.forEach((one, rank) => {
    one.rank = rank + 1;
    one.able = one.entry.wants.filter((type) =>
      one.entry.persons >= fits[type][0] && one.entry.persons <= fits[type][1]);
    one.next = 0;
  });
  const pools = Object.fromEntries(types.map((type) => [type, []]));
  const held = {};
  let coming = list;
  do {
    const changed = new Set();
    for (const one of coming) {
      if (one.next < one.able.length) {
        const type = one.able[one.next++];
        pools[type].push(one);
        changed.add(type);
      }
    }
    coming = [];
    for (const type of types) {
      if (held[type] && !changed.has(type)) continue;
      pools[type].sort((a, b) => a.rank - b.rank);
      held[type] = hold(rules, type, homes.filter((home) => home.type === type), pools[type]);
      yield 0;
      /* Who is turned away stays in the pool: hold() speaks of all who ever applied. */
      for (const one of held[type].away) {
        if (one.able[one.next - 1] === type && one.next < one.able.length) coming.push(one);
      }
    }
  } while (coming.length > 0);
  return held;
}

/* The text of results.csv and cutoffs.csv. */
function resultTexts(rules, list, held) {
  const got = new Map();
  for (const type of rules.types) {
    for (const [one, award] of held[type.type].taken) got.set(one, award);
  }
  const position = Object.fromEntries(rules.rounds.map((round, i) => [round.round, i]));
  const housed = [...got.keys()].sort((a, b) =>
    position[got.get(a).round] - position[got.get(b).round] || a.rank - b.rank);
  const turns = new Map(housed.map((one, i) => [one, i + 1]));
  let waiting = 0, results = "rank,id,chance,ticket,round,type,home,turn,standby\n";
  for (const one of list) {
    const award = got.get(one);
    const standby = award || (rules.standby !== "all" && waiting >= rules.standby)
      ? "" : String(++waiting);
    results += [one.rank, one.entry.id, one.chance, one.ticket, award ? award.round : "",
      award ? award.type : "", award && rules.award === "home" ? award.home.id : "",
      award ? turns.get(one) : "", standby].join(",") + "\n";
  }
  let cutoffs = "round,type,taken,ticket\n";
  rules.rounds.forEach((round, i) => {
    for (const type of rules.types) {
      const cut = held[type.type].cutoffs[i];
      cutoffs += `${cut.round},${cut.type},${cut.taken},${cut.ticket}\n`;
    }
  });
  return { results, cutoffs };
}

/* ---- the log (section 7) ---- */

/* Bundle of what is shown and checked: the files as texts, and the leaves that are no row. */
const ROW_WORDS = { "homes.csv": "home", "entries.csv": "entry", "refusals.csv": "refusal",
  "received.csv": "received", "cutoffs.csv": "cutoff", "results.csv": "result" };

function* leavesOf(bundle) {
  for (const line of bundle.lines) {
    yield line;
    const words = line.split(" ");
    if (words[0] === "file" && ROW_WORDS[words[1]]) {
      for (const row of rowsOf(bundle.files[words[1]])) yield ROW_WORDS[words[1]] + " " + row;
    }
  }
}

const leafPrefix = new Uint8Array(1);
function leafHash(text) {
  const bytes = bytesOf(text), all = new Uint8Array(bytes.length + 1);
  all.set(leafPrefix);
  all.set(bytes, 1);
  return sha256(all);
}

const pair = new Uint8Array(65);
pair[0] = 1;
function nodeHash(left, right) {
  pair.set(left, 1);
  pair.set(right, 33);
  return sha256(pair);
}

/* A log that grows: the roots of its complete subtrees, the largest first. */
class Frontier {
  constructor() { this.size = 0; this.stack = []; }
  add(hash) {
    this.stack.push(hash);
    this.size++;
    for (let n = this.size; n % 2 === 0; n /= 2) {
      const right = this.stack.pop(), left = this.stack.pop();
      this.stack.push(nodeHash(left, right));
    }
  }
  root() {
    if (this.size === 0) return sha256(new Uint8Array(0));
    return this.stack.reduceRight((right, left) => nodeHash(left, right));
  }
}

/* ---- the checks ---- */

class Wrong extends Error {
  constructor(step, zh, en) { super(en); this.step = step; this.zh = zh; this.en = en; }
}

/*
 * Checks a bundle; yields {step, part} for progress and {step, zh, en} for what was found right,
 * with note for what is told and was not to be checked.
 * Throws Wrong with what is not.
 */
function* checkBundle(bundle) {
  const { files } = bundle;
  const wrong = (step, zh, en) => { throw new Wrong(step, zh, en); };
  let rules;
  try { rules = JSON.parse(files["rules.json"]); }
  catch (error) { wrong("rules", "rules.json 读不出来", "rules.json cannot be read"); }
  const hash = rules.hash;
  yield { step: "rules", zh: `规则读得出来，散列用 ${hash}`, en: `the rules can be read, hash ${hash}` };

  /* Digests in the log, row for row. */
  for (const line of bundle.lines) {
    const [word, name, hex, rows] = line.split(" ");
    if (word !== "file") continue;
    const text = files[name];
    if (text === undefined) wrong("leaves", `缺少 ${name}`, `${name} is missing`);
    const bytes = bytesOf(text), whole = bytes.length - (bytes.length % 64);
    const state = prefixState(hash, new Uint8Array(0));
    for (let at = 0; at < whole; at += 64) {
      KINDS[hash][1](state.state, bytes, at);
      if (at % 65536 === 0) yield { step: "leaves", part: at / bytes.length };
    }
    state.length = whole;
    if (hexOf(digestAfter(hash, state, bytes.subarray(whole))) !== hex) {
      wrong("leaves", `${name} 和记录里的摘要不一样`, `${name} is not the file the log names`);
    }
    if (name !== "rules.json" && rowsOf(text).length !== Number(rows)) {
      wrong("leaves", `${name} 行数不对`, `${name} has another number of rows`);
    }
  }
  yield { step: "leaves", zh: "各个文件和记录里的摘要一样", en: "the files are those the log names" };

  /* Root and signatures, at the head and at every state that was shown. */
  const notes = {};
  for (const [name, text] of Object.entries(bundle.notes)) {
    try { notes[name] = readNote(text); }
    catch (error) { wrong("log", `${name} 读不出来`, `${name} cannot be read`); }
  }
  const head = notes["log/checkpoint"];
  const roots = new Map();
  for (const note of Object.values(notes)) roots.set(note.size, null);
  const frontier = new Frontier();
  for (const leaf of leavesOf(bundle)) {
    frontier.add(leafHash(leaf));
    if (roots.has(frontier.size)) roots.set(frontier.size, frontier.root());
    if (frontier.size % 256 === 0) yield { step: "log", part: frontier.size / head.size };
  }
  if (frontier.size !== head.size) {
    wrong("log", `记录有 ${frontier.size} 行，签名的是 ${head.size} 行`,
      `the log has ${frontier.size} lines, ${head.size} are signed`);
  }
  const logKey = readKey(rules.log[0]);
  for (const [name, note] of Object.entries(notes)) {
    const root = roots.get(note.size);
    const step = name === "log/checkpoint" ? "log" : "seen";
    if (!root || !same(root, note.root) || note.origin !== logKey.name) {
      wrong(step, `${name} 不是这份记录的状态`, `${name} is not a state of this log`);
    }
    let good = null;
    try { good = signedBy(note, logKey); } catch (error) { good = null; }
    if (good === null) wrong(step, `${name} 的签名不对`, `${name}: the log's signature is wrong`);
    yield { step, part: 1 };
  }
  yield { step: "log", zh: `记录 ${head.size} 行，根和签名都对`,
          en: `the log has ${head.size} lines, root and signature are right` };

  /* Witnesses: whatever is signed must be right; who has not signed the head is said. */
  for (const witness of rules.witnesses || []) {
    const key = readKey(witness.key);
    let newest = null;
    for (const [name, note] of Object.entries(notes)) {
      try {
        const time = signedBy(note, key);
        if (time && name === "log/checkpoint") newest = time;
      } catch (error) {
        wrong("witnesses", `${witness.witness} 在 ${name} 上的会签不对`,
          `the countersignature of ${witness.witness} on ${name} is wrong`);
      }
      yield { step: "witnesses", part: 1 };
    }
    yield { step: "witnesses", note: !newest,
      zh: `${witness.witness} ${newest ? "会签于 " + newest : "还没有会签最新的状态"}`,
      en: `${witness.witness} ${newest ? "countersigned at " + newest : "has not countersigned the newest state"}` };
  }
  if (!rules.witnesses || rules.witnesses.length === 0) {
    yield { step: "witnesses", note: true, zh: "没有见证人会签", en: "countersigned by nobody" };
  }
  yield* checkSeed(bundle, rules, notes, wrong);
}

/* The parts of the last attempt in the log. */
function partsOf(bundle) {
  const parts = { attempt: 0, commits: [], dice: null, reveals: [], publics: [], seed: null,
                  voids: [], end: null, finished: false };
  for (const line of bundle.lines) {
    const words = line.split(" ");
    if (words[0] === "attempt") {
      Object.assign(parts, { attempt: Number(words[1]), commits: [], dice: null, reveals: [],
                             publics: [] });
    } else if (words[0] === "commit") parts.commits.push([words[1], words[2], words[3]]);
    else if (words[0] === "dice") parts.dice = [words[1], words[2]];
    else if (words[0] === "reveal") parts.reveals.push([words[1], words[2], words[3]]);
    else if (words[0] === "public") parts.publics.push(words.slice(1));
    else if (words[0] === "seed") parts.seed = words[1];
    else if (words[0] === "void") parts.voids.push([parts.attempt, words[1], words[2]]);
    else if (words[0] === "end") parts.end = [words[1], words[2]];
    else if (words[0] === "finish") parts.finished = true;
  }
  return parts;
}

function seedText(bundle, rules, freeze, parts) {
  const { files } = bundle, hash = rules.hash;
  const entries = rowsOf(files["entries.csv"]);
  const sum = entries.reduce((total, line) => total + Number(line.split(",")[3]), 0);
  const lines = ["mingqian seed 1", `draw ${rules.draw}`, `attempt ${parts.attempt}`,
    `rules ${hexOf(digest(hash, bytesOf(files["rules.json"])))}`];
  for (const name of ["homes", "entries", "refusals", "received"]) {
    const text = files[name + ".csv"];
    lines.push(`${name} ${hexOf(digest(hash, bytesOf(text)))} ${rowsOf(text).length}` +
      (name === "entries" ? ` ${sum}` : ""));
  }
  lines.push(`log ${freeze.size} ${base64Of(freeze.root)}`);
  for (const [party, hex] of parts.commits) lines.push(`commit ${party} ${hex}`);
  lines.push(`dice ${parts.dice[0]}`);
  for (const [party, secret] of parts.reveals) lines.push(`reveal ${party} ${secret}`);
  for (const one of parts.publics) lines.push(`public ${one.slice(0, 3).join(" ")}`);
  return lines.join("\n") + "\n";
}

function* checkSeed(bundle, rules, notes, wrong) {
  const parts = partsOf(bundle), { files } = bundle;
  const unfinished = { note: true, zh: "还没有摇号，种子和结果以后才有", en: "nothing is drawn yet" };
  for (const [party, secret] of parts.reveals) {
    const commit = parts.commits.find((one) => one[0] === party);
    const found = hexOf(digest(rules.hash, bytesOf(`${rules.draw}:${party}:${secret}`)));
    if (!commit || commit[1] !== found) {
      wrong("ceremony", `${party} 的秘密和承诺对不上`, `the secret of ${party} is not its commit's`);
    }
  }
  if (parts.reveals.length > 0) {
    yield { step: "ceremony", zh: "拆开的秘密和事先的承诺都对得上",
            en: "every secret that was opened matches its commit" };
  }
  if (parts.seed === null) {
    yield { step: "seed", ...unfinished };
    return;
  }
  const text = seedText(bundle, rules, notes["log/checkpoint.freeze"], parts);
  if (files["seed.txt"] !== text) {
    wrong("seed", "seed.txt 和记录不一样", "seed.txt is not what the log says");
  }
  const seed = hexOf(digest(rules.hash, bytesOf(text)));
  if (seed !== parts.seed) wrong("seed", "种子不是 seed.txt 的摘要", "the seed is not the digest of seed.txt");
  yield { step: "seed", zh: "种子就是 seed.txt 的摘要", en: "the seed is the digest of seed.txt" };
  if (!parts.finished) {
    yield { step: "draw", ...unfinished };
    return;
  }
  const entries = rowsOf(files["entries.csv"]).map(readEntry);
  const homes = rowsOf(files["homes.csv"]).map(readHome);
  const sorting = order(rules.hash, seed, entries, homes);
  let step = sorting.next();
  for (; !step.done; step = sorting.next()) yield { step: "draw", part: step.value };
  const held = yield* wrapped(allocate(rules, step.value.list, step.value.homes));
  const texts = resultTexts(rules, step.value.list, held);
  for (const name of ["cutoffs", "results"]) {
    if (files[name + ".csv"] === texts[name]) continue;
    const mine = texts[name].split("\n"), theirs = files[name + ".csv"].split("\n");
    const at = mine.findIndex((line, i) => line !== theirs[i]);
    wrong("draw", `${name}.csv 第 ${at + 1} 行和重新摇出的不一样`,
      `${name}.csv line ${at + 1} is not what the draw gives`);
  }
  yield { step: "draw", zh: `${entries.length} 户的签、次序、分配，重算一遍都一样`,
          en: `tickets, order and awards of ${entries.length} households come out again` };
}

function* wrapped(work) {
  let step = work.next();
  for (; !step.done; step = work.next()) yield { step: "draw", part: 1 };
  return step.value;
}
