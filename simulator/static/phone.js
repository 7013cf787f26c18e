// The phone: one entry line, one view at a time, and a long poll that brings the handset's state from the simulator.

import { $, buzz, drawGauge, drawPanels, el, on, time } from "./panels.js";
import * as typing from "./typing.js";

const { code: CODE, sms: SMS, word: WORD, prefix: PREFIX, complete: COMPLETE } = document.body.dataset;
const ROOT = CODE.split("*").slice(0, 2).join("*") + "*";
const MOST = { 63903: 90 }; // characters in a reply; 80 elsewhere
const CHOICE = { mode: "123" };
const STORY = { mode: "abc", look: "story" };
const HOLD = 600; // ms after which a held key means its digit

const phone = {
  number: sessionStorage.getItem("number") || $("people").elements.number[0].value,
  view: "home", state: null, session: null, result: null, message: null, selected: 0, to: SMS, hop: null,
};
let polling = new AbortController();

// --- talking to the simulator

async function ask(path, body, signal) {
  const json = { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) };
  const answer = await fetch(path, { ...(body ? json : {}), signal });
  if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
  return answer.status === 204 ? null : answer.json();
}

async function watch() {
  for (;;) {
    const { number, state } = phone;
    const seen = state && state.number === number ? state.revision : -1;
    try {
      const news = await ask(`/_phone?number=${encodeURIComponent(number)}&seen=${seen}`, null, polling.signal);
      if (number === phone.number) adopt(news);
    } catch (error) {
      if (error.name !== "AbortError") await new Promise((resume) => setTimeout(resume, 1500));
    }
  }
}

function adopt(news) {
  const before = phone.state && phone.state.number === news.number ? phone.state : null;
  const arrived = before && news.unread > before.unread;
  phone.state = news;
  drawPanels(news);
  if (arrived) buzz();
  const over = phone.view === "ussd" && phone.session && news.ended && news.ended.session === phone.session.session;
  if (over) closed(news.ended.why);
  else if (!before && news.session) show(news.session);
  else if (arrived && ["home", "arrived"].includes(phone.view)) go("arrived");
  else if (phone.view === "inbox") draw();
}

function closed(why) {
  const reasons = {
    idle: "The network hung up: no reply came in time.",
    "too long": "The network hung up: the session took too long.",
  };
  phone.session = null;
  go("notice", `${reasons[why] || "The session ended."} Dial again to go on.`);
}

// --- what the keys do

