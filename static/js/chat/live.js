// A reply on its way: dots at once, then checked words as plain text. Words are put
// into the page once per frame, however many arrive.
import { find, findAll, page, piece, words } from "./page.js";
import { append, list, noteOutcome, put, setPlain, shown } from "./thread.js";

const STILL_WORKING = 10_000;
const OFFER_CANCEL = 60_000;
const HIDDEN_PAGE = 250; // a page in the background gets no animation frames
const bubbles = new Map(); // turn → { node, text, timers }
const unbound = new Set(); // keys that are sends and no turns yet
const unwritten = new Map();
let planned = 0;

export const liveTurns = () => [...bubbles.keys()].filter((key) => !unbound.has(key));
export const isLive = () => bubbles.size > 0;

/** Dots before the server has said anything; `key` is the id of the send. */
export function anticipate(key, answers) {
  unbound.add(key);
  return expect(key, answers);
}

/** Dots for the reply of a turn. */
export function expect(key, answers = "") {
  const node = bubbles.get(key)?.node ?? begin(key);
  if (answers) node.dataset.answers = answers;
  return node;
}

function begin(key) {
  const node = append("model");
  node.dataset.live = "";
  node.dataset.turn = key;
  const waiting = piece("waiting").firstElementChild;
  find("[data-body]", node).before(waiting);
  list.setAttribute("aria-busy", "true");
  bubbles.set(key, { node, text: "", timers: startTimers(waiting) });
  return node;
}

function startTimers(waiting) {
  const line = find("[data-waiting-words]", waiting);
  return [
    setTimeout(() => (line.textContent = words("still_working")), STILL_WORKING),
    setTimeout(() => {
      line.textContent = words("long_wait");
      find("[data-cancel]", waiting).hidden = false;
    }, OFFER_CANCEL),
  ];
}

/** The send has become a turn. */
export function bind(key, turn, answers) {
  const bubble = bubbles.get(key);
  if (!bubble || bubbles.has(turn)) return;
  bubbles.delete(key);
  unbound.delete(key);
  bubbles.set(turn, bubble);
  Object.assign(bubble.node.dataset, { turn, answers });
}

/** Nothing follows from the send: it was refused, or its end was missed. */
export function forget(key) {
  const bubble = bubbles.get(key);
  if (!bubble) return;
  end(key);
  bubble.node.remove();
}

export function status({ turn, answers, status: at, position }) {
  const line = find("[data-waiting-words]", expect(turn, answers));
  if (line) line.textContent = words(`status_${at}`, { position, name: page.persona.name });
}

/** Gives true for the first words of a turn. */
export function delta({ turn, text }) {
  const isFirst = find("[data-waiting]", expect(turn)) !== null && !unwritten.has(turn);
  unwritten.set(turn, (unwritten.get(turn) ?? "") + text);
  plan();
  return isFirst;
}

function plan() {
  if (planned) return;
  planned = setTimeout(write, HIDDEN_PAGE);
  requestAnimationFrame(write);
}

function write() {
  clearTimeout(planned);
  planned = 0;
  for (const [turn, text] of unwritten) {
    const bubble = bubbles.get(turn);
    if (bubble) showText(bubble, bubble.text + text);
  }
  unwritten.clear();
}

function showText(bubble, text) {
  bubble.text = text;
  find("[data-waiting]", bubble.node)?.remove();
  bubble.timers.forEach(clearTimeout);
  setPlain(bubble.node, text.trimStart());
  find("[data-body]", bubble.node).classList.add("is-writing");
}

/** Everything shown of the turn is taken back. */
export function retract({ turn, text }) {
  unwritten.delete(turn);
  const bubble = bubbles.get(turn);
  if (bubble) showText(bubble, text);
}

/** What was on its way before the connection broke, but for the turn that still runs. */
export function forgetAllBut(turn) {
  for (const key of [...bubbles.keys()]) if (key !== turn) forget(key);
}

/** The one end of a turn. Gives the message that stays, or null. */
export function done({ turn, outcome, reason, message }) {
  write();
  const bubble = bubbles.get(turn);
  end(turn);
  if (message) return close(place(message, bubble?.node), outcome, reason);
  const silent = outcome === "handed_over" || outcome === "done";
  if (!silent) return close(bubble?.node ?? wordless(turn), outcome, reason);
  bubble?.node.remove();
  return null;
}

// A reply of the companion stays where its words came in; fixed words of the service
// are no reply of the companion and never stand in its bubble.
function place(message, node) {
  const takesBubble = message.author === "model" && !shown(message.id);
  if (node && !takesBubble) node.remove();
  return put(message, takesBubble ? node : undefined);
}

function wordless(turn) {
  const there = find(`[data-author=model][data-turn="${turn}"]`, list);
  if (there) return there;
  const node = append("model");
  const question = findAll("[data-author=user]", list).at(-1);
  Object.assign(node.dataset, { turn, answers: question?.dataset.id ?? "" });
  return node;
}

function close(node, outcome, reason) {
  delete node.dataset.live;
  find("[data-body]", node).classList.remove("is-writing");
  node.dataset.outcome = outcome;
  node.dataset.reason = reason;
  noteOutcome(node);
  return node;
}

function end(key) {
  const bubble = bubbles.get(key);
  if (!bubble) return;
  bubble.timers.forEach(clearTimeout);
  find("[data-waiting]", bubble.node)?.remove();
  bubbles.delete(key);
  unbound.delete(key);
  if (!bubbles.size) list.removeAttribute("aria-busy");
}

/** An attempt that ended without a word makes room for the next one. */
export function clearWordless(answers) {
  for (const node of findAll(`[data-author=model][data-answers="${answers}"]`, list)) {
    const isLive = "live" in node.dataset;
    if (!node.dataset.id && !isLive && !find("[data-body]", node).textContent) node.remove();
  }
}
