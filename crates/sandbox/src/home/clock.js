// The clock: freezing it, turning it.

import * as api from "./api.js";
import { byId } from "./dom.js";
import { onOverview, refresh, store } from "./live.js";
import { attempt, say } from "./say.js";
import { clockTime, date, longSpan, now, setClock } from "./time.js";

// A server's and a browser's clock differ by that much without anybody having turned one.
const AHEAD_SHOWN_FROM_MS = 1500;

const tick = () => {
  if (!store.overview) return;
  const text = clockTime(now());
  const iso = new Date(now()).toISOString();
  for (const id of ["bar-clock", "clock-time"]) {
    const element = byId(id);
    if (element.textContent !== text) element.textContent = text;
    element.dateTime = iso;
  }
  byId("clock-date").textContent = date(now());
};

const draw = ({ clock }) => {
  const { is_frozen, ahead_ms } = clock;
  for (const id of ["bar-frozen", "clock-frozen"]) byId(id).hidden = !is_frozen;
  byId("clock-toggle").textContent = is_frozen ? "Resume" : "Freeze";
  const is_off = Math.abs(ahead_ms) >= AHEAD_SHOWN_FROM_MS;
  const by = `${longSpan(ahead_ms)} ${ahead_ms < 0 ? "behind" : "ahead"}`;
  byId("bar-ahead").hidden = !is_off || is_frozen;
  byId("bar-ahead").textContent = by;
  const frozen = is_frozen ? "It stands still: nothing expires or is confirmed by itself until you turn it." : "";
  byId("clock-ahead").textContent = is_frozen ? frozen : is_off ? `${by} of the real time.` : "The real time.";
  tick();
};

const turned = async (clock, message) => {
  if (!clock) return;
  setClock(clock);
  store.overview.clock = clock;
  draw(store.overview);
  say(message);
  await refresh();
};

const advance = async (seconds, control, message) => {
  const clock = await attempt("The clock wasn’t advanced", control, () => api.advance(seconds));
  await turned(clock, message ?? `${longSpan(seconds * 1000)} later`);
};

export const startClock = () => {
  onOverview(draw);
  setInterval(tick, 250);

  byId("clock-toggle").addEventListener("click", async (event) => {
    const was_frozen = store.overview?.clock.is_frozen;
    const clock = await attempt(was_frozen ? "The clock wasn’t resumed" : "The clock wasn’t frozen", event.target,
      () => (was_frozen ? api.resume() : api.freeze()));
    await turned(clock, was_frozen ? "The clock runs" : "The clock stands still");
  });

  for (const control of document.querySelectorAll("[data-advance]")) {
    control.addEventListener("click", () => advance(Number(control.dataset.advance), control, control.dataset.done));
  }

  byId("clock-form").addEventListener("submit", (event) => {
    event.preventDefault();
    const { count, unit } = event.target.elements;
    advance(Number(count.value) * Number(unit.value), event.submitter);
  });
};
