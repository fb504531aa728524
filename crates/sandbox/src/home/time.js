// The sandbox's clock as this page sees it, and how times are written.

let base_ms = Date.now();
let taken_at = performance.now();
let is_frozen = false;

/** Takes over the clock of an answer; between answers it runs on by itself. */
export const setClock = (clock) => {
  base_ms = Date.parse(clock.now);
  taken_at = performance.now();
  is_frozen = clock.is_frozen;
};

export const now = () => (is_frozen ? base_ms : base_ms + performance.now() - taken_at);

const clockFormat = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" });
const dayFormat = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short" });
const dateFormat = new Intl.DateTimeFormat(undefined, { weekday: "short", day: "numeric", month: "short", year: "numeric" });

export const clockTime = (at_ms) => clockFormat.format(at_ms);
export const date = (at_ms) => dateFormat.format(at_ms);

/** The time of day, with the day if it isn't the sandbox's today. */
export const moment = (iso) => {
  const at_ms = Date.parse(iso);
  if (Number.isNaN(at_ms)) return "";
  const is_today = new Date(at_ms).toDateString() === new Date(now()).toDateString();
  return is_today ? clockTime(at_ms) : `${dayFormat.format(at_ms)}, ${clockTime(at_ms)}`;
};

/** A span in its largest whole unit. */
export const span = (ms) => {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 86400) return `${Math.floor(seconds / 3600)} h`;
  return `${Math.floor(seconds / 86400)} d`;
};

/** A span in two units: "1 h 5 min". */
export const longSpan = (ms) => {
  const seconds = Math.round(Math.abs(ms) / 1000);
  const parts = [["d", 86400], ["h", 3600], ["min", 60], ["s", 1]]
    .map(([unit, size], place, all) => [Math.floor((place ? seconds % all[place - 1][1] : seconds) / size), unit])
    .filter(([count]) => count > 0);
  return parts.slice(0, 2).map(([count, unit]) => `${count} ${unit}`).join(" ") || "0 s";
};

export const duration = (ms) => (ms === null || ms === undefined ? "–" : ms < 1000 ? `${ms} ms` : `${Number((ms / 1000).toFixed(1))} s`);

/** Rewrites what is relative to now: ages, and waits until what comes next. */
export const refreshAges = () => {
  for (const element of document.querySelectorAll("time[data-age]")) {
    const text = `${span(now() - Date.parse(element.dateTime))} ago`;
    if (element.textContent !== text) element.textContent = text;
  }
  for (const element of document.querySelectorAll("time[data-until]")) {
    const left_ms = Date.parse(element.dateTime) - now();
    const text = left_ms <= 0 ? "now" : `in ${span(left_ms)}`;
    if (element.textContent !== text) element.textContent = text;
  }
};
