"use strict";
/*
 * page.js - what the reader sees: words in zh and en, one's own line, pictures, the seed's
 * story, and the buttons that run check.js in slices. Titles come from the rules, in whatever
 * languages those have; other words are zh, or else en.
 */

const WORDS = {
  language: ["语言", "Language"],
  rehearsal: ["演练 · 数据都是编的 · 不是真的摇号", "REHEARSAL · invented data · not a real draw"],
  state_frozen: ["名册已冻结", "the roll is frozen"],
  state_running: ["仪式进行中", "the ceremony is under way"],
  state_finished: ["已摇出", "drawn"],
  state_ended: ["已终止", "ended"],
  summary: ["{entries} 户 · {homes} 套房", "{entries} households · {homes} homes"],
  search_title: ["查自己的结果", "Find your own result"],
  search_title_before: ["我在不在名册里", "Am I in the roll?"],
  search_button: ["查", "Find"],
  search_label: ["回执上的编号", "the id on your receipt"],
  search_hint: ["编号在回执上，16 位，空格可写可不写。", "The id is on your receipt, 16 characters, with or without blanks."],
  unknown: ["名册里没有这个编号。请对着回执再看一遍。", "There is no such id in the roll. Compare it with your receipt once more."],
  refused: ["这份申请没有入册，理由代码：{reason}。", "This application was not admitted; reason code: {reason}."],
  in_roll: ["在名册里。", "It is in the roll."],
  has_home: ["得到住房：{home}", "A home: {home}"],
  has_turn: ["选房顺序号：{turn}", "Your turn to choose: {turn}"],
  has_standby: ["候补第 {standby} 号", "Standby number {standby}"],
  has_nothing: ["这次没有摇到", "Not drawn this time"],
  rank: ["第 {rank} 名，共 {all} 户", "rank {rank} of {all}"],
  why: ["为什么", "Why"],
  why_smaller: ["{type}，{round}：分界线是 {cut}，你的签 {mine} 不比它大，轮到你。", "{type}, {round}: the cut-off is {cut}; your ticket {mine} is not larger, so it is yours."],
  why_all: ["{type}，{round}：谁也没有落下，轮到你。", "{type}, {round}: nobody was turned away, so it is yours."],
  why_larger: ["{type}，{round}：分界线是 {cut}，你的签 {mine} 比它大。", "{type}, {round}: the cut-off is {cut}; your ticket {mine} is larger."],
  why_none: ["{type}，{round}：这一轮没有可分的。", "{type}, {round}: there was nothing to give in this round."],
  why_queue: ["{type}，{round}：这一轮只给 {queues}。", "{type}, {round}: this round is for {queues} only."],
  why_size: ["{type}：只给 {min} 到 {max} 口之家，你家 {persons} 口。", "{type}: for households of {min} to {max}; yours has {persons}."],
  own_ticket: ["自己的签，自己算", "Your own ticket, by yourself"],
  chances: ["机会 {i} / {all}", "chance {i} of {all}"],
  smallest: ["← 最小的是你的签", "← the smallest is your ticket"],
  same: ["和 results.csv 里的一样。", "The same as in results.csv."],
  not_same: ["和 results.csv 里的不一样！请告诉公证处。", "NOT what results.csv says. Tell the notary."],
  by_hand: ["在任何一台电脑上：", "On any computer:"],
  check_title: ["全部验一遍", "Check everything"],
  check_hint: ["在你这台机器上重算：记录、签名、种子、每户的签、次序、分配。不上网。", "Recomputed on your own machine: log, signatures, seed, every ticket, order and award. No network."],
  check: ["开始验", "Check"],
  folder: ["选文件夹来验", "Check a folder"],
  drop: ["也可以把整个公开的文件夹拖到这里，验里面的文件。", "Or drop the whole published folder here to check its files."],
  doing: ["正在验：{step}", "checking: {step}"],
  all_good: ["全部对。", "All of it is right."],
  all_wrong: ["有一处不对，见上。", "Something is wrong, see above."],
  no_files: ["这里面没有 rules.json 和 log/checkpoint，不是公开的文件夹。", "There is no rules.json and log/checkpoint in it: not a published folder."],
  cut_title: ["分界线", "Cut-offs"],
  cut_hint: ["签不比分界线大的，就得到。“全部”：谁也没落下。“没有”：没有可分的。", "A ticket that is not larger than the cut-off is in. “all”: nobody was turned away. “none”: nothing to give."],
  round: ["轮次", "round"], type: ["户型", "type"], taken: ["户数", "households"], cut: ["分界线", "cut-off"],
  all: ["全部", "all"], none: ["没有", "none"],
  picture_title: ["多少户申请，多少户得到", "How many asked, how many were housed"],
  picture_hint: ["长条是申请的户数，深色是得到的。", "The bar is who asked, the dark part who was housed."],
  picture_hint_before: ["长条是申请的户数。", "The bar is who asked."],
  by_queue: ["按队列", "by queue"], by_size: ["按家庭人口", "by household size"],
  no_queue: ["不属于任何队列", "in no queue"], persons: ["{n} 口之家", "households of {n}"],
  of: ["{housed} / {asked}", "{housed} of {asked}"],
  seed_title: ["种子怎么来的", "How the seed came about"],
  step_commit: ["先封：{party} 交出承诺", "Sealed first: the commit of {party}"],
  step_dice: ["再掷：骰子", "Then thrown: the dice"],
  step_reveal: ["后开：{party} 的信封", "Opened after: the envelope of {party}"],
  step_public: ["最后：{name}", "Last: {name}"],
  not_yet: ["还没有开始。", "Not begun yet."],
  voided: ["第 {n} 次作废：{ground}", "attempt {n} was void: {ground}"],
  seed_why: ["封住的秘密没开，骰子先掷；谁也没法先知道，也没法改。seed.txt 的摘要就是种子：", "The dice were thrown while the secrets were sealed, so nobody could know or steer it. The digest of seed.txt is the seed:"],
  finger_title: ["指纹", "Fingerprints"],
  finger_hint: ["和冻结那天公布的、公证书上的对一对。", "Compare with what was announced at the freeze and stands in the notary's record."],
  at_freeze: ["冻结时（{size} 行）", "at the freeze ({size} lines)"],
  at_head: ["现在（{size} 行）", "now ({size} lines)"],
  homes_title: ["房源", "Homes"], how_many: ["套数", "homes"], people: ["家庭人口", "household size"],
  from_to: ["{min}–{max} 口", "{min}–{max}"],
  footer: ["这一页和文件夹里的材料不经过任何人的服务器。更多的验法见 VERIFY.txt、verify.py 和 PROTOCOL.md。", "This page and the folder need nobody's server. More ways to check: VERIFY.txt, verify.py and PROTOCOL.md."],
  steps: { rules: ["规则", "rules"], leaves: ["文件", "files"], log: ["记录", "log"], seen: ["旧状态", "states shown"],
           witnesses: ["会签", "countersignatures"], ceremony: ["仪式", "ceremony"], seed: ["种子", "seed"], draw: ["重摇一遍", "the draw again"] },
};

