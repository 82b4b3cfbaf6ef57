// Keeps the queue fresh and rings. Without it the page is a list that one loads again.
import { keepKeys } from "./keys.js";
import { keepSound, ring, toggle } from "./sound.js";

const EVERY = 1_500; // milliseconds: a case is heard within two seconds
const PATIENCE = 10_000;
const page = document.querySelector("[data-cases]");
const live = page.querySelector("[data-live]");

const cards = () => [...live.querySelectorAll("[data-open]")];

function heard() {
  const ids = live.querySelector("[data-queue]").dataset.rings;
  ring(ids.split(" ").filter(Boolean));
}

function show(html) {
  if (html.trim() === live.innerHTML.trim()) return;
  const at = cards().indexOf(document.activeElement);
  live.innerHTML = html;
  if (at >= 0) cards()[at]?.focus();
}

async function look() {
  const answer = await fetch(page.dataset.liveUrl, { signal: AbortSignal.timeout(PATIENCE) });
  if (answer.redirected || answer.status === 403) {
    location.reload(); // signed out: the way back in is shown
    return false;
  }
  if (answer.ok) show(await answer.text());
  heard();
  return true;
}

async function goOn() {
  let isWelcome = true;
  try {
    isWelcome = await look();
  } catch {
    // The network is away: the time under the queue says how old it is.
  }
  if (isWelcome) setTimeout(goOn, EVERY);
}

function step(by) {
  const all = cards();
  const at = all.indexOf(document.activeElement);
  all[Math.max(0, Math.min(all.length - 1, at + by))]?.focus();
}

keepSound();
keepKeys({
  n: () => document.querySelector("[data-claim-next]")?.click(),
  j: () => step(1),
  k: () => step(-1),
  m: toggle,
});
heard();
setTimeout(goOn, EVERY);
