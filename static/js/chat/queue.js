// Messages written while a reply is on its way: they wait as chips, in order, and can
// be changed until they go.
import { find, piece } from "./page.js";

const row = find("[data-chips]");
const waiting = []; // { id, text, chip }

const isWaiting = (id) => waiting.some((entry) => entry.id === id);

export function wait({ id, text }, { edit, drop }) {
  if (isWaiting(id)) return;
  const chip = piece("chip").firstElementChild;
  find("[data-chip-words]", chip).textContent = text;
  find("[data-chip-edit]", chip).addEventListener("click", () => edit(leave(id)));
  find("[data-chip-delete]", chip).addEventListener("click", () => drop(leave(id)));
  waiting.push({ id, text, chip });
  row.append(chip);
  row.hidden = false;
}

/** Takes the entry `id` out of the row; null when it is not there. */
export function leave(id) {
  const at = waiting.findIndex((entry) => entry.id === id);
  if (at < 0) return null;
  const [entry] = waiting.splice(at, 1);
  entry.chip.remove();
  row.hidden = waiting.length === 0;
  return entry;
}

/** The one that has waited longest, still in the row. */
export const first = () => waiting[0] ?? null;
