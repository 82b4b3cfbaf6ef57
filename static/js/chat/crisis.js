// The card with the numbers: it comes at once, stays until it is put away, and while
// it is out of sight a strip keeps the numbers in reach. The composer stays usable.
import { find, findAll, piece, words } from "./page.js";
import { list } from "./thread.js";
import { interrupt, say } from "./announcer.js";
import { show } from "./scroll.js";

const IN_STRIP = 2;
const strip = find("[data-crisis-strip]");
const calls = find("[data-crisis-strip-calls]");
const ENOUGH = 0.3; // of the list of numbers: with less in sight the strip comes
const watcher = new IntersectionObserver(
  (entries) => {
    strip.hidden = entries.at(-1).intersectionRatio >= ENOUGH || !card();
  },
  { threshold: ENOUGH },
);

export const card = () => find("[data-crisis]", list);

/** Shows the card of the frame; the same card twice is one card. */
export function open(frame) {
  if (card()?.dataset.id === frame.id) return tell(card(), frame.told);
  putAway();
  const node = piece("crisis").firstElementChild;
  fill(node, frame);
  find("[data-empty]").hidden = true;
  list.append(node);
  watch();
  show(node);
  interrupt(words("help_shown", { title: frame.title }));
}

function fill(node, { id, title, body, question, resources, told }) {
  node.dataset.id = id;
  find("[data-card-title]", node).textContent = title;
  find("[data-card-body]", node).replaceChildren(...paragraphs(body));
  find("[data-card-told]", node).textContent = told;
  find("[data-card-told]", node).hidden = !told;
  const asked = find("[data-card-question]", node);
  asked.textContent = question;
  asked.hidden = !question;
  find("[data-card-places]", node).replaceChildren(...resources.map(place));
}

// Who outside is being told: said again when that changes while the card is open.
function tell(node, told) {
  const line = find("[data-card-told]", node);
  if (line.textContent === told) return;
  line.textContent = told;
  line.hidden = !told;
  if (told) interrupt(told);
}

function paragraphs(text) {
  return text.split(/\n{2,}/).map((part) => {
    const paragraph = document.createElement("p");
    paragraph.textContent = part;
    return paragraph;
  });
}

function place({ name, detail, label, href }) {
  const scheme = href.split(":")[0];
  const node = piece(`place-${scheme === "sms" || scheme === "https" ? scheme : "tel"}`);
  find("[data-place-link]", node).href = href;
  find("[data-place-label]", node).textContent = label;
  find("[data-place-name]", node).textContent = name;
  find("[data-place-detail]", node).textContent = detail;
  return node;
}

/** Watches the card that stands in the page, if any. */
export function watch() {
  const node = card();
  if (!node) return;
  const links = findAll("[data-place-link]", node).slice(0, IN_STRIP);
  calls.replaceChildren(...links.map((link) => link.cloneNode(true)));
  watcher.observe(find("[data-card-places]", node));
}

export function putAway() {
  const node = card();
  if (!node) return;
  watcher.disconnect();
  node.remove();
  strip.hidden = true;
  say(words("card_away"));
}

export function showCard() {
  const node = card();
  if (!node) return;
  show(node);
  node.focus({ preventScroll: true });
}