async function dial(dialled) {
  if (!CODE) return go("notice", `There is no code to dial here. Write to ${SMS}.`);
  if (!/^[*#]/.test(dialled)) return go("notice", `This phone only dials codes, such as ${CODE}`);
  if (!dialled.startsWith(ROOT) || !dialled.endsWith("#")) return go("notice", "Invalid MMI code.");
  const [network, patient] = [$("network").value || phone.state.network, $("patient").checked];
  return hop("/_ussd/dial", { number: phone.number, code: dialled, network, patient });
}

const reply = () => hop("/_ussd/answer", { session: phone.session.session, input: $("entry").value });

async function hop(path, body) {
  go("wait");
  const mine = (phone.hop = {});
  const waits = () => phone.view === "wait" && phone.hop === mine;
  try {
    const shown = await ask(path, body);
    if (waits()) show(shown);
    else if (shown.open) await ask("/_ussd/hang-up", { session: shown.session });
  } catch {
    if (waits()) go("notice", "Connection problem. Try again.");
  }
}

function show(shown) {
  phone.session = shown.open ? { ...shown, until: Date.now() + shown.expires_in * 1000 } : null;
  phone.result = shown;
  drawGauge(shown);
  go(shown.open ? "ussd" : "over");
}

async function hangUp() {
  const session = phone.session || (phone.state && phone.state.session);
  phone.session = null;
  go("home");
  if (session) await ask("/_ussd/hang-up", { session: session.session }).catch(() => null);
}

async function sendText() {
  const text = $("entry").value.trim();
  if (!text) return;
  go("notice", "Message sent.");
  await ask("/_sms", { from: phone.number, to: phone.to, text }).catch(() => go("notice", "Message not sent."));
}

function open(text) {
  phone.message = text;
  go("message");
  if (text.state === "new") ask("/_phone/read", { number: phone.number, id: text.id });
}

function write(to, words = "") {
  phone.to = to;
  go("write");
  for (const letter of words) typing.insert(letter);
}
// A menu in a text is answered with a number.
function answer() {
  phone.digits = /^1\./m.test(phone.message.body);
  write(phone.message.peer);
  phone.digits = false;
}

const canAnswer = (peer) => /^\+?\d+$/.test(peer);

// --- the views: a body, two soft keys, and perhaps the entry line

const VIEWS = {
  home: () => ({
    body: [
      el("p", { className: "hour" }, hour()),
      ...(CODE ? [
        el("p", { className: "invite" }, `Dial ${CODE} and press the green key`),
        el("button", { type: "button", className: "go", onclick: () => dial(CODE) }, `Dial ${CODE}`),
      ] : [
        el("p", { className: "invite" }, `Write ${WORD || "an SMS"} to ${SMS}`),
        el("button", { type: "button", className: "go", onclick: () => write(SMS, WORD) }, `Write ${WORD}`),
      ]),
    ],
    left: ["Messages", () => go("inbox")], right: ["Write", () => write(SMS)],
  }),
  arrived: () => ({
    body: [big(`${phone.state.unread} message${phone.state.unread > 1 ? "s" : ""} received`)],
    left: ["Show", () => open(phone.state.texts.find((text) => text.state === "new"))],
    right: ["Exit", () => go("home")],
  }),
  dial: () => ({
    entry: { label: "Number", mode: "dial", most: 40, look: "dialled" },
    body: [],
    left: ["Call", () => dial($("entry").value)], right: ["Clear", () => ACTIONS.clear()],
  }),
  wait: () => ({ body: [el("p", { className: "big waiting" }, "Please wait")], right: ["Cancel", hangUp] }),
  ussd: () => ({
    // Digits where the screen offers choices; letters where it asks for words.
    entry: { label: "Reply", most: MOST[$("network").value] || 80, ...(choices() ? CHOICE : STORY) },
    body: [words(phone.session.text)],
    left: ["Send", reply], right: ["Cancel", hangUp],
  }),
  over: () => ({
    body: [words(phone.result.text)],
    left: ["Messages", () => go("inbox")], right: ["OK", () => go("home")],
  }),
  notice: () => ({ body: [big(phone.result)], right: ["OK", () => go("home")] }),
  inbox: () => ({
    body: [texts().length ? el("ul", { className: "texts" }, ...texts().map(item)) : big("No messages yet")],
    left: texts().length ? ["Open", () => open(texts()[phone.selected])] : ["Write", () => write(SMS)],
    right: ["Back", () => go("home")],
  }),
  message: () => ({
    body: letter(phone.message),
    left: phone.message.received && canAnswer(phone.message.peer) ? ["Reply", answer] : null,
    right: ["Back", () => go("inbox")],
  }),
  write: () => ({
    entry: { label: `Message to ${phone.to}`, mode: phone.digits ? "123" : "abc", most: 612, sms: true, look: "tall" },
    body: [],
    left: ["Send", sendText],
    right: ["Cancel", () => go("home")],
  }),
};

const big = (said) => el("p", { className: "big" }, said);
const words = (said) => el("p", { className: said.split("\n").length < 10 ? "words roomy" : "words" }, said);
const choices = () => /^1\./m.test(phone.session.text);
const texts = () => (phone.state ? phone.state.texts : []);

const letter = (text) => [
  el("p", { className: "from" }, `${text.received ? "From" : "To"} ${text.peer} · ${time(text.at)}`),
  words(text.body),
  el("p", { className: "from" }, `${text.parts} SMS${text.encoding === "ucs2" ? ", special letters" : ""}`),
];

function item(text, index) {
  const current = index === phone.selected ? "true" : "false";
  const name = `${text.received ? "" : "To "}${text.peer}${text.state === "new" ? " (new)" : ""}`;
  const button = { type: "button", className: `item ${text.state}`, ariaCurrent: current, onclick: () => open(text) };
  const shown = [el("b", {}, name), el("time", {}, time(text.at)), el("span", {}, text.body)];
  return el("li", {}, el("button", button, ...shown));
}

function go(view, result) {
  phone.view = view;
  if (result !== undefined) phone.result = result;
  if (view === "inbox") phone.selected = 0;
  const { entry } = VIEWS[view]();
  draw();
  if (entry) typing.begin(entry);
  $("view").scrollTop = 0;
  if (!entry) $("entry").blur(); // a hidden line keeps the focus for a moment and swallows a key
  if (entry && matchMedia("(pointer: fine)").matches && !$("pad").contains(document.activeElement)) {
    $("entry").focus({ preventScroll: true });
  }
}

function draw() {
  const { body, left, right, entry } = VIEWS[phone.view]();
  $("view").className = `view ${phone.view}`;
  $("view").replaceChildren(...body);
  for (const [side, action] of [["left", left], ["right", right]]) {
    const name = action ? action[0] : "";
    $(`label-${side}`).textContent = name;
    $(`label-${side}`).hidden = !action;
    $(`soft-${side}`).ariaLabel = `${side === "left" ? "Left" : "Right"} key${name && `: ${name}`}`;
  }
  $("line").hidden = !entry;
  $("line").className = `line ${(entry && entry.look) || ""}`;
  tick();
}

// --- the keys

function press(key) {
  if (phone.view === "home") go("dial");
  if (!$("line").hidden) typing.press(key);
}

const ACTIONS = {
  left: () => { const { left } = VIEWS[phone.view](); if (left) left[1](); },
  right: () => { const { right } = VIEWS[phone.view](); if (right) right[1](); },
  call: () => {
    if (phone.view === "dial") dial($("entry").value);
    else if (phone.view === "home") CODE ? dial(CODE) : write(SMS, WORD);
    else if (phone.view === "ussd") reply();
  },
  end: hangUp,
  clear: () => {
    if ($("line").hidden) ACTIONS.right();
    else if (!typing.erase() && phone.view === "dial") go("home");
  },
  up: () => move(-1),
  down: () => move(1),
};

function move(step) {
  if (phone.view !== "inbox" || !texts().length) {
    $("view").scrollBy({ top: step * 54 });
    return;
  }
  phone.selected = (phone.selected + step + texts().length) % texts().length;
  draw();
  $("view").querySelector("[aria-current=true]").scrollIntoView({ block: "nearest" });
}

function onKey(event) {
  const { key, target } = event;
  if (event.ctrlKey || event.metaKey || event.altKey || target.closest(".card")) return;
  const inLine = target === $("entry");
  const enter = ["dial", "ussd"].includes(phone.view) ? "call" : "left";
  const does = { Enter: enter, Escape: "end", ArrowUp: "up", ArrowDown: "down", Backspace: "clear" }[key];
  if (inLine && (key === "Backspace" || (phone.view === "write" && key.startsWith("Arrow")))) return;
  if (does) {
    if (key === "Enter" && (target.closest("button") || event.shiftKey)) return;
    event.preventDefault();
    ACTIONS[does]();
  } else if (key.length === 1 && !inLine) {
    if (key === " " && target.closest("button")) return;
    if (phone.view === "home" && /[0-9*#+]/.test(key)) go("dial");
    if ($("line").hidden) return;
    event.preventDefault();
    typing.insert(key);
  }
}

const hour = () => time(Date.now());

function tick() {
  $("clock").textContent = phone.view === "home" ? "" : hour();
  const clock = $("view").querySelector(".hour");
  if (clock && clock.textContent !== hour()) clock.textContent = hour();
  const left = phone.view === "ussd" && phone.session ? Math.ceil((phone.session.until - Date.now()) / 1000) : 99;
  $("ticking").hidden = left > 15;
  $("ticking").textContent = `The network hangs up in ${Math.max(0, left)} s`;
}

// --- the owner's choices

function choose(number) {
  if (number === phone.number && phone.state) return;
  sessionStorage.setItem("number", number);
  Object.assign(phone, { number, state: null, session: null });
  go("home");
  polling.abort();
  polling = new AbortController();
}

const international = (typed) =>
  typed.replace(/[\s-]/g, "").replace(/^0(?=[1-9])/, `+${PREFIX}`).replace(new RegExp(`^${PREFIX}`), `+${PREFIX}`);

function chosen() {
  const radio = $("people").elements.number;
  if (radio.value) choose(radio.value);
  else if (/^\+\d{7,15}$/.test(international($("other").value))) choose(international($("other").value));
}

function owner() {
  const radios = [...$("people").elements.number];
  const known = radios.find((radio) => radio.value === phone.number) || $("other-radio");
  known.checked = true;
  if (!known.value) $("other").value = phone.number;
  on($("people"), "submit", (event) => event.preventDefault());
  for (const radio of radios) on(radio, "change", chosen);
  on($("other"), "focus", () => { $("other-radio").checked = true; });
  on($("other"), "change", chosen);
  on($("other"), "input", () => { if (new RegExp(COMPLETE).test(international($("other").value))) chosen(); });
  on($("network"), "change", () => ask("/_phone/network", { number: phone.number, network: $("network").value }));
  on($("blocked"), "change", () => ask($("blocked").checked ? "/_opt-out" : "/_opt-in", { number: phone.number }));
}

function start() {
  owner();
  on($("entry"), "input", typing.settle);
  on(document, "keydown", onKey);
  for (const key of document.querySelectorAll("[data-press]")) on(key, "click", () => ACTIONS[key.dataset.press]());
  for (const key of document.querySelectorAll("[data-key]")) keypad(key);
  on($("phone"), "mousedown", (event) => {
    if (event.target.closest("[data-key], [data-press]")) event.preventDefault(); // the line keeps the focus
  });
  setInterval(tick, 500);
  go("home");
  watch();
}

function keypad(button) {
  const { key } = button.dataset;
  let timer = null;
  let held = false;
  on(button, "pointerdown", () => {
    held = false;
    timer = setTimeout(() => {
      held = !$("line").hidden;
      if (held) typing.hold(key);
    }, HOLD);
  });
  for (const end of ["pointerup", "pointerleave", "pointercancel"]) on(button, end, () => clearTimeout(timer));
  on(button, "click", () => {
    if (!held) press(key);
    held = false;
  });
}

start();
