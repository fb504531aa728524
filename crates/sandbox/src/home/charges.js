// The newest charges: following them, paying them, making one.

import * as api from "./api.js";
import { badge, button, byId, cell, make, reconcile, table } from "./dom.js";
import { everyRound, merchantOf, onMerchants, refresh, store } from "./live.js";
import { showDeliveriesOf } from "./deliveries.js";
import { openPay } from "./pay.js";
import { attempt, say } from "./say.js";
import { refreshAges, moment } from "./time.js";

const PAGE = 10;
const LIMIT_MAX = 100;

const MOODS = { PENDING: "is-busy", COMPLETED: "is-good", RESOLVED: "is-good", UNRESOLVED: "is-warm", EXPIRED: "is-over", CANCELED: "is-over" };

const columns = [
  { title: "Charge" }, { title: "Name" }, { title: "Price", look: "number" }, { title: "Status" },
  { title: "Actions", hidden: true },
];

const nothing = make("p", { class: "empty" }, "No charges yet. The first one your code makes appears here by itself.");
const { element: list, body } = table("The newest charges", columns);

let limit = PAGE;

const canCall = (charge) => Boolean(merchantOf(charge.merchant_id)?.api_key);

const actions = (charge) => {
  const { code, status } = charge;
  const done = async (message, act, control) => {
    const answer = await attempt(`${code} wasn’t changed`, control, act);
    if (answer !== undefined) say(message);
    await refresh();
  };
  const made = [];
  if (status === "NEW") {
    made.push(button("Pay", { class: "button is-small", "aria-label": `Pay ${code}`, data: { act: "pay" } },
      (event) => done(`${code} is being paid`, () => api.pay(code, { outcome: "success" }), event.currentTarget)));
  }
  if (status === "NEW" || status === "EXPIRED") {
    made.push(button("Simulate…", { class: "button is-small", "aria-label": `Simulate a payment of ${code}`, data: { act: "simulate" } },
      () => openPay(charge)));
  }
  if (status === "UNRESOLVED" && charge.can_call) {
    made.push(button("Resolve", { class: "button is-small", "aria-label": `Resolve ${code}`, data: { act: "resolve" } },
      (event) => done(`${code} is resolved`, () => api.resolveCharge(merchantOf(charge.merchant_id), code), event.currentTarget)));
  }
  made.push(button("Webhooks", { class: "quiet", "aria-label": `Webhooks of ${code}`, data: { act: "webhooks" } }, () => showDeliveriesOf(code)));
  return made;
};

const draw = (charge) => make("tr", { role: "row" },
  cell("Charge", { class: "lead" },
    make("a", { class: "mono", href: `pay/${encodeURIComponent(charge.code)}`, data: { act: "open" } }, charge.code),
    make("time", { class: "under", datetime: charge.created_at, title: moment(charge.created_at), data: { age: "" } })),
  cell("Name", { class: "wide" }, make("span", { class: "clip", title: charge.name, dir: "auto" }, charge.name),
    charge.shop && make("span", { class: "clip under", dir: "auto" }, charge.shop)),
  cell("Price", { class: "number price" }, charge.price ? `${charge.price.amount} ${charge.price.currency}` : "open"),
  cell("Status", { class: "state" }, badge(charge.status, MOODS[charge.status]), charge.context ? make("span", { class: "context" }, charge.context) : null),
  cell("Actions", { class: "actions" }, actions(charge)));

const poll = async () => {
  const charges = await api.charges(limit);
  reconcile(byId("charge-list"), [charges.length > 0], () => "list", () => make("div", {}, charges.length > 0 ? list : nothing));
  // What else a row shows depends on: whether the merchant's key is known, and whether there are several.
  const several = store.merchants.length > 1;
  const rows = charges.map((charge) => ({ ...charge, can_call: canCall(charge), shop: several ? charge.merchant : null }));
  reconcile(body, rows, (charge) => charge.id, draw);
  byId("more-charges").hidden = charges.length < limit || limit >= LIMIT_MAX;
  refreshAges();
};

const create = async (form, control) => {
  const { name, amount, currency, merchant } = form.elements;
  const price = amount.value.trim();
  const wanted = { name: name.value, description: "Made on the sandbox’s page", ...(price
    ? { pricing_type: "fixed_price", local_price: { amount: price, currency: currency.value.trim().toUpperCase() } }
    : { pricing_type: "no_price" }) };
  const charge = await attempt("The charge wasn’t made", control, () => api.createCharge(merchantOf(Number(merchant.value)), wanted));
  if (charge) say(`${charge.code} is made`);
  await refresh();
};

/** The merchants that this page can act for, as choices. A choice that is made stays. */
export const fillMerchants = (select, merchants) => {
  const options = merchants.map(({ id, name }) => ({ id, name }));
  if (select.look === JSON.stringify(options)) return;
  const chosen = select.value;
  select.look = JSON.stringify(options);
  select.replaceChildren(...options.map(({ id, name }) => make("option", { value: id }, name)));
  if (options.some(({ id }) => String(id) === chosen)) select.value = chosen;
};

export const startCharges = () => {
  const form = byId("charge-form");
  const toggle = byId("new-charge");
  everyRound("The charges", poll);

  onMerchants((merchants) => {
    const able = merchants.filter((merchant) => merchant.api_key);
    fillMerchants(form.elements.merchant, able);
    byId("charge-merchant").hidden = able.length < 2;
    toggle.hidden = able.length === 0;
    byId("charge-keyless").hidden = able.length > 0 || store.overview?.secrets_shown !== false;
    if (able.length === 0) form.hidden = true;
  });
  byId("more-charges").addEventListener("click", async () => {
    limit = Math.min(limit * 2, LIMIT_MAX);
    await refresh();
  });
  toggle.addEventListener("click", () => {
    form.hidden = !form.hidden;
    toggle.setAttribute("aria-expanded", String(!form.hidden));
    if (!form.hidden) form.elements.name.focus();
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    create(form, event.submitter);
  });
};
