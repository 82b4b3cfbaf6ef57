// Who moves the thread: the page follows new words only while the person is at the
// end; any move upward lets go at once, and the end of a reply never snaps.
import { find, words } from "./page.js";

const NEAR = 60;
const FAR = 200;
const thread = find("[data-thread]");
const content = find("[data-messages]");
const button = find("[data-latest]");
const label = find("[data-latest-words]");
let following = true;
let anchor = null;
let unread = 0;
let mine = 0;

const below = () => thread.scrollHeight - thread.clientHeight - thread.scrollTop;

export const isFollowing = () => following;

/** The person sent something: go there, and let the answer grow down from it. */
export function followFrom(message) {
  following = true;
  anchor = message;
  follow();
}

export function toLatest() {
  following = true;
  anchor = null;
  move(thread.scrollHeight, matchMedia("(prefers-reduced-motion: reduce)").matches);
}

export function show(node) {
  following = false;
  move(topOf(node) - 12, true);
}

/** Counts a new message that the person cannot see. */
export function countNew() {
  if (below() > NEAR) unread += 1;
  mark();
}

/** Runs `change`, which adds above, and keeps what is being read where it is. */
export function keepPlace(change) {
  const height = thread.scrollHeight;
  const top = thread.scrollTop;
  change();
  thread.scrollTop = top + thread.scrollHeight - height;
}

function follow() {
  if (!following) return mark();
  const end = thread.scrollHeight - thread.clientHeight;
  const target = anchor?.isConnected ? Math.min(end, restingPlace()) : end;
  if (target > thread.scrollTop) move(target, true);
  mark();
}

// The question stays near the top; of a very long one the last third of the screen.
function restingPlace() {
  const top = topOf(anchor);
  return Math.max(top - 12, top + anchor.offsetHeight - thread.clientHeight / 3);
}

function topOf(node) {
  const above = thread.getBoundingClientRect().top - thread.scrollTop;
  return node.getBoundingClientRect().top - above;
}

function move(top, instant) {
  mine = performance.now();
  thread.scrollTo({ top, behavior: instant ? "instant" : "smooth" });
}

function letGo() {
  following = false;
}

function mark() {
  const away = below();
  if (away < NEAR) unread = 0;
  if (away > FAR) button.hidden = false;
  else if (away < NEAR) button.hidden = true;
  label.textContent = unread
    ? words("new_messages", { count: unread })
    : words("to_latest");
}

export function keepScroll() {
  let last = thread.scrollTop;
  thread.addEventListener("wheel", (event) => event.deltaY < 0 && letGo(), { passive: true });
  thread.addEventListener("touchmove", letGo, { passive: true });
  thread.addEventListener("keydown", (event) => {
    if (["ArrowUp", "PageUp", "Home"].includes(event.key)) letGo();
  });
  thread.addEventListener("scroll", () => {
    const up = thread.scrollTop < last - 2;
    last = thread.scrollTop;
    if (up && performance.now() - mine > 100) letGo();
    if (below() < NEAR && !up) {
      if (!following) anchor = null;
      following = true;
    }
    mark();
  });
  button.addEventListener("click", toLatest);
  new ResizeObserver(follow).observe(content);
  new ResizeObserver(follow).observe(thread);
  move(thread.scrollHeight, true);
}
