// What the person does: write, stop, ask again, leave. Rules live on the server; every
// message goes there at once, also while a reply is being written, because danger and
// goodbyes are answered in between. The rest is refused as busy and waits as a chip.
import * as composer from "./composer.js";
import * as live from "./live.js";
import * as outbox from "./outbox.js";
import * as queue from "./queue.js";
import * as scroll from "./scroll.js";
import * as thread from "./thread.js";
import * as versions from "./versions.js";
import { say } from "./announcer.js";
import { afterAnswer } from "./takeover.js";
import { keepDraft } from "./drafts.js";
import { find, newId, words } from "./page.js";
import { dialogue, refresh } from "./view.js";

const LEAVE_WITHIN = 1_500;
const BUSY_ELSEWHERE = 1_000;
const talk = find("[data-talk]");
const stopping = new Set();
let socket = null;

export function sendThrough(kept) {
  socket = kept;
}

export function submit(text) {
  const entry = { id: newId(), text };
  outbox.add(entry);
  deliver(entry);
}

/** Sends, or sends again. Without a connection it stays in the outbox, which goes out
 * with the next one. */
export function deliver(entry) {
  if (live.isLive()) wait(entry);
  else showSending(entry);
  const frame = { type: "message.send", client_id: entry.id, text: entry.text };
  if (socket.isLive()) socket.send(frame);
  refresh();
}

function showSending({ id, text }) {
  queue.leave(id);
  const bubble = thread.showPending(id, text);
  if (dialogue.state === "ai" && socket.isLive()) live.anticipate(id);
  scroll.followFrom(bubble);
}

function wait(entry) {
  queue.wait(entry, {
    edit: ({ id, text }) => {
      outbox.take(id);
      composer.giveBack(text);
    },
    drop: ({ id }) => outbox.take(id),
  });
}

/** Refused as busy: it goes when the reply is done, here or in another tab. */
export function keepWaiting(entry) {
  thread.dropPending(entry.id);
  live.forget(entry.id);
  wait(entry);
  refresh();
  if (!live.isLive()) setTimeout(sendWaiting, BUSY_ELSEWHERE);
}

export function sendWaiting() {
  const next = queue.first();
  if (next && !live.isLive() && socket.isLive()) deliver(next);
}

export function stop(turn = live.liveTurns().at(-1)) {
  if (!live.liveTurns().includes(turn) || stopping.has(turn)) return;
  socket.send({ type: "turn.stop", turn });
  stopping.add(turn);
  say(words("stopping"));
}

export function retry(node) {
  const { turn, answers } = node.dataset;
  const id = newId();
  socket.send({ type: "turn.retry", client_id: id, turn });
  composer.complain("");
  versions.showNewest(answers);
  scroll.followFrom(live.anticipate(id, answers));
  refresh();
}

/** Something small that needs no answer; without a connection it is let go. */
export function tell(frame) {
  if (socket.isLive()) socket.send(frame);
}

export function answerOffer(type) {
  socket.send({ type });
  afterAnswer();
}

export function putCardAway(reason) {
  socket.send({ type: "support.leave", reason });
}

/** The exit button: the words leave the screen at once, whatever the network does. */
export function leave() {
  find("[data-chat]").classList.add("is-left");
  keepDraft("");
  const away = () => location.assign(talk.dataset.chats);
  const told = dialogue.state !== "closed" && socket.send({ type: "session.leave" });
  if (!told) return away();
  setTimeout(() => dialogue.state !== "closed" && away(), LEAVE_WITHIN);
}

/** Signed out elsewhere: what was written comes back after the next sign-in. */
export function toSignIn() {
  const entries = outbox.all();
  entries.forEach(({ id }) => outbox.take(id));
  const written = [...entries.map(({ text }) => text), find("[data-words]")?.value];
  keepDraft(written.filter(Boolean).join("\n\n"));
  const next = encodeURIComponent(location.pathname);
  location.assign(`${talk.dataset.login}?next=${next}`);
}
