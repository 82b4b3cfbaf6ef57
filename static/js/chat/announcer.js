// Two hidden regions that screen readers speak: one waits its turn, one interrupts.
import { find, words } from "./page.js";

const SPOKEN = 300;
const polite = find("[data-polite]");
const assertive = find("[data-assertive]");

export function say(text) {
  speak(polite, text);
}

/** For errors, danger and the end of a conversation only. */
export function interrupt(text) {
  speak(assertive, text);
}

/** A whole reply, cut where it gets long: the thread holds the rest. */
export function sayReply(text) {
  const long = text.length > SPOKEN;
  say(long ? `${text.slice(0, SPOKEN)} ${words("read_message")}` : text);
}

// The same words twice are spoken twice only if the region was empty in between.
function speak(region, text) {
  region.textContent = "";
  setTimeout(() => {
    region.textContent = text;
  }, 50);
}