let language = "zh";
const ui = () => (language === "zh" ? 0 : 1);
function say(name, values = {}) {
  return WORDS[name][ui()].replace(/\{(\w+)\}/g, (whole, key) => values[key]);
}
const titleOf = (title) => title[language] || title.en || Object.values(title)[0];
const element = (id) => document.getElementById(id);

/* Makes an element; text is never read as markup. */
function make(name, text, attributes = {}) {
  const made = document.createElement(name);
  if (text !== undefined) made.textContent = text;
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}

/* ---- what the bundle says, read once ---- */

let bundle, rules, parts, entries, results, cutoffs, refusals;

function readAll() {
  rules = JSON.parse(bundle.files["rules.json"]);
  parts = partsOf(bundle);
  entries = new Map(rowsOf(bundle.files["entries.csv"]).map((line) => {
    const entry = readEntry(line);
    return [entry.id, entry];
  }));
  refusals = new Map(rowsOf(bundle.files["refusals.csv"]).map((line) => line.split(",")));
  results = new Map();
  if (bundle.files["results.csv"]) {
    for (const line of rowsOf(bundle.files["results.csv"])) {
      const result = readResult(line);
      results.set(result.id, result);
    }
    cutoffs = readCutoffs(bundle.files["cutoffs.csv"]);
  }
}

const seedOf = () => hexOf(digest(rules.hash, bytesOf(bundle.files["seed.txt"])));
const named = (list, key, code) => {
  const one = list.find((item) => item[key] === code);
  return one ? titleOf(one.title) : code;
};

/* ---- one's own line ---- */

