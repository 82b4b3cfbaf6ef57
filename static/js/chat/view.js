// What the whole page shows of where things stand: the connection, stop and retry, the
// end of the conversation, replies that came while nobody looked.
import * as composer from "./composer.js";
import * as crisis from "./crisis.js";
import * as live from "./live.js";
import * as takeover from "./takeover.js";
import * as versions from "./versions.js";
import { interrupt } from "./announcer.js";
import { find, page, piece, words } from "./page.js";

const NOT_WORTH_A_WORD = 1_000; // a shorter gap of the connection
const connection = find("[data-connection]");
const connectionWords = find("[data-connection-words]");
const title = document.title;
let worth = 0;
let unseen = 0;

/** The state of the dialogue, as the server last told it. */
export const dialogue = { state: page.state };

/** Stop while a reply is on its way, retry when none is. */
export function refresh() {
  takeover.mark(dialogue.state);
  versions.arrange({ mayRetry: dialogue.state === "ai" && !live.isLive() });
  composer.offerStop(live.liveTurns().length > 0);
}

export function showConnection(now) {
  clearTimeout(worth);
  connection.dataset.connection = now;
  const text = now === "live" || now === "connecting" ? "" : words(now);
  if (!text || connectionWords.textContent) connectionWords.textContent = text;
  else worth = setTimeout(() => (connectionWords.textContent = text), NOT_WORTH_A_WORD);
}

/** The conversation is over: `text` and the way on stand where one wrote. */
export function showClosed(text) {
  dialogue.state = "closed";
  crisis.putAway();
  takeover.stand(null);
  if (!composer.isOpen()) return refresh();
  const node = piece("closed").firstElementChild;
  const line = find("[data-closed-words]", node);
  if (text) line.textContent = text;
  composer.closeComposer(node);
  interrupt(line.textContent);
  refresh();
}

/** A reply ended in the background: the tab says how many. */
export function noteUnseen() {
  if (!document.hidden) return;
  unseen += 1;
  document.title = `(${unseen}) ${title}`;
}

export function seen() {
  if (document.hidden) return;
  unseen = 0;
  document.title = title;
}
