// What the server put into the page: facts to begin with, and all words.
export const page = JSON.parse(document.getElementById("page-data").textContent);

/** The words for `key`, with {names} filled in; "" for a key without words. */
export function words(key, values = {}) {
  const text = page.strings[key] ?? "";
  return text.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}

/** A fresh copy of a piece of markup that the server made. */
export function piece(name) {
  return document.getElementById(`piece-${name}`).content.cloneNode(true);
}

export const find = (selector, within = document) => within.querySelector(selector);
export const findAll = (selector, within = document) => [...within.querySelectorAll(selector)];

/** True on devices whose keyboard is on the screen: there Enter makes a new line. */
export const onTouch = () => matchMedia("(hover: none) and (pointer: coarse)").matches;

/** A random UUID; plain http in a home network has no crypto.randomUUID. */
export function newId() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
