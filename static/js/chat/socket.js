// The socket: connects, says hello with the last event seen, comes back by itself.
// It knows frames by their type only and shows nothing.
const FIRST_WAIT = 500;
const LONGEST_WAIT = 30_000;
const BEAT = 25_000;
const MISSED_AT_MOST = 2;
const PROBE = 5_000;
const READY_WITHIN = 10_000;
const SESSION_EXPIRED = 4401;
const NOT_FOUND = 4404;

/**
 * Keeps a socket to `path` open. `hear(frame)` gets every frame once, in order;
 * `changed(state)` one of connecting, live, reconnecting, offline;
 * `expired()` and `gone()` end it.
 */
export function keepSocket({ path, cursor, hear, changed, expired, gone }) {
  let socket = null;
  let seen = cursor;
  let wait = FIRST_WAIT;
  let retry = 0;
  let beat = 0;
  let deadline = 0;
  let missed = 0;
  let live = false;
  let over = false;
  let unsent = [];

  function open() {
    clearTimeout(retry);
    const scheme = location.protocol === "https:" ? "wss:" : "ws:";
    const mine = new WebSocket(`${scheme}//${location.host}${path}`);
    socket = mine;
    mine.onopen = () => mine.send(JSON.stringify({ type: "hello", cursor: seen }));
    mine.onmessage = (message) => mine === socket && take(JSON.parse(message.data));
    mine.onclose = (event) => mine === socket && lost(event.code);
    deadline = setTimeout(() => mine === socket && drop(), READY_WITHIN);
  }

  function take(frame) {
    missed = 0;
    if (frame.type === "pong") return;
    if (frame.cursor && !isAfter(frame.cursor, seen)) return;
    if (frame.cursor) seen = frame.cursor;
    if (frame.type === "session.ready") ready();
    hear(frame);
  }

  function ready() {
    clearTimeout(deadline);
    clearInterval(beat);
    live = true;
    wait = FIRST_WAIT;
    beat = setInterval(ping, BEAT);
    changed("live");
    unsent.forEach((frame) => socket.send(JSON.stringify(frame)));
    unsent = [];
  }

  function ping() {
    if (missed >= MISSED_AT_MOST) return drop();
    missed += 1;
    socket.send(JSON.stringify({ type: "ping" }));
  }

  function drop() {
    const dead = socket;
    lost(0);
    dead.close();
  }

  function lost(code) {
    clearInterval(beat);
    clearTimeout(deadline);
    socket = null;
    live = false;
    missed = 0;
    if (code === SESSION_EXPIRED || code === NOT_FOUND) {
      over = true;
      changed("offline");
      return code === NOT_FOUND ? gone() : expired();
    }
    changed(navigator.onLine ? "reconnecting" : "offline");
    retry = setTimeout(open, wait * (0.75 + Math.random() / 2));
    wait = Math.min(wait * 2, LONGEST_WAIT);
  }

  // The page is looked at again, or the network is back.
  function hurry() {
    if (over || document.hidden) return;
    if (live) return probe();
    if (socket) return;
    wait = FIRST_WAIT;
    open();
  }

  // A machine that slept may hold a socket that is long dead.
  function probe() {
    ping();
    setTimeout(() => live && missed && drop(), PROBE);
  }

  addEventListener("online", hurry);
  addEventListener("pageshow", hurry);
  document.addEventListener("visibilitychange", hurry);
  addEventListener("offline", () => socket && drop());
  changed("connecting");
  open();

  return {
    isLive: () => live,
    /** Without a connection the frame goes with the next one; then it gives false. */
    send(frame) {
      if (live) socket.send(JSON.stringify(frame));
      else unsent.push(frame);
      return live;
    },
  };
}

/** Cursors look like 1700000000000-3 and grow. */
function isAfter(cursor, seen) {
  const [time, count] = cursor.split("-").map(Number);
  const [seenTime, seenCount] = (seen || "0-0").split("-").map(Number);
  return time === seenTime ? count > seenCount : time > seenTime;
}
