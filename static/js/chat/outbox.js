// Messages that were sent and are not committed yet. Each keeps its client id until the
// server says it is committed, so that sending it again is harmless.
import { keepOutbox, readOutbox } from "./drafts.js";

const entries = new Map(readOutbox().map((entry) => [entry.id, entry]));

const save = () => keepOutbox([...entries.values()]);

export const all = () => [...entries.values()];
export const find = (id) => entries.get(id) ?? null;

export function add(entry) {
  entries.set(entry.id, entry);
  save();
}

/** Committed, refused or thrown away. Gives the entry, or null. */
export function take(id) {
  const entry = entries.get(id) ?? null;
  entries.delete(id);
  save();
  return entry;
}