function reasons(entry, ticket) {
  const lines = [], short = (hex) => (hex.length > 12 ? hex.slice(0, 8) + "…" : hex);
  for (const code of entry.wants) {
    const type = rules.types.find((one) => one.type === code), name = titleOf(type.title);
    const [min, max] = type.persons;
    if (entry.persons < min || entry.persons > max) {
      lines.push(say("why_size", { type: name, min, max, persons: entry.persons }));
      continue;
    }
    for (const round of rules.rounds) {
      const cut = cutoffs[round.round + "," + code].ticket;
      const values = { type: name, round: titleOf(round.title), cut: short(cut), mine: short(ticket) };
      if (round.queues && !shares(round.queues, entry.queues)) {
        values.queues = round.queues.map((queue) => named(rules.queues, "queue", queue)).join("、");
        lines.push(say("why_queue", values));
      } else if (cut === "all") {
        lines.push(say("why_all", values));
        return lines;
      } else if (cut === "none") {
        lines.push(say("why_none", values));
      } else if (ticket <= cut) {
        lines.push(say("why_smaller", values));
        return lines;
      } else {
        lines.push(say("why_larger", values));
      }
    }
  }
  return lines;
}

/* The ticket computed before the reader's eyes, and the line to type elsewhere. */
function ownTicket(entry, result) {
  const box = make("div"), seed = seedOf();
  box.append(make("h3", say("own_ticket")));
  const tickets = [];
  for (let i = 1; i <= entry.chances; i++) {
    tickets.push(ticketOf(rules.hash, seed, `:entry:${entry.id}:${i}`));
  }
  const smallest = tickets.reduce((a, b) => (b < a ? b : a));
  tickets.forEach((ticket, i) => {
    const mark = entry.chances > 1 && ticket === smallest ? "  " + say("smallest") : "";
    const label = entry.chances > 1 ? say("chances", { i: i + 1, all: entry.chances }) + "\n" : "";
    box.append(make("pre", label + ticket + mark));
  });
  const good = smallest === result.ticket &&
    tickets.indexOf(smallest) + 1 === Number(result.chance);
  box.append(make("p", say(good ? "same" : "not_same"), { class: good ? "" : "answer wrong" }));
  box.append(make("p", say("by_hand")));
  const tool = rules.hash === "sm3" ? "openssl dgst -sm3" : "sha256sum";
  box.append(make("pre", `printf '%s' '${seed}:entry:${entry.id}:${result.chance}' | ${tool}`));
  return box;
}

function answer(id) {
  const box = make("div", undefined, { class: "answer none" });
  const entry = entries.get(id), result = results.get(id);
  if (refusals.has(id)) {
    box.append(make("p", say("refused", { reason: refusals.get(id) }), { class: "big" }));
  } else if (!entry) {
    box.append(make("p", say("unknown")));
  } else if (!result) {
    box.append(make("p", say("in_roll"), { class: "big" }));
    box.append(make("p", entry.line, { class: "mono" }));
  } else {
    const text = result.home !== "" ? say("has_home", { home: result.home })
      : result.turn !== "" ? say("has_turn", { turn: result.turn })
      : result.standby !== "" ? say("has_standby", { standby: result.standby }) : say("has_nothing");
    if (result.turn !== "") box.className = "answer";
    box.append(make("p", text, { class: "big" }));
    const where = result.type !== "" ? " · " + named(rules.types, "type", result.type) + " · " +
      named(rules.rounds, "round", result.round) : "";
    box.append(make("p", say("rank", { rank: result.rank, all: results.size }) + where));
    box.append(make("h3", say("why")));
    const list = make("ol");
    for (const line of reasons(entry, result.ticket)) list.append(make("li", line));
    box.append(list, ownTicket(entry, result));
  }
  element("answer").replaceChildren(box);
}

/* ---- tables and pictures ---- */

function fillTable(table, titles, rows) {
  const head = make("tr");
  titles.forEach((title) => head.append(make("th", title, { scope: "col" })));
  const body = rows.map((row) => {
    const line = make("tr");
    row.forEach((cell) => line.append(make("td", cell, typeof cell === "number" ? { class: "number" } : {})));
    return line;
  });
  table.replaceChildren(head, ...body);
}

function showCutoffs() {
  element("cut-part").hidden = !cutoffs;
  if (!cutoffs) return;
  element("cut-hint").textContent = say("cut_hint");
  const rows = Object.values(cutoffs).map((cut) => [named(rules.rounds, "round", cut.round),
    named(rules.types, "type", cut.type), cut.taken,
    cut.ticket === "all" ? say("all") : cut.ticket === "none" ? say("none") : cut.ticket]);
  fillTable(element("cutoffs"), [say("round"), say("type"), say("taken"), say("cut")], rows);
  element("cutoffs").querySelectorAll("td:last-child").forEach((cell) => cell.classList.add("mono"));
}

