// Times as people say them: a few minutes ago, later the clock; the day between days.
import { find, findAll, page, piece, words } from "./page.js";

const MINUTE = 60_000;
const language = page.language === "zh-hans" ? "zh-Hans" : page.language;
const ago = new Intl.RelativeTimeFormat(language, { style: "short" });
const clock = format({ hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
const whole = format({ dateStyle: "long", timeStyle: "short" });
const longDay = new Intl.DateTimeFormat(language, { dateStyle: "long", timeZone: "UTC" });
const isoDay = new Intl.DateTimeFormat("sv-SE", zoned({ dateStyle: "short" }));

function zoned(options) {
  try {
    Intl.DateTimeFormat("en", { timeZone: page.time_zone });
    return { ...options, timeZone: page.time_zone };
  } catch {
    return options; // a zone that this browser does not know: its own
  }
}

function format(options) {
  return new Intl.DateTimeFormat(language, zoned(options));
}

/** The calendar day where the person lives, as 2026-11-23. */
export function dayOf(date) {
  return isoDay.format(date);
}

export function setTime(node, iso) {
  const time = find("time", node);
  if (!time) return;
  time.dateTime = iso;
  time.title = whole.format(new Date(iso));
  tell(time);
}

function tell(time) {
  const date = new Date(time.dateTime);
  const minutes = Math.floor((Date.now() - date) / MINUTE);
  if (Number.isNaN(minutes)) return;
  if (minutes >= 60) time.textContent = clock.format(date);
  else time.textContent = minutes < 1 ? words("just_now") : ago.format(-minutes, "minute");
}

function nameOf(day) {
  const now = Date.now();
  if (day === dayOf(now)) return words("today");
  if (day === dayOf(now - 24 * 60 * MINUTE)) return words("yesterday");
  return longDay.format(new Date(`${day}T12:00:00Z`));
}

/** A line for the day of `iso` when the thread does not end in that day. */
export function dayLine(list, iso) {
  const day = dayOf(new Date(iso));
  const last = findAll("[data-day]", list).at(-1);
  if (last?.dataset.day === day) return null;
  const line = piece("day").firstElementChild;
  line.dataset.day = day;
  find("span", line).textContent = nameOf(day);
  return line;
}

/** Says all times and days anew, and drops a day line that repeats the one above. */
export function tellTimes(list) {
  let above = "";
  for (const line of findAll("[data-day]", list)) {
    if (line.dataset.day === above) line.remove();
    else find("span", line).textContent = nameOf(line.dataset.day);
    above = line.dataset.day;
  }
  for (const time of findAll("time[datetime]", list)) tell(time);
}

export function keepTime(list) {
  tellTimes(list);
  setInterval(() => tellTimes(list), MINUTE);
}
