// The line above the first message that the companion still sees.
import { find, piece } from "./page.js";
import { list, shown } from "./thread.js";

/** Puts the line above message `id`. Without one, or while that message stands on an
    earlier page, there is none here. */
export function stand(id) {
  const line = find("[data-horizon]", list);
  const first = id ? shown(id) : null;
  if (!first) return line?.remove();
  const above = first.previousElementSibling;
  (above?.matches("[data-day]") ? above : first).before(line ?? piece("horizon"));
}