const SVG = "http://www.w3.org/2000/svg";
function bars(title, groups) {
  const box = make("div"), tall = 62, room = 340;
  box.append(make("h3", title));
  const svg = document.createElementNS(SVG, "svg");
  const most = Math.max(1, ...groups.map((group) => group.asked));
  const text = groups.map((group) => `${group.name}: ${say("of", group)}`).join("; ");
  for (const [key, value] of Object.entries({ viewBox: `0 0 480 ${tall * groups.length}`, role: "img",
    "aria-label": `${title}: ${text}`, style: "width:100%;max-width:30rem" })) {
    svg.setAttribute(key, value);
  }
  const draw = (name, attributes, content) => {
    const node = document.createElementNS(SVG, name);
    for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
    if (content !== undefined) node.textContent = content;
    svg.append(node);
  };
  groups.forEach((group, i) => {
    const y = tall * i, whole = Math.max(2, (group.asked / most) * room);
    draw("text", { x: 0, y: y + 21 }, group.name);
    draw("rect", { x: 0, y: y + 28, width: whole, height: 24, fill: "#c9d6e4", rx: 3 });
    if (group.housed > 0) {
      draw("rect", { x: 0, y: y + 28, width: Math.max(2, (group.housed / most) * room), height: 24, fill: "#123a63", rx: 3 });
    }
    draw("text", { x: whole + 8, y: y + 47 }, results.size ? say("of", group) : String(group.asked));
  });
  box.append(svg);
  return box;
}

function showPictures() {
  const queues = new Map(rules.queues.map((queue) => [queue.queue, { name: titleOf(queue.title), asked: 0, housed: 0 }]));
  queues.set("", { name: say("no_queue"), asked: 0, housed: 0 });
  const sizes = new Map();
  for (const entry of entries.values()) {
    const housed = results.has(entry.id) && results.get(entry.id).turn !== "" ? 1 : 0;
    if (!sizes.has(entry.persons)) {
      sizes.set(entry.persons, { name: say("persons", { n: entry.persons }), asked: 0, housed: 0 });
    }
    const groups = [sizes.get(entry.persons), ...(entry.queues.length ? entry.queues : [""]).map((queue) => queues.get(queue))];
    for (const group of groups) { group.asked++; group.housed += housed; }
  }
  element("picture-hint").textContent = say(results.size ? "picture_hint" : "picture_hint_before");
  const ordered = [...sizes.entries()].sort((a, b) => a[0] - b[0]).map((pair) => pair[1]);
  element("picture-part").hidden = entries.size === 0;
  element("pictures").replaceChildren(bars(say("by_queue"), [...queues.values()]), bars(say("by_size"), ordered));
}

function showSeed() {
  const box = element("seed"), list = make("ol");
  const item = (title, text, time) => {
    const line = make("li", title + (time ? " · " + time : ""));
    line.append(make("pre", text));
    list.append(line);
  };
  for (const [n, ground, time] of parts.voids) {
    const name = named(rules.void, "ground", ground);
    list.append(make("li", say("voided", { n, ground: name }) + " · " + time));
  }
  const party = (code) => named(rules.parties, "party", code);
  parts.commits.forEach(([code, hex, time]) => item(say("step_commit", { party: party(code) }), hex, time));
  if (parts.dice) item(say("step_dice"), parts.dice[0].replace(/(.{5})(?=.)/g, "$1 "), parts.dice[1]);
  parts.reveals.forEach(([code, secret, time]) => item(say("step_reveal", { party: party(code) }), secret, time));
  for (const [kind, ref, value, time] of parts.publics) {
    const source = rules.public.find((one) => one.name === ref);
    item(say("step_public", { name: source ? titleOf(source.title) : `${kind} ${ref}` }), value, time);
  }
  box.replaceChildren(list.children.length ? list : make("p", say("not_yet")));
  if (parts.seed) {
    box.append(make("p", say("seed_why")), make("pre", parts.seed), make("pre", bundle.files["seed.txt"]));
  }
}

