// The messages of the thread: shown once each, whatever is sent twice.
import { page, find, findAll, piece, words } from "./page.js";
import { dayLine, setTime, tellTimes } from "./time.js";
import { keepPlace } from "./scroll.js";

export const list = find("[data-messages]");
const empty = find("[data-empty]");
const pending = new Map(); // client id → the bubble that is not committed yet

export const shown = (id) => find(`[data-id="${id}"]`, list);

/** A new message of `author` at the end of the thread. */
export function append(author, iso = new Date().toISOString()) {
  empty.hidden = true;
  const node = piece(author).firstElementChild;
  const line = dayLine(list, iso);
  list.append(...(line ? [line, node] : [node]));
  setTime(node, iso);
  return node;
}

/** The person's own words before they are committed. */
export function showPending(clientId, text) {
  if (pending.has(clientId)) return pending.get(clientId);
  const node = append("user");
  setPlain(node, text);
  find("[data-state]", node).replaceChildren(piece("sending"));
  pending.set(clientId, node);
  return node;
}

export function dropPending(clientId) {
  pending.get(clientId)?.remove();
  pending.delete(clientId);
  const spoken = find("[data-author], [data-crisis]", list);
  empty.hidden = spoken !== null;
}

/** A committed message: fills the bubble it belongs to, or makes one. */
export function put(message, node = shown(message.id)) {
  const waiting = pending.get(message.client_id);
  pending.delete(message.client_id);
  if (node && waiting) waiting.remove();
  const target = node ?? waiting ?? append(message.author, message.created_at);
  target.dataset.id = message.id;
  setBody(target, message.html);
  setTime(target, message.created_at);
  if (message.turn) target.dataset.turn = message.turn;
  if (message.answers) target.dataset.answers = message.answers;
  if (message.author === "user") commit(target);
  return target;
}

function commit(node) {
  node.dataset.sent = "";
  find("[data-state]", node).replaceChildren(piece("tick"));
}

// Only what the server rendered and cleaned becomes HTML here.
function setBody(node, html) {
  const body = find("[data-body]", node);
  body.classList.remove("is-plain", "is-writing");
  body.innerHTML = html;
}

export function setPlain(node, text) {
  const body = find("[data-body]", node);
  body.classList.add("is-plain");
  body.textContent = text;
}

/** Says in words how a reply ended that is not simply done. */
export function noteOutcome(node) {
  const note = find("[data-note]", node);
  const { outcome, reason } = node.dataset;
  if (!note || !outcome || outcome === "done") return;
  note.textContent = words(`reason_${reason}`) || words(`outcome_${outcome}`);
  note.hidden = note.textContent === "";
}

/** The page above, as the server renders it. */
export async function loadEarlier(button) {
  button.disabled = true;
  const answer = await fetch(page.earlier + button.dataset.earlier + "/").catch(() => null);
  if (!answer?.ok) {
    button.disabled = false;
    return;
  }
  const above = document.createElement("template");
  above.innerHTML = await answer.text();
  keepPlace(() => {
    if (find("[data-horizon]", above.content)) find("[data-horizon]", list)?.remove();
    button.closest("li").replaceWith(above.content);
    findAll("[data-outcome]", list).forEach(noteOutcome);
    tellTimes(list);
  });
}
