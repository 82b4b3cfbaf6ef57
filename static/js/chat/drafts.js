// What is written and not yet committed, kept for this tab only: the draft, and the
// messages on their way. A reload or a sign-in page in between loses neither.
import { page } from "./page.js";

const DRAFT = `draft:${page.conversation}`;
const OUTBOX = `outbox:${page.conversation}`;

export const readDraft = () => read(DRAFT) ?? "";
export const keepDraft = (text) => keep(DRAFT, text);
export const readOutbox = () => JSON.parse(read(OUTBOX) ?? "[]");
export const keepOutbox = (entries) =>
  keep(OUTBOX, entries.length ? JSON.stringify(entries) : "");

function read(key) {
  try {
    return sessionStorage.getItem(key);
  } catch {
    return null; // storage is switched off: the page works without it
  }
}

function keep(key, text) {
  try {
    if (text) sessionStorage.setItem(key, text);
    else sessionStorage.removeItem(key);
  } catch {
    // as above
  }
}
