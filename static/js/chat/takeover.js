// A person of the team: asked for, there, gone. The strip says who is there; the person
// may decline; each side sees that the other types and how far it has read.
import { find, findAll, onTouch, page, piece, words } from "./page.js";
import { interrupt } from "./announcer.js";
import { list } from "./thread.js";

const TYPING_SHOWN = 6_000;
const TYPING_TOLD = 3_000;
const strip = find("[data-takeover]");
const typing = find("[data-typing]");
const talk = find("[data-talk]");
let shown = null; // the frame that the strip shows
let readUpTo = "";
let quiet = 0;
let toldTyping = 0;
let toldRead = "";

/** What a frame, or the hello, says of who is there: a frame, or null for nobody. */
export function stand(frame, { aloud = true } = {}) {
  const isNew = frame?.title !== shown?.title;
  shown = frame;
  strip.hidden = !frame;
  hideTyping();
  if (!frame) return;
  strip.dataset.takeover = frame.type === "takeover.joined" ? "joined" : waiting(frame);
  find("[data-takeover-title]", strip).textContent = frame.title;
  find("[data-takeover-body]", strip).textContent = frame.body;
  tellSince();
  if (isNew && aloud) interrupt(`${frame.title} ${frame.body}`);
}

const waiting = (frame) => (frame.staffed ? "waiting" : "nobody");

/** How long one has waited: said, never counted down. */
function tellSince() {
  const line = find("[data-takeover-since]", strip);
  const waits = shown?.type === "takeover.waiting";
  const minutes = waits ? Math.floor((Date.now() - new Date(shown.since)) / 60_000) : 0;
  line.textContent = minutes >= 1 ? words("takeover_since", { minutes }) : "";
}

/** The state of the dialogue decides which buttons of the page make sense. */
export function mark(state) {
  talk.dataset.state = state;
}

export function showTyping() {
  if (shown?.type !== "takeover.joined") return;
  typing.textContent = words("human_typing", { name: shown.name });
  typing.hidden = false;
  clearTimeout(quiet);
  quiet = setTimeout(hideTyping, TYPING_SHOWN);
}

export function hideTyping() {
  clearTimeout(quiet);
  typing.hidden = true;
}

/** The person of the team has read everything up to message `id`. */
export function showRead(id = readUpTo) {
  readUpTo = id;
  const last = find(`[data-id="${id}"]`, list);
  if (!last) return;
  for (const node of findAll("[data-author=user][data-sent]:not([data-read])", list)) {
    const isLater = last.compareDocumentPosition(node) & Node.DOCUMENT_POSITION_FOLLOWING;
    if (isLater) continue;
    if (!follows(node, "[data-author=human]") && shown?.type !== "takeover.joined") continue;
    node.dataset.read = "";
    find("[data-state]", node).replaceChildren(piece("read"));
  }
}

const follows = (node, selector) =>
  findAll(selector, list).some(
    (other) => node.compareDocumentPosition(other) & Node.DOCUMENT_POSITION_FOLLOWING,
  );

/** Tells the team, while somebody is there, what this side does; at most now and then. */
export function keepTelling({ send }) {
  find("[data-words]")?.addEventListener("input", () => {
    if (shown?.type !== "takeover.joined" || Date.now() - toldTyping < TYPING_TOLD) return;
    toldTyping = Date.now();
    send({ type: "takeover.typing" });
  });
  document.addEventListener("visibilitychange", () => tellRead({ send }));
  setInterval(tellSince, 20_000);
  if (page.takeover) stand(page.takeover, { aloud: false });
}

/** A message of the team counts as read while it is on a page that is looked at. */
export function tellRead({ send }) {
  const newest = findAll("[data-author=human][data-id]", list).at(-1)?.dataset.id;
  if (!newest || newest === toldRead || document.hidden) return;
  toldRead = newest;
  send({ type: "takeover.read", message: newest });
}

/** Back to writing, once the strip has changed under the finger. */
export function afterAnswer() {
  if (!onTouch()) find("[data-words]")?.focus();
}
