// The webhooks that were sent, are being sent, or weren't.

import * as api from "./api.js";
import { badge, byId, cell, make, reconcile, table } from "./dom.js";
import { everyRound, refresh } from "./live.js";
import { MOODS, answered, openDelivery } from "./delivery.js";
import { attempt } from "./say.js";
import { duration, moment, refreshAges } from "./time.js";

const PAGE = 15;
const LIMIT_MAX = 500;

const columns = [
  { title: "Time" }, { title: "Event" }, { title: "Charge" }, { title: "Endpoint" }, { title: "State" }, { title: "Answer" },
  { title: "Took", look: "number is-detail" }, { title: "Tries", look: "number is-detail" }, { title: "Next" },
];
const { element: list, body } = table("Webhooks", columns);
let limit = PAGE;

const filter = () => {
  const { state, charge } = byId("delivery-filter").elements;
  const query = { limit };
  if (state.value) query.state = state.value;
  if (charge.value.trim()) query.charge = charge.value.trim();
  return query;
};

const isFiltered = () => Object.keys(filter()).length > 1;

const isGood = (code) => code >= 200 && code < 300;

/** An endpoint without what all of them have. The whole address is in the title. */
const short = (url) => url.replace(/^https?:\/\//, "");

const faults = (fault) => (fault ?? "").split(",").map((name) => name.trim()).filter(Boolean)
  .map((name) => badge(name.replaceAll("_", " "), "is-warm is-tag"));

const draw = (delivery) => {
  const { id, event_type, charge_code, endpoint_url, state, status_code, attempts, next_attempt_at } = delivery;
  const is_next = state === "waiting" && next_attempt_at !== null;
  const open = make("button", { type: "button", class: "as-link", data: { act: "open" }, "aria-haspopup": "dialog" }, event_type);
  const row = make("tr", { role: "row", class: "is-clickable" },
    cell("Time", { class: "age" }, make("time", { datetime: delivery.created_at, title: delivery.created_at }, moment(delivery.created_at))),
    cell("Event", { class: "lead" }, open, faults(delivery.fault)),
    cell("Charge", { class: "mono" }, charge_code ?? "–"),
    cell("Endpoint", { class: "endpoint" }, make("span", { class: "clip mono is-url", title: endpoint_url }, short(endpoint_url))),
    cell("State", { class: "state" }, badge(state, MOODS[state])),
    cell("Answer", { class: status_code !== null && !isGood(status_code) || delivery.error ? "is-bad" : "" }, answered(delivery)),
    cell("Took", { class: "number is-detail" }, duration(delivery.duration_ms)),
    cell("Tries", { class: "number is-detail" }, String(attempts)),
    cell("Next", { class: is_next ? "age" : "age is-none" }, is_next
      ? make("time", { datetime: next_attempt_at, title: next_attempt_at, data: { until: "" } }) : "–"));
  // The whole row is a target for the mouse; the keyboard has the event's button.
  row.addEventListener("click", () => {
    if (getSelection().isCollapsed) openDelivery(id);
  });
  return row;
};

const nothing = (filtered) => make("p", { class: "empty" }, filtered
  ? "No webhook matches the filter."
  : "No webhooks yet. They come with the first charge, if a merchant has an endpoint.");

const poll = async () => {
  const asked = JSON.stringify(filter());
  const deliveries = await api.deliveries(filter());
  // The filter was changed while the answer was under way: the next answer is the one to show.
  if (asked !== JSON.stringify(filter())) return;
  const look = deliveries.length > 0 ? "list" : isFiltered() ? "no match" : "none";
  reconcile(byId("delivery-list"), [look], (each) => each, () => make("div", {}, look === "list" ? list : nothing(isFiltered())));
  reconcile(body, deliveries, (delivery) => delivery.id, draw);
  byId("more-deliveries").hidden = deliveries.length < limit || limit >= LIMIT_MAX;
  refreshAges();
};

const again = () => attempt("The webhooks weren’t loaded", null, poll);

/** Filters by a charge and goes to the list. */
export const showDeliveriesOf = async (code) => {
  const { state, charge } = byId("delivery-filter").elements;
  charge.value = code;
  state.value = "";
  await again();
  byId("deliveries").scrollIntoView({ block: "start" });
  charge.focus({ preventScroll: true });
};

export const startDeliveries = () => {
  const form = byId("delivery-filter");
  everyRound("The webhooks", poll);
  form.addEventListener("input", () => {
    limit = PAGE;
    again();
  });
  form.addEventListener("submit", (event) => event.preventDefault());
  // A reset takes effect after the event.
  form.addEventListener("reset", () => setTimeout(again));
  byId("more-deliveries").addEventListener("click", async () => {
    limit = Math.min(limit * 2, LIMIT_MAX);
    await refresh();
  });
};
