// Keys. Each has a button that does the same.
import { findAll } from "./page.js";
import { list } from "./thread.js";

/** Escape stops the reply; Alt with an arrow goes from message to message. */
export function startKeys({ stop }) {
  document.addEventListener("keydown", (event) => {
    if (event.isComposing || event.keyCode === 229) return;
    if (event.key === "Escape") stop();
    if (!event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.key === "ArrowUp") step(event, -1);
    if (event.key === "ArrowDown") step(event, 1);
  });
}

function step(event, by) {
  const messages = findAll("[data-author]:not([hidden]), [data-crisis]", list);
  const here = messages.findIndex((node) => node.contains(document.activeElement));
  const next = here < 0 ? messages.at(-1) : messages[here + by];
  if (!next) return;
  event.preventDefault();
  next.focus();
}
