// Faults on demand: what goes wrong, and how often.

import * as api from "./api.js";
import { button, byId, make, reconcile } from "./dom.js";
import { onOverview } from "./live.js";
import { attempt, say } from "./say.js";
import { duration } from "./time.js";

const GROUPS = [
  { group: "webhooks", title: "Webhooks", chances: [
    ["drop", "Drop", "never arrives"],
    ["duplicate", "Duplicate", "arrives twice"],
    ["delay", "Delay", "arrives late"],
    ["reorder", "Reorder", "later events first"],
    ["wrong_secret", "Wrong secret", "signed by a stranger"],
    ["old_secret", "Old secret", "the previous signs"],
    ["stale_body", "Stale body", "the charge one event ago"],
  ], longest: ["delay_ms_max", "Longest delay"] },
  { group: "api", title: "API", chances: [
    ["rate_limited", "Rate limited", "answers 429"],
    ["error", "Error", "answers 500"],
    ["slow", "Slow", "answers late"],
    ["cut", "Cut off", "breaks off midway"],
  ], longest: ["slow_ms_max", "Slowest answer"] },
];

const PRESETS = [
  ["Bad day", { webhooks: { duplicate: 0.15, delay: 0.2, reorder: 0.1, drop: 0.05, stale_body: 0.02 }, api: { rate_limited: 0.05, error: 0.05, slow: 0.15, cut: 0.02 } }],
  ["Lost webhooks", { webhooks: { drop: 1 } }],
  ["Twice and out of order", { webhooks: { duplicate: 1, reorder: 0.5 } }],
];

// What the reader has typed and not applied is theirs: answers don't overwrite it.
let is_edited = false;
const form = () => byId("fault-form");
const field = (name) => form().elements[name];

const chance = (group, [key, title, what]) => {
  const name = `${group}.${key}`;
  const number = make("input", { type: "number", name, id: `fault-${name}`, min: "0", max: "100", step: "any", value: "0", required: true });
  const range = make("input", { type: "range", min: "0", max: "100", step: "1", value: "0", "aria-label": `${title}, per cent`, data: { of: name } });
  range.addEventListener("input", () => { number.value = range.value; });
  number.addEventListener("input", () => { range.value = number.value; });
  return make("div", { class: "chance" },
    make("label", { for: `fault-${name}` }, make("b", {}, title), make("small", {}, what)),
    range, make("span", { class: "percent" }, number, make("span", { "aria-hidden": "true" }, "%")));
};

const build = () => {
  for (const { group, title, chances, longest: [key, label] } of GROUPS) {
    form().append(make("fieldset", { class: "chances" }, make("legend", {}, title), chances.map((each) => chance(group, each)),
      make("label", { class: "longest" }, `${label}, ms `,
        make("input", { type: "number", name: `${group}.${key}`, min: "0", step: "1", value: "2000", required: true }))));
  }
  form().append(
    make("label", { class: "longest" }, "Seed ", make("input", { type: "number", name: "seed", min: "0", max: String(Number.MAX_SAFE_INTEGER), step: "1", value: "0", required: true })),
    make("p", { class: "hint" }, "The same seed gives the same faults again, in the same order. Applying starts it anew."),
    make("div", { class: "button-row" }, make("button", { class: "button is-main" }, "Apply"), button("All off", { id: "faults-off" }, off)));
};

const fill = (faults) => {
  field("seed").value = String(faults.seed);
  for (const { group, chances, longest: [longest] } of GROUPS) {
    field(`${group}.${longest}`).value = String(faults[group][longest]);
    for (const [key] of chances) {
      const percent = String(Number((faults[group][key] * 100).toFixed(4)));
      field(`${group}.${key}`).value = percent;
      form().querySelector(`[data-of="${group}.${key}"]`).value = percent;
    }
  }
};

const read = () => {
  const faults = { seed: Number(field("seed").value) };
  for (const { group, chances, longest: [longest] } of GROUPS) {
    faults[group] = Object.fromEntries(chances.map(([key]) => [key, Number((Number(field(`${group}.${key}`).value) / 100).toFixed(6))]));
    faults[group][longest] = Number(field(`${group}.${longest}`).value);
  }
  return faults;
};

const active = (faults) => GROUPS.flatMap(({ group, chances, longest: [longest] }) => chances
  .filter(([key]) => faults[group][key] > 0)
  .map(([key, title]) => {
    const most = ["delay", "slow"].includes(key) ? ` (up to ${duration(faults[group][longest])})` : "";
    return `${group === "api" ? "API: " : ""}${title.toLowerCase()} ${Number((faults[group][key] * 100).toFixed(2))} %${most}`;
  }));

const draw = (faults) => {
  const list = active(faults);
  const is_on = list.length > 0;
  byId("faults-badge").textContent = is_on ? "on" : "off";
  byId("faults-badge").className = is_on ? "badge is-warm" : "badge";
  byId("jump-faults").hidden = !is_on;
  reconcile(byId("faults-active"), list, (text) => text, (text) => make("li", {}, text));
  byId("faults-off").disabled = !is_on;
  if (!is_edited) fill(faults);
};

const applied = (faults, message) => {
  if (!faults) return;
  is_edited = false;
  draw(faults);
  say(message);
};

const apply = async (faults, control, message) =>
  applied(await attempt("The faults weren’t changed", control, () => api.setFaults(faults)), message);

const off = async (event) =>
  applied(await attempt("The faults are still on", event.currentTarget, () => api.noFaults()), "No faults any more");

export const startFaults = () => {
  build();
  byId("fault-presets").append(...PRESETS.map(([title, faults]) =>
    button(title, { class: "button is-small" }, (event) => apply({ seed: Number(field("seed").value) || 0, ...faults }, event.currentTarget, `Faults: ${title}`))));
  form().addEventListener("input", () => { is_edited = true; });
  form().addEventListener("submit", (event) => {
    event.preventDefault();
    if (!form().reportValidity()) return;
    apply(read(), event.submitter, "The faults are applied");
  });
  onOverview(({ faults }) => draw(faults));
};