function showFingerprints() {
  const box = element("fingers");
  box.replaceChildren();
  element("finger-hint").textContent = say("finger_hint");
  const head = readNote(bundle.notes["log/checkpoint"]), freeze = readNote(bundle.notes["log/checkpoint.freeze"]);
  const show = (name, note) => {
    box.append(make("p", say(name, { size: note.size })));
    const lines = make("p", undefined, { class: "finger mono" });
    fingerprint(note.root).forEach((line, i) => lines.append(...(i ? [make("br")] : []), line));
    box.append(lines);
  };
  show("at_freeze", freeze);
  if (head.size !== freeze.size) show("at_head", head);
}

function showHomes() {
  const homes = rowsOf(bundle.files["homes.csv"]).map(readHome);
  fillTable(element("homes"), [say("type"), say("people"), say("how_many")], rules.types.map((type) => [
    titleOf(type.title), say("from_to", { min: type.persons[0], max: type.persons[1] }),
    homes.filter((home) => home.type === type.type).length]));
}

/* ---- all words, again when the language changes ---- */

function show() {
  document.documentElement.lang = language;
  const finished = parts.finished;
  const state = parts.end ? "state_ended" : finished ? "state_finished"
    : parts.attempt > 0 ? "state_running" : "state_frozen";
  document.title = titleOf(rules.title) + " · " + rules.draw;
  element("title").textContent = titleOf(rules.title);
  element("state").textContent = say(state);
  element("summary").textContent = rules.draw + " · " + say("summary", { entries: entries.size, homes: rowsOf(bundle.files["homes.csv"]).length });
  element("rehearsal").hidden = !rules.draw.startsWith("REHEARSAL-");
  element("rehearsal").textContent = say("rehearsal");
  const words = { "language-label": "language", "search-title": results.size ? "search_title" : "search_title_before",
    "search-button": "search_button", "search-hint": "search_hint", "check-title": "check_title", "check-hint": "check_hint",
    check: "check", "folder-button": "folder", drop: "drop", "cut-title": "cut_title", "picture-title": "picture_title",
    "seed-title": "seed_title", "finger-title": "finger_title", "homes-title": "homes_title", footer: "footer" };
  for (const [id, name] of Object.entries(words)) element(id).textContent = say(name);
  element("id").setAttribute("aria-label", say("search_label"));
  element("id").placeholder = say("search_label");
  element("answer").replaceChildren();
  showCutoffs();
  showPictures();
  showSeed();
  showFingerprints();
  showHomes();
}

/* ---- checking, in slices of a few milliseconds ---- */

const SLICE_MS = 12;
let running = null;

async function check(given) {
  const run = running = {};
  const bar = element("progress"), list = element("checks");
  list.replaceChildren();
  bar.hidden = false;
  bar.value = 0;
  const steps = Object.keys(WORDS.steps);
  const tell = (zh, en, kind) => list.append(make("li", ui() === 0 ? zh : en, { class: kind }));
  let verdict = true;
  try {
    const work = checkBundle(given);
    let pause = performance.now() + SLICE_MS;
    for (let step = work.next(); !step.done; step = work.next()) {
      const { step: name, part, zh, en, note } = step.value;
      if (zh) tell(zh, en, note ? "note" : "");
      if (performance.now() > pause) {
        bar.value = (steps.indexOf(name) + Math.min(1, part || 0)) / steps.length;
        element("doing").textContent = say("doing", { step: WORDS.steps[name][ui()] });
        await new Promise((resolve) => setTimeout(resolve));
        if (running !== run) return;
        pause = performance.now() + SLICE_MS;
      }
    }
  } catch (error) {
    verdict = false;
    tell(error.zh || String(error), error.en || String(error), "wrong");
  }
  bar.value = 1;
  element("doing").textContent = say(verdict ? "all_good" : "all_wrong");
  document.body.dataset.verdict = verdict ? "good" : "false";
}

