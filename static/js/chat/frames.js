// What each frame of the server shows. A frame that comes twice shows nothing twice.
import * as composer from "./composer.js";
import * as crisis from "./crisis.js";
import * as horizon from "./horizon.js";
import * as live from "./live.js";
import * as outbox from "./outbox.js";
import * as queue from "./queue.js";
import * as scroll from "./scroll.js";
import * as takeover from "./takeover.js";
import * as thread from "./thread.js";
import { say, sayReply } from "./announcer.js";
import { find, page, words } from "./page.js";
import { deliver, keepWaiting, sendWaiting, tell } from "./sending.js";
import { listConversation } from "./sidebar.js";
import { dialogue, noteUnseen, refresh, showClosed } from "./view.js";

const GRACE = 1_500; // what happened during the hello is on its way
const talk = find("[data-talk]");
let noticeIsDue = false; // the server shows it with the page, to be acknowledged

const FRAMES = {
  "session.ready": ready,
  message: heard,
  "turn.status": status,
  "turn.delta": delta,
  "turn.retract": live.retract,
  "turn.done": ended,
  "crisis.card": endangered,
  "notice.ai": () => (noticeIsDue = true),
  "takeover.waiting": waiting,
  "takeover.joined": joined,
  "takeover.left": left,
  "takeover.typing": takeover.showTyping,
  "takeover.read": (frame) => takeover.showRead(frame.message),
  "session.closed": (frame) => showClosed(frame.text),
  error: refused,
};

export function hear(frame) {
  FRAMES[frame.type]?.(frame);
}

function ready(frame) {
  dialogue.state = frame.state;
  if (frame.protocol !== page.protocol) composer.complain(words("new_version"));
  live.forgetAllBut(frame.live_turn);
  if (frame.live_turn) live.expect(frame.live_turn);
  takeover.stand(frame.takeover);
  if (frame.state === "closed") showClosed("");
  setTimeout(() => missedSomething(frame) && loadAgain(frame), GRACE);
  outbox.all().forEach(deliver);
  refresh();
}

function missedSomething({ state, latest }) {
  if (state !== dialogue.state) return false; // it has moved on since
  const withoutCard = state === "support" && !crisis.card();
  const reopened = state !== "closed" && !composer.isOpen();
  return withoutCard || reopened || (latest !== null && !thread.shown(latest));
}

// Once for each thing missed: a page that cannot show it must not load for ever.
function loadAgain({ latest, state }) {
  const mark = `${latest} ${state}`;
  try {
    if (sessionStorage.getItem("loaded-for") === mark) return;
    sessionStorage.setItem("loaded-for", mark);
  } catch {
    return; // without storage there is no way to know that it was tried
  }
  location.reload();
}

function heard(message) {
  if (crisis.card()?.dataset.id === message.id) {
    crisis.putAway();
    if (dialogue.state === "support") dialogue.state = "ai";
  }
  const sent = outbox.take(message.client_id);
  queue.leave(message.client_id);
  const isNew = !thread.shown(message.id);
  const node = thread.put(message);
  if (message.author === "user") begun(message, node, isNew, sent);
  if (message.author === "human") spoken(message, node, isNew);
  refresh();
}

function begun(message, node, isNew, sent) {
  listConversation(message.text);
  live.bind(message.client_id, message.turn, message.id);
  if (!isNew) live.clearWordless(message.id);
  else if (sent || scroll.isFollowing()) scroll.followFrom(node);
}

/** A person of the team has written: said aloud whole, counted, marked as read. */
function spoken(message, node, isNew) {
  takeover.hideTyping();
  if (!isNew) return;
  sayReply(`${words("human_said")} ${find("[data-body]", node).innerText}`);
  noteUnseen();
  scroll.countNew();
  takeover.tellRead({ send: tell });
}

function waiting(frame) {
  dialogue.state = "waiting_human";
  takeover.stand(frame);
  refresh();
}

function joined(frame) {
  dialogue.state = "human";
  live.forgetAllBut(null);
  takeover.stand(frame);
  refresh();
  sendWaiting();
}

function left(frame) {
  dialogue.state = frame.state;
  takeover.stand(null);
  refresh();
}

function status(frame) {
  live.status(frame);
  refresh();
}

function delta(frame) {
  if (!live.delta(frame)) return;
  say(words("replying", { name: page.persona.name }));
  refresh();
}

function endangered(card) {
  const stands = crisis.card()?.dataset.id === card.id;
  if (!stands && thread.shown(card.id)) return; // put away before this was told
  if (!["human", "waiting_human"].includes(dialogue.state)) dialogue.state = "support";
  crisis.open(card);
  refresh();
}

function ended(frame) {
  const node = live.done(frame);
  if (node && frame.message) sayReply(find("[data-body]", node).innerText);
  else if (node) say(find("[data-note]", node).textContent);
  if (frame.outcome !== "handed_over") horizon.stand(frame.horizon);
  if (frame.message) noteUnseen();
  scroll.countNew();
  refresh();
  sendWaiting();
  if (noticeIsDue) location.reload();
}

function refused(frame) {
  const busy = frame.code === "turn_busy" && outbox.find(frame.client_id);
  if (busy) return keepWaiting(busy);
  live.forget(frame.client_id);
  const entry = outbox.take(frame.client_id);
  if (entry) giveBack(entry);
  if (frame.retry_after > 0) composer.complainFor(frame.text, frame.retry_after);
  else composer.complain(frame.text, frame.code === "unavailable" ? frame.ref : "");
  if (frame.code === "conversation_closed") showClosed(frame.text);
  if (frame.code === "gate_closed") location.assign(talk.dataset.chats);
  refresh();
}

function giveBack(entry) {
  thread.dropPending(entry.id);
  queue.leave(entry.id);
  if (composer.isOpen()) composer.giveBack(entry.text);
}
