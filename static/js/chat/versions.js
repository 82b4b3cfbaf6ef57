// Several answers to one question: one is shown, arrows lead to the others. The
// newest question alone may be asked again.
import { find, findAll, words } from "./page.js";
import { list } from "./thread.js";

const chosen = new Map(); // question → id or turn of the answer that is shown

const nameOf = (node) => node.dataset.id ?? node.dataset.turn;

/** Shows one answer of each question, with its number and the arrows. */
export function arrange({ mayRetry }) {
  for (const [question, answers] of groups()) {
    const wanted = answers.find((node) => nameOf(node) === chosen.get(question));
    const shown = wanted ?? answers.at(-1);
    answers.forEach((node, index) => {
      node.hidden = node !== shown;
      number(node, index + 1, answers.length);
    });
  }
  offerRetry(mayRetry);
}

/** A new answer comes: it is the one to look at. */
export function showNewest(question) {
  chosen.delete(question);
}

function groups() {
  const found = new Map();
  for (const node of findAll("[data-author=model][data-answers]", list)) {
    const question = node.dataset.answers;
    found.set(question, [...(found.get(question) ?? []), node]);
  }
  return found;
}

function number(node, n, m) {
  find("[data-versions]", node).hidden = m < 2;
  find("[data-version]", node).textContent = words("version", { n, m });
  find("[data-older]", node).disabled = n === 1;
  find("[data-newer]", node).disabled = n === m;
}

function offerRetry(mayRetry) {
  const newest = findAll("[data-author=user]", list).at(-1)?.dataset.id;
  for (const button of findAll("[data-retry]", list)) {
    const { answers, outcome } = button.closest("[data-author]").dataset;
    button.hidden = !(mayRetry && outcome && answers === newest);
  }
  for (const button of findAll("[data-copy]", list)) {
    const node = button.closest("[data-author]");
    button.hidden = !find("[data-body]", node).textContent.trim();
  }
}

/** One step to an older (-1) or newer (1) answer. */
export function step(node, by) {
  const answers = groups().get(node.dataset.answers);
  const next = answers[answers.indexOf(node) + by];
  if (!next) return;
  chosen.set(node.dataset.answers, nameOf(next));
  node.hidden = true;
  next.hidden = false;
  find(by < 0 ? "[data-older]" : "[data-newer]", next).focus();
}
