// "This was wrong" on what was held back: one press, said again to nobody.
import { find } from "./page.js";

export function startRedress(list) {
  list.addEventListener("submit", (event) => {
    const form = event.target.closest("[data-wrong]");
    if (!form) return;
    event.preventDefault();
    send(form);
  });
}

async function send(form) {
  const button = find("button", form);
  button.disabled = true;
  form.elements.turn.value = form.closest("[data-turn]").dataset.turn;
  const answer = await fetch(form.action, {
    method: "POST",
    body: new FormData(form),
    headers: { "X-Requested-With": "fetch" },
  }).catch(() => null);
  if (!answer?.ok) {
    button.disabled = false;
    return;
  }
  button.hidden = true;
  find("[data-wrong-thanks]", form).hidden = false;
}
