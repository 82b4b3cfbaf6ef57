// Keeps the figures of the page of engines fresh. Without it a link looks again.
const EVERY = 4000; // milliseconds
const PATIENCE = 15000;

function show(fresh) {
  for (const old of document.querySelectorAll("[data-live]")) {
    const now = fresh.querySelector(`[data-live="${old.dataset.live}"]`);
    // What did not change is left alone: a screen reader says it only once.
    if (now && now.innerHTML !== old.innerHTML) old.innerHTML = now.innerHTML;
  }
}

async function look() {
  if (document.hidden) return true;
  const answer = await fetch(location.href, { signal: AbortSignal.timeout(PATIENCE) });
  if (answer.redirected || answer.status === 403) return false; // signed out
  if (answer.ok) show(new DOMParser().parseFromString(await answer.text(), "text/html"));
  return true;
}

async function goOn() {
  let isWelcome = true;
  try {
    isWelcome = await look();
  } catch {
    // The network is away: the time under the figures says how old they are.
  }
  if (isWelcome) setTimeout(goOn, EVERY);
}

setTimeout(goOn, EVERY);
