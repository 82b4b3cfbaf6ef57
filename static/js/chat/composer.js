// Where the person writes. Nothing written here is ever lost: a refused message comes
// back, a long one is counted and not cut.
import { find, onTouch, page, words } from "./page.js";
import { interrupt } from "./announcer.js";
import { keepDraft, readDraft } from "./drafts.js";

const COUNT_FROM = 0.8;
const below = find("[data-below]");
const form = find("[data-composer]");
const box = find("[data-words]");
const send = find("[data-send]");
const stop = find("[data-stop]");
const count = find("[data-count]");
const complaint = find("[data-complaint]");
let composing = false;
let unblock = 0;

export const isOpen = () => form?.isConnected ?? false;
const hasWords = () => box.value.trim() !== "";

/** `submit(text)` gets what the person sends. */
export function startComposer({ submit }) {
  if (!form) return;
  box.value ||= readDraft(); // a slow page may have been written on before this ran
  changed();
  box.addEventListener("input", () => {
    complain("");
    changed();
  });
  box.addEventListener("compositionstart", () => (composing = true));
  box.addEventListener("compositionend", () => (composing = false));
  box.addEventListener("keydown", (event) => {
    if (!sends(event)) return;
    event.preventDefault();
    take(submit);
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    take(submit);
  });
  if (!onTouch() && !find("[data-notice]")) box.focus();
}

// Enter that chooses characters of an input method sends nothing (keyCode 229: Safari).
function sends(event) {
  if (event.key !== "Enter" || event.shiftKey) return false;
  if (composing || event.isComposing || event.keyCode === 229) return false;
  return event.ctrlKey || event.metaKey || !onTouch();
}

function take(submit) {
  const text = box.value.trim();
  if (!text || send.disabled) return;
  const over = lengthOf(text) - page.max_characters;
  if (over > 0) return complain(words("too_long", { over }));
  box.value = "";
  complain("");
  changed();
  submit(text);
  if (onTouch()) box.blur();
  else box.focus();
}

const lengthOf = (text) => [...text].length; // characters, as the server counts them

function changed() {
  keepDraft(box.value);
  send.disabled = !hasWords();
  const used = lengthOf(box.value.trim());
  count.hidden = used < page.max_characters * COUNT_FROM;
  count.classList.toggle("is-over", used > page.max_characters);
  count.textContent = words("count", { used, most: page.max_characters });
  box.style.height = "auto";
  box.style.height = `${box.scrollHeight}px`;
}

/** Words that were not sent go back to where they were written. */
export function giveBack(text) {
  box.value = box.value.trim() ? `${text}\n\n${box.value}` : text;
  changed();
  if (!onTouch()) box.focus();
}

/** Says near the composer what is wrong; "" takes it away. */
export function complain(text, reference = "") {
  clearInterval(unblock);
  complaint.hidden = !text;
  complaint.textContent = text;
  if (!text) return;
  if (reference) {
    const small = document.createElement("small");
    small.textContent = ` ${words("reference", { ref: reference })}`;
    complaint.append(small);
  }
  interrupt(text);
}

/** Too fast: says the seconds that are left, then takes the words away. */
export function complainFor(text, seconds) {
  let left = Math.ceil(seconds);
  complain(`${text} ${words("wait_seconds", { seconds: left })}`);
  unblock = setInterval(() => {
    left -= 1;
    if (left <= 0) return complain("");
    complaint.textContent = `${text} ${words("wait_seconds", { seconds: left })}`;
  }, 1_000);
}

export function offerStop(isLive) {
  if (stop) stop.hidden = !isLive;
}

/** The conversation is over: a line and a way on stand where one wrote. */
export function closeComposer(closed) {
  if (!form) return;
  below.replaceChildren(closed);
}
