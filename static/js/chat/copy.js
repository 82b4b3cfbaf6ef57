// Copying a reply: its plain text and one line that says who made it.
import { find, words } from "./page.js";
import { interrupt, say } from "./announcer.js";

const SHOWN = 2_000;

export async function copyReply(button) {
  const body = find("[data-body]", button.closest("[data-author]"));
  const text = `${body.innerText.trim()}\n\n${words("copy_label")}`;
  const copied = await write(text);
  if (!copied) return interrupt(words("cannot_copy"));
  const label = find("span", button);
  const before = label.textContent;
  say(words("copied"));
  if (before === words("copied")) return;
  label.textContent = words("copied");
  setTimeout(() => (label.textContent = before), SHOWN);
}

async function write(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return writeOldWay(text); // plain http has no clipboard
  }
}

function writeOldWay(text) {
  const box = document.createElement("textarea");
  box.value = text;
  box.className = "sr-only";
  document.body.append(box);
  box.select();
  const copied = document.execCommand("copy");
  box.remove();
  return copied;
}
