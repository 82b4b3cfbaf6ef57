// The list of conversations: a drawer on small screens, and the place where a new
// conversation appears with its first words.
const sidebar = document.querySelector("[data-sidebar]");
const veil = document.querySelector("[data-veil]");
const opener = document.querySelector("[data-sidebar-open]");
const closer = document.querySelector("[data-sidebar-close]");
const talk = document.querySelector("[data-talk]");
const TITLE_CHARACTERS = 60;

function open() {
  sidebar.classList.add("is-open");
  veil.hidden = false;
  talk.inert = true;
  opener.setAttribute("aria-expanded", "true");
  closer.focus();
}

function close() {
  if (veil.hidden) return;
  sidebar.classList.remove("is-open");
  veil.hidden = true;
  talk.inert = false;
  opener.setAttribute("aria-expanded", "false");
  opener.focus();
}

/** The conversation of this page gets its line when it has its first words. */
export function listConversation(text) {
  const list = document.querySelector("[data-conversations]");
  if (list.querySelector("[aria-current]")) return;
  const line = document.getElementById("piece-line").content.cloneNode(true);
  line.querySelector("[data-title]").textContent = [...text].slice(0, TITLE_CHARACTERS).join("");
  list.querySelector("[data-none]")?.remove();
  const today = list.querySelector("[data-group=today] ul");
  if (today) return today.prepend(line);
  const first = document.createElement("ul");
  first.append(line);
  list.prepend(first);
}

opener?.addEventListener("click", open);
closer?.addEventListener("click", close);
veil?.addEventListener("click", close);
document.addEventListener("keydown", (event) => event.key === "Escape" && close());
matchMedia("(width < 768px)").addEventListener("change", close);
