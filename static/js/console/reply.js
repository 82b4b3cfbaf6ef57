// Where the operator writes. What could not be sent comes back; a message carries its
// own id, so that sending it again is harmless.
const TYPING = 3_000;
const page = document.querySelector("[data-case]");
const form = document.querySelector("[data-reply]");
const box = document.querySelector("[data-reply-words]");
const problem = document.querySelector("[data-reply-problem]");
let toldTyping = 0;
let composing = false;
let unsent = null; // { id, text }: sent once, and not known to have arrived

export function mayWrite(may) {
  if (!form) return;
  box.disabled = !may;
  form.querySelector("button").disabled = !may;
}

/** `post` reaches the server; `toEnd` shows the end of the conversation. */
export function keepReply({ post, toEnd }) {
  if (!form) return;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    send(post, toEnd);
  });
  box.addEventListener("compositionstart", () => (composing = true));
  box.addEventListener("compositionend", () => (composing = false));
  box.addEventListener("keydown", (event) => {
    // Enter that chooses characters of an input method sends nothing (229: Safari).
    if (event.key !== "Enter" || event.shiftKey) return;
    if (composing || event.isComposing || event.keyCode === 229) return;
    event.preventDefault();
    send(post, toEnd);
  });
  box.addEventListener("input", () => tellTyping(post));
  for (const button of document.querySelectorAll("[data-template]"))
    button.addEventListener("click", () => begin(button.dataset.template));
}

function tellTyping(post) {
  if (!box.value.trim() || Date.now() - toldTyping < TYPING) return;
  toldTyping = Date.now();
  post(page.dataset.typingUrl, {}).catch(() => {}); // a sign that nobody misses
}

/** A template is a beginning: it stands behind what is written, to be changed. */
function begin(text) {
  if (box.disabled) return;
  box.value = box.value.trim() ? `${box.value.trimEnd()}\n${text}` : text;
  box.focus();
}

async function send(post, toEnd) {
  const text = box.value.trim();
  if (!text || box.disabled) return;
  if (unsent?.text !== text) unsent = { id: newId(), text };
  box.readOnly = true;
  const answer = await post(page.dataset.sayUrl, { ...unsent, talk: page.dataset.talk }).catch(
    () => null,
  );
  box.readOnly = false;
  if (answer?.ok) {
    unsent = null;
    box.value = "";
    say("");
    toEnd();
  } else if (answer?.status === 409) say((await answer.json()).words);
  else say(form.dataset.away);
  box.focus();
}

function say(text) {
  problem.textContent = text;
  problem.hidden = !text;
}

/** A random UUID; plain http in a home network has no crypto.randomUUID. */
function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
