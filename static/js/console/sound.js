// The ring of the console: two soft tones, made here; a title that counts. Off until the
// operator switches it on; the browser lets nothing sound before something was pressed.
const KEPT = "console-sound";
const AGAIN = 10_000; // milliseconds between rings while a case waits
const button = document.querySelector("[data-sound]");
const blocked = document.querySelector("[data-sound-blocked]");
const spoken = document.querySelector("[data-alert]");
const title = document.title;
let context = null;
let known = new Set();
let rangAt = 0;

const isOn = () => localStorage.getItem(KEPT) !== "off";

export function keepSound() {
  show();
  button?.addEventListener("click", toggle);
  // Not with the press itself: what moves under a finger is not pressed.
  document.addEventListener("click", wake);
  document.addEventListener("keydown", wake);
}

export function toggle() {
  localStorage.setItem(KEPT, isOn() ? "off" : "on");
  wake();
  show();
}

function wake() {
  if (!isOn()) return;
  context ??= new AudioContext();
  if (context.state === "suspended") context.resume().then(show);
  show();
}

function show() {
  if (!button) return;
  button.textContent = isOn() ? button.dataset.on : button.dataset.off;
  button.setAttribute("aria-pressed", String(isOn()));
  blocked.hidden = !isOn() || context?.state === "running";
}

/** The cases that nobody holds: a new one rings at once, one that waits rings again. */
export function ring(ids) {
  document.title = ids.length ? `(${ids.length}) ${title}` : title;
  const isNew = ids.some((id) => !known.has(id));
  known = new Set(ids);
  if (!ids.length) return;
  if (isNew && spoken) spoken.textContent = `${spoken.dataset.alertWords} (${ids.length})`;
  if (!isNew && Date.now() - rangAt < AGAIN) return;
  rangAt = Date.now();
  document.body.dataset.rang = String(Number(document.body.dataset.rang ?? 0) + 1);
  if (isOn() && context?.state === "running") sound();
}

function sound() {
  [660, 880].forEach((pitch, index) => tone(pitch, context.currentTime + index * 0.22));
}

function tone(pitch, at) {
  const voice = context.createOscillator();
  const loudness = context.createGain();
  voice.frequency.value = pitch;
  loudness.gain.setValueAtTime(0.0001, at);
  loudness.gain.exponentialRampToValueAtTime(0.25, at + 0.03);
  loudness.gain.exponentialRampToValueAtTime(0.0001, at + 0.35);
  voice.connect(loudness).connect(context.destination);
  voice.start(at);
  voice.stop(at + 0.4);
}
