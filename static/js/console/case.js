// One case that is open: new words come by themselves, the lease is kept while its
// operator is there, and when the case is lost its words leave the screen.
import { keepKeys } from "./keys.js";
import { keepReply, mayWrite } from "./reply.js";
import { keepSound, ring, toggle } from "./sound.js";

const EVERY = 1_000; // milliseconds
const AWAY = 180_000; // without a key, a press or a scroll the operator may have gone
const PATIENCE = 10_000;
const BLUR = "console-blur";
const find = (selector) => document.querySelector(selector);
const page = find("[data-case]");
const words = find("[data-words]");
const thread = find("[data-thread]");
const token = find("[name=csrfmiddlewaretoken]").value;
let last = Number(words.lastElementChild?.dataset.seq ?? 0);
let movedAt = Date.now();
let isOver = false;

const isThere = () => Date.now() - movedAt < AWAY;
const lastOfPerson = () =>
  Number([...words.querySelectorAll(".cases-said--user")].at(-1)?.dataset.seq ?? 0);

async function post(url, fields) {
  const body = new URLSearchParams({ ...fields, csrfmiddlewaretoken: token });
  return fetch(url, { method: "POST", body, signal: AbortSignal.timeout(PATIENCE) });
}

async function pulse() {
  const seen = document.hidden || !isThere() ? 0 : lastOfPerson();
  const renew = isThere() ? "1" : "0";
  const answer = await post(page.dataset.pulseUrl, { after: last, seen, renew });
  if (answer.redirected || answer.status === 403) return lose("");
  if (answer.status === 409) return lose((await answer.json()).words);
  if (answer.ok) hear(await answer.json());
}

function hear(news) {
  if (news.lines?.trim()) append(news.lines);
  last = Math.max(last, news.last);
  for (const name of ["status", "notes", "told"]) swap(name, news[name]);
  for (const node of words.querySelectorAll(".cases-said--human")) {
    const mark = node.querySelector("[data-read-mark]");
    if (mark) mark.hidden = Number(node.dataset.seq) > news.read;
  }
  find("[data-typing]").hidden = !news.typing;
  mayWrite(news.may_write === true);
  const others = news.rings.filter((id) => id !== page.dataset.case);
  find("[data-others]").textContent = others.length ? `(${others.length})` : "";
  ring(others);
}

function append(html) {
  const fresh = document.createElement("template");
  fresh.innerHTML = html;
  for (const node of fresh.content.querySelectorAll("[data-seq]"))
    if (words.querySelector(`[data-seq="${node.dataset.seq}"]`)) node.remove();
  const atEnd = thread.scrollHeight - thread.clientHeight - thread.scrollTop < 60;
  words.append(fresh.content);
  if (atEnd) toEnd();
}

// What did not change is left alone: a screen reader says it only once.
function swap(name, html) {
  const node = find(`[data-live="${name}"]`);
  if (!html || withoutToken(html) === withoutToken(node.innerHTML)) return;
  if (node.contains(document.activeElement)) return;
  node.innerHTML = html;
}

const withoutToken = (html) => {
  const read = document.createElement("template");
  read.innerHTML = html;
  read.content.querySelectorAll("[name=csrfmiddlewaretoken]").forEach((node) => node.remove());
  return read.innerHTML.trim();
};

/** The case is with somebody else, or nobody: no word of it stays on this screen. */
function lose(text) {
  isOver = true;
  find("[data-held]").remove();
  const line = find("[data-lost]");
  line.textContent = text;
  line.hidden = false;
  if (!text) location.assign(page.dataset.queueUrl);
}

function toEnd() {
  thread.scrollTop = thread.scrollHeight;
}

async function goOn() {
  try {
    await pulse();
  } catch {
    // The network is away: the lease lapses and the case goes back to the queue.
  }
  find("[data-away]").hidden = isOver || isThere();
  if (!isOver) setTimeout(goOn, EVERY);
}

function moved() {
  movedAt = Date.now(); // what it changes on the page comes with the next pulse
}

function blur() {
  const isOn = localStorage.getItem(BLUR) === "on";
  page.classList.toggle("is-blurred", isOn);
  find("[data-blur]").setAttribute("aria-pressed", String(isOn));
}

function toggleBlur() {
  localStorage.setItem(BLUR, localStorage.getItem(BLUR) === "on" ? "off" : "on");
  blur();
}

for (const kind of ["pointerdown", "keydown", "wheel", "touchmove"])
  document.addEventListener(kind, moved, { passive: true });
find("[data-blur]").addEventListener("click", toggleBlur);
keepSound();
keepReply({ post, toEnd });
keepKeys({
  r: () => find("[data-reply-words]")?.focus(),
  t: () => {
    const box = find("[data-replies]");
    if (!box) return;
    box.open = true;
    box.querySelector("button").focus();
  },
  b: toggleBlur,
  m: toggle,
  q: () => find("[data-to-queue]").click(),
});
blur();
toEnd();
setTimeout(goOn, EVERY);
