// The chat page: starts every part, and says what each button does.
import * as composer from "./composer.js";
import * as crisis from "./crisis.js";
import * as live from "./live.js";
import * as scroll from "./scroll.js";
import * as sending from "./sending.js";
import * as takeover from "./takeover.js";
import * as thread from "./thread.js";
import * as versions from "./versions.js";
import { copyReply } from "./copy.js";
import { hear } from "./frames.js";
import { startKeys } from "./keys.js";
import { findAll, page, words } from "./page.js";
import { startRedress } from "./redress.js";
import { keepSocket } from "./socket.js";
import { keepTime } from "./time.js";
import { refresh, seen, showConnection } from "./view.js";

const messageOf = (button) => button.closest("[data-author]");

const CLICKS = {
  "[data-copy]": copyReply,
  "[data-retry]": (button) => sending.retry(messageOf(button)),
  "[data-older]": (button) => versions.step(messageOf(button), -1),
  "[data-newer]": (button) => versions.step(messageOf(button), 1),
  "[data-stop]": () => sending.stop(),
  "[data-cancel]": (button) => sending.stop(messageOf(button).dataset.turn),
  "[data-leave]": (button) => sending.putCardAway(button.dataset.leave),
  "[data-leave-chat]": sending.leave,
  "[data-takeover-decline]": () => sending.answerOffer("takeover.decline"),
  "[data-takeover-ask]": () => sending.answerOffer("takeover.ask"),
  "[data-crisis-show]": crisis.showCard,
  "[data-starter]": (button) => sending.submit(button.textContent.trim()),
  "[data-earlier]": (button) => thread.loadEarlier(button).then(refresh),
};

function click(event) {
  for (const [selector, act] of Object.entries(CLICKS)) {
    const button = event.target.closest(selector);
    if (button) return act(button);
  }
}

// A keyboard on the screen covers the page on some phones: the page gets what is left.
function fitKeyboard() {
  if (visualViewport.scale !== 1) return;
  document.body.style.setProperty("--seen-height", `${visualViewport.height}px`);
}

document.addEventListener("click", click);
document.addEventListener("visibilitychange", seen);
visualViewport?.addEventListener("resize", fitKeyboard);
findAll("[data-outcome]", thread.list).forEach(thread.noteOutcome);
keepTime(thread.list);
if (page.live_turn) live.expect(page.live_turn);
composer.startComposer({ submit: sending.submit });
startRedress(thread.list);
takeover.keepTelling({ send: sending.tell });
startKeys({ stop: () => sending.stop() });
refresh();
scroll.keepScroll();
crisis.watch();
if (crisis.card()) scroll.show(crisis.card());
sending.sendThrough(
  keepSocket({
    path: page.socket,
    cursor: page.cursor,
    hear,
    changed: showConnection,
    expired: sending.toSignIn,
    gone: () => composer.complain(words("not_found")),
  }),
);