/* Files of a chosen folder as a bundle: leaves from its tiles, not from ours. */
async function folderBundle(files) {
  const paths = new Map();
  for (const file of files) {
    const path = (file.path || file.webkitRelativePath || file.name).replace(/^\//, "");
    paths.set(path, file);
  }
  const first = [...paths.keys()].find((path) => path.endsWith("log/checkpoint"));
  if (first === undefined) throw new Wrong("log", WORDS.no_files[0], WORDS.no_files[1]);
  const base = first.slice(0, -"log/checkpoint".length);
  const text = async (name) => decoder.decode(await paths.get(base + name).arrayBuffer());
  const found = { files: {}, notes: {}, lines: [] };
  for (const path of paths.keys()) {
    const name = path.slice(base.length);
    if (/^(rules\.json|seed\.txt|[a-z]+\.csv)$/.test(name)) found.files[name] = await text(name);
    if (/^log\/(checkpoint(\.freeze)?|seen\/\d+)$/.test(name)) found.notes[name] = await text(name);
  }
  const { size } = readNote(found.notes["log/checkpoint"]);
  const rows = new Set(Object.values(ROW_WORDS));
  for (let at = 0; at < size; at += 256) {
    const digits = String(at / 256), width = Math.min(256, size - at);
    const padded = digits.padStart(Math.ceil(digits.length / 3) * 3, "0").match(/.{3}/g);
    const name = "log/tile/entries/" + padded.map((group, i) => (i < padded.length - 1 ? "x" : "") + group).join("/") +
      (width < 256 ? `.p/${width}` : "");
    if (!paths.has(base + name)) throw new Wrong("log", `缺少 ${name}`, `${name} is missing`);
    const bytes = new Uint8Array(await paths.get(base + name).arrayBuffer());
    for (let i = 0; i < bytes.length;) {
      const length = bytes[i] * 256 + bytes[i + 1], line = decoder.decode(bytes.subarray(i + 2, i + 2 + length));
      if (!rows.has(line.split(" ", 1)[0])) found.lines.push(line);
      i += 2 + length;
    }
  }
  return found;
}

async function checkFolder(files) {
  try {
    await check(await folderBundle(files));
  } catch (error) {
    element("checks").replaceChildren(make("li", ui() === 0 ? error.zh || String(error) : error.en || String(error), { class: "wrong" }));
    element("doing").textContent = say("all_wrong");
    document.body.dataset.verdict = "false";
  }
}

/* Everything below a dropped folder; readEntries() gives a hundred at a time. */
async function below(entry, path, files) {
  if (entry.isFile) {
    const file = await new Promise((resolve, reject) => entry.file(resolve, reject));
    file.path = path + entry.name;
    files.push(file);
    return;
  }
  const reader = entry.createReader();
  for (;;) {
    const some = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
    if (some.length === 0) return;
    for (const one of some) await below(one, path + entry.name + "/", files);
  }
}

/* ---- starting ---- */

function start() {
  readAll();
  const names = { zh: "中文", en: "English" };
  const languages = new Set(["zh", "en", ...Object.keys(rules.title)]);
  for (const one of languages) element("language").append(make("option", names[one] || one, { value: one }));
  language = languages.has((navigator.language || "zh").slice(0, 2)) ? (navigator.language || "zh").slice(0, 2) : "en";
  element("language").value = language;
  element("language").addEventListener("change", () => { language = element("language").value; show(); });
  element("search").addEventListener("submit", (event) => {
    event.preventDefault();
    answer(element("id").value.replace(/[\s-]/g, "").toUpperCase());
  });
  element("check").addEventListener("click", () => check(bundle));
  element("folder-button").addEventListener("click", () => element("folder").click());
  element("folder").addEventListener("change", () => checkFolder([...element("folder").files]));
  const drop = element("drop");
  for (const name of ["dragover", "dragleave", "drop"]) {
    drop.addEventListener(name, async (event) => {
      event.preventDefault();
      drop.classList.toggle("over", name === "dragover");
      if (name !== "drop") return;
      const files = [], roots = [...event.dataTransfer.items].map((item) => item.webkitGetAsEntry());
      for (const root of roots) if (root) await below(root, "", files);
      checkFolder(files);
    });
  }
  show();
  /* A link may lead to one's own line, or begin the check. */
  const [word, value] = location.hash.slice(1).split("=");
  if (word === "id" && value) {
    element("id").value = decodeURIComponent(value);
    element("search").requestSubmit();
  } else if (word === "verify") {
    check(bundle);
  }
}

/* Large draws come in chunks beside the page, for `file:` pages may load scripts but fetch nothing. */
const chunks = [];
window.bundleChunk = (text) => chunks.push(text);
function load() {
  const inlined = element("bundle");
  const count = Number(inlined.dataset.chunks || 0);
  if (count === 0) {
    bundle = JSON.parse(inlined.textContent);
    start();
    return;
  }
  const next = (i) => {
    if (i === count) {
      bundle = JSON.parse(chunks.join(""));
      start();
      return;
    }
    const script = make("script", undefined, { src: `data/${i}.js` });
    script.onload = () => next(i + 1);
    document.head.append(script);
  };
  next(0);
}
load();
