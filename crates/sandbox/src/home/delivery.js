// One webhook: what was sent, when, how it was signed, and what came back.

import * as api from "./api.js";
import { badge, button, byId, copyButton, fill, make } from "./dom.js";
import { everyRound, merchantOf, refresh } from "./live.js";
import { attempt, say } from "./say.js";
import { signedWith } from "./signature.js";
import { duration, moment } from "./time.js";

export const MOODS = { waiting: "is-busy", delivered: "is-good", failed: "is-bad", dropped: "is-warm" };
const FAILURES = { "connection-lost": "connection lost", connect: "no connection" };

/** What came back: a status code, or why none came. */
export const answered = ({ status_code, error }) =>
  (status_code ?? (error ? FAILURES[error] ?? error : "–")).toString();

let shown = null;
let opened = new Map();

const fact = (name, ...value) => make("div", {}, make("dt", {}, name), make("dd", {}, ...value));

const pretty = (body) => {
  try {
    return JSON.stringify(JSON.parse(body), null, 2);
  } catch {
    return body;
  }
};

/** The body twice: as it is read, and as it was sent and signed. */
const bodyOf = (request) => {
  if (request.body === null) return make("p", { class: "hint" }, "The body isn’t kept any more.");
  const text = make("pre", { class: "source", tabindex: "0", role: "region", "aria-label": "Body" }, pretty(request.body));
  const looks = [["Pretty", pretty], ["Raw", (body) => body]].map(([title, look], place) =>
    button(title, { class: "quiet", "aria-pressed": String(place === 0) }, (event) => {
      for (const each of looks) each.setAttribute("aria-pressed", String(each === event.currentTarget));
      text.textContent = look(request.body);
      text.classList.toggle("is-raw", look !== pretty);
    }));
  return [
    make("div", { class: "source-head" }, make("h4", {}, "Body"), make("div", { class: "button-row" }, looks, copyButton("the raw body", request.body))),
    text,
  ];
};

const attemptLog = (entry, merchant, is_last) => {
  const { request } = entry;
  const verdict = make("p", { class: "hint" });
  signedWith(request, merchant).then((text) => { verdict.textContent = text; });
  const is_bad = entry.error || entry.status_code === null || entry.status_code >= 300;
  const details = make("details", { class: "attempt", open: opened.get(entry.number) ?? is_last },
    make("summary", {},
      make("b", {}, `Attempt ${entry.number}`), " ",
      make("time", { datetime: entry.started_at, title: entry.started_at }, moment(entry.started_at)), " ",
      badge(answered(entry), is_bad ? "is-bad" : "is-good"), " ",
      make("span", { class: "digits" }, duration(entry.duration_ms)), " ",
      entry.fault ? badge(entry.fault.replaceAll("_", " "), "is-warm is-tag") : null),
    make("p", { class: "mono request-line" }, `${request.method} ${request.url}`),
    make("dl", { class: "headers mono" }, Object.entries(request.headers).map(([name, value]) => fact(name, String(value)))),
    verdict,
    bodyOf(request));
  details.addEventListener("toggle", () => opened.set(entry.number, details.open));
  return details;
};

const actions = (delivery, dialog) => make("div", { class: "button-row is-end" },
  button("Close", { data: { act: "close" } }, () => dialog.close()),
  button("Redeliver", { class: "button is-main", data: { act: "redeliver" } }, async (event) => {
    const done = await attempt("It wasn’t sent again", event.currentTarget, () => api.redeliver(delivery.id));
    if (done === undefined) return;
    say("Sent again");
    await refresh();
  }));

const draw = (delivery) => {
  const dialog = byId("delivery-dialog");
  const log = delivery.attempt_log;
  const act = dialog.contains(document.activeElement) ? document.activeElement.dataset.act : null;
  const scrolled = dialog.scrollTop;
  fill(dialog.firstElementChild,
    make("header", { class: "dialog-head" },
      make("h2", { id: "delivery-title" }, delivery.event_type), badge(delivery.state, MOODS[delivery.state]),
      delivery.fault ? badge(delivery.fault, "is-warm is-tag") : null),
    make("dl", { class: "facts-list" },
      fact("Charge", delivery.charge_code ? make("a", { class: "mono", href: `pay/${encodeURIComponent(delivery.charge_code)}` }, delivery.charge_code) : "–"),
      fact("Event", make("span", { class: "mono" }, delivery.event_id), " ", copyButton("the event’s id", delivery.event_id)),
      fact("Endpoint", make("span", { class: "mono" }, delivery.endpoint_url)),
      fact("Made", moment(delivery.created_at)),
      delivery.next_attempt_at && delivery.state === "waiting" ? fact("Next attempt", moment(delivery.next_attempt_at)) : null),
    make("h3", {}, log.length === 0 ? "Not sent yet" : log.length === 1 ? "One attempt" : `${log.length} attempts`),
    delivery.state === "dropped" ? make("p", { class: "hint" }, "A fault has dropped it: it counts as sent, and never arrives. Redeliver sends it.") : null,
    log.map((entry, place) => attemptLog(entry, merchantOf(delivery.merchant_id), place === log.length - 1)).reverse(),
    actions(delivery, dialog));
  dialog.scrollTop = scrolled;
  if (act) dialog.querySelector(`[data-act="${act}"]`)?.focus({ preventScroll: true });
};

const load = async () => {
  if (shown === null) return;
  const { id } = shown;
  const delivery = await api.delivery(id);
  const look = JSON.stringify(delivery);
  if (shown?.id !== id || shown.look === look) return;
  const before = shown.attempts;
  shown = { id, look, attempts: delivery.attempt_log.length };
  // What has just come is opened; what the reader opened or closed stays so.
  if (before !== undefined && before < shown.attempts) opened.delete(shown.attempts);
  draw(delivery);
};

export const openDelivery = async (id) => {
  const dialog = byId("delivery-dialog");
  shown = { id, look: "" };
  opened = new Map();
  dialog.firstElementChild.replaceChildren();
  const failed = await attempt("The webhook wasn’t loaded", null, async () => {
    await load();
    return false;
  });
  if (failed === undefined || shown?.id !== id) return;
  if (!dialog.open) dialog.showModal();
  dialog.querySelector('[data-act="redeliver"]')?.focus({ preventScroll: true });
  dialog.scrollTop = 0;
};

byId("delivery-dialog").addEventListener("close", () => { shown = null; });
everyRound("The open webhook", load);
