// The dialog that decides how a payment goes.

import * as api from "./api.js";
import { button, byId, fill, make } from "./dom.js";
import { merchantOf, refresh } from "./live.js";
import { attempt, say } from "./say.js";

const OUTCOMES = [
  { outcome: "success", title: "Pay", what: "the exact amount", done: "is being paid" },
  { outcome: "underpaid", title: "Too little", what: "half of it arrives", priced: true, done: "is being underpaid" },
  { outcome: "overpaid", title: "Too much", what: "half as much again", priced: true, done: "is being overpaid" },
  { outcome: "multiple", title: "Twice", what: "two payments arrive", done: "is being paid twice" },
  { outcome: "delayed", title: "Late", what: "after the time is up", late: true, done: "is being paid late" },
  { outcome: "slow", title: "Slowly", what: "pending for long", done: "is being paid, slowly" },
  { outcome: "failure", title: "Not at all", what: "nobody pays in time", done: "is failing" },
];
const COINS = [["bitcoin", "Bitcoin"], ["ethereum", "Ethereum"], ["usdc", "USD Coin"]];

// With these an amount can be given. It decides by itself whether it is too little or too much.
const WITH_AMOUNT = ["success", "slow", "delayed"];
// What a payer gives in who may choose.
const FREE_CURRENCY = "USD";

const choice = ({ outcome, title, what }, is_first) => make("label", { class: "option" },
  make("input", { type: "radio", name: "outcome", value: outcome, checked: is_first }),
  make("span", {}, make("b", {}, title), make("small", {}, what)));

const wish = (form) => {
  const { outcome, network, amount, delay } = form.elements;
  const how = { outcome: outcome.value, network: network.value };
  if (!amount.disabled && amount.value.trim()) how.amount = amount.value.trim();
  if (delay.value) how.confirm_after_ms = Math.round(Number(delay.value) * 1000);
  return how;
};

const cancel = (charge, dialog) => {
  const merchant = merchantOf(charge.merchant_id);
  if (charge.status !== "NEW" || !merchant?.api_key) return null;
  return button("Cancel the charge", { class: "quiet is-bad" }, async (event) => {
    const done = await attempt(`${charge.code} wasn’t canceled`, event.currentTarget, () => api.cancelCharge(merchant, charge.code));
    if (done === undefined) return;
    dialog.close();
    say(`${charge.code} is canceled`);
    await refresh();
  });
};

export const openPay = (charge) => {
  const dialog = byId("pay-dialog");
  const is_expired = charge.status === "EXPIRED";
  const possible = OUTCOMES.filter(({ priced, late }) => (charge.price || !priced) && (!is_expired || late));
  const currency = charge.price?.currency ?? FREE_CURRENCY;
  const form = make("form", { class: "pay-form" },
    make("fieldset", {}, make("legend", {}, is_expired ? "It has expired: only a late payment can come" : "How it goes"),
      make("div", { class: "options" }, possible.map((outcome, place) => choice(charge.price || outcome.outcome !== "success" ? outcome : { ...outcome, what: "as much as they like" }, place === 0)))),
    make("div", { class: "inline-form" },
      make("label", {}, "Coin ", make("select", { name: "network" }, COINS.map(([value, title]) => make("option", { value }, title)))),
      make("label", { class: "narrow" }, `Amount in ${currency} `,
        make("input", { name: "amount", inputmode: "decimal", pattern: "[0-9]+([.][0-9]+)?", placeholder: charge.price?.amount ?? "any", autocomplete: "off", title: "Digits with at most one point" })),
      make("label", { class: "narrow" }, "Confirmed after (s) ",
        make("input", { name: "delay", type: "number", min: "0", max: "86400", step: "any", placeholder: "usual" }))),
    make("div", { class: "button-row is-end" }, cancel(charge, dialog),
      button("Close", {}, () => dialog.close()),
      make("button", { class: "button is-main" }, "Simulate")));
  form.addEventListener("change", () => { form.elements.amount.disabled = !WITH_AMOUNT.includes(form.elements.outcome.value); });
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const how = wish(form);
    const answer = await attempt(`${charge.code} wasn’t paid`, event.submitter, () => api.pay(charge.code, how));
    if (answer === undefined) return;
    dialog.close();
    say(`${charge.code} ${OUTCOMES.find(({ outcome }) => outcome === how.outcome)?.done ?? "is being paid"}`);
    await refresh();
  });
  fill(dialog.firstElementChild,
    make("h2", { id: "pay-title" }, "Simulate a payment of ", make("span", { class: "mono" }, charge.code)),
    make("p", { class: "hint", dir: "auto" }, charge.price ? `${charge.name}, ${charge.price.amount} ${currency}` : charge.name),
    form);
  dialog.showModal();
};
