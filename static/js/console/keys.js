// Single keys of the console. Each has a button that does the same; all of them can be
// switched off, and none works while somebody writes.
const KEPT = "console-keys";
const box = document.querySelector("[data-keys-on]");

/** `keys` maps a key to what it does. */
export function keepKeys(keys) {
  box.checked = localStorage.getItem(KEPT) !== "off";
  box.addEventListener("change", () => localStorage.setItem(KEPT, box.checked ? "on" : "off"));
  document.addEventListener("keydown", (event) => {
    const act = keys[event.key];
    if (!act || !box.checked || writes(event)) return;
    event.preventDefault();
    act();
  });
}

function writes(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return true;
  return event.target.closest("input, textarea, select, [contenteditable]") !== null;
}
