// Merchants: their keys, their secrets, and where their webhooks go.

import * as api from "./api.js";
import { badge, button, byId, copyButton, make, reconcile } from "./dom.js";
import { loadMerchants, onMerchants, store } from "./live.js";
import { ask, attempt, say } from "./say.js";

// Which secrets the reader has uncovered: a redraw must not cover them again.
const uncovered = new Set();

const MASK = "••••••••••••";

const secret = (id, title, value, owner) => {
  const label = make("dt", {}, title);
  if (value === null) return make("div", {}, label, make("dd", { class: "hint" }, "not shown"));
  const key = `${owner}:${id}`;
  const text = make("span", { class: "mono secret" });
  const toggle = button("", { class: "quiet", data: { act: `show ${id}` } }, () => {
    if (!uncovered.delete(key)) uncovered.add(key);
    draw();
  });
  const draw = () => {
    const is_shown = uncovered.has(key);
    text.textContent = is_shown ? value : MASK;
    toggle.textContent = is_shown ? "Hide" : "Show";
    toggle.setAttribute("aria-label", `${is_shown ? "Hide" : "Show"} the ${title.toLowerCase()}`);
  };
  draw();
  return make("div", {}, label, make("dd", {}, text, toggle, copyButton(`the ${title.toLowerCase()}`, value)));
};

const changed = async (message, what, control, act) => {
  const done = await attempt(what, control, act);
  if (done === undefined) return undefined;
  await attempt("The merchants weren’t loaded", null, loadMerchants);
  say(message);
  return done;
};

const endpoint = ({ id, url, is_configured }) => make("li", {},
  make("span", { class: "mono is-url" }, url),
  // What the configuration gives stays.
  is_configured ? badge("configured", "is-tag") : button("Remove", { class: "quiet is-bad", "aria-label": `Remove ${url}`, data: { act: `remove ${id}` } }, async (event) => {
    const control = event.currentTarget;
    if (!await ask("Remove this endpoint?", `${url} gets no more webhooks, also not those that wait.`, "Remove")) return;
    await changed("Endpoint removed", "The endpoint wasn’t removed", control, () => api.removeEndpoint(id));
  }));

const adder = (merchant) => {
  const input = make("input", { name: "url", type: "url", required: true, placeholder: "http://127.0.0.1:3000/webhook", autocomplete: "off", spellcheck: "false", data: { act: "url" } });
  const form = make("form", { class: "inline-form is-tight" },
    make("label", { class: "grow" }, "New endpoint ", input),
    make("button", { class: "button", data: { act: "add" } }, "Add"));
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    await changed("Endpoint added", "The endpoint wasn’t added", event.submitter, async () => {
      const added = await api.addEndpoint(merchant.id, input.value);
      input.value = "";
      return added;
    });
  });
  return form;
};

const rotate = (merchant) => button("Rotate the secret…", { class: "quiet", data: { act: "rotate" } }, async (event) => {
  const control = event.currentTarget;
  const agreed = await ask("Rotate the webhook secret?",
    `Webhooks of ${merchant.name} are signed with a new one from now on. The old one is kept as the previous secret, so that you can try both.`, "Rotate");
  if (agreed) await changed("The secret is rotated", "The secret wasn’t rotated", control, () => api.rotateSecret(merchant.id));
});

const draw = (merchant) => {
  const owner = merchant.id;
  return make("article", { class: "merchant" },
    make("header", {}, make("h3", { dir: "auto" }, merchant.name), merchant.is_configured ? badge("configured", "is-tag") : null,
      // Inside a server this secret is the server’s own, and stays.
      merchant.webhook_secret === null ? null : rotate(merchant)),
    make("dl", { class: "facts-list" },
      secret("key", "API key", merchant.api_key, owner),
      secret("secret", "Webhook secret", merchant.webhook_secret, owner),
      merchant.previous_webhook_secret ? secret("previous", "Previous secret", merchant.previous_webhook_secret, owner) : null),
    make("h4", {}, "Endpoints"),
    merchant.endpoints.length > 0
      ? make("ul", { class: "endpoints" }, merchant.endpoints.map(endpoint))
      : make("p", { class: "hint" }, "None: no webhooks are sent."),
    adder(merchant));
};

// A half-typed address must survive the redraw that another change causes.
const redraw = (merchants) => {
  const list = byId("merchant-list");
  const typed = new Map([...list.children].map((element) => [element.dataset.key, element.querySelector("[name=url]").value]));
  reconcile(list, merchants, ({ id }) => id, draw);
  for (const element of list.children) {
    const input = element.querySelector("[name=url]");
    if (!input.value) input.value = typed.get(element.dataset.key) ?? "";
  }
  byId("secrets-hidden").hidden = store.overview?.secrets_shown !== false;
};

export const startMerchants = () => {
  onMerchants(redraw);
  const form = byId("merchant-form");
  const toggle = byId("new-merchant");
  const open = (is_open) => {
    form.hidden = !is_open;
    toggle.setAttribute("aria-expanded", String(is_open));
  };
  toggle.addEventListener("click", () => {
    open(form.hidden);
    if (!form.hidden) form.elements.name.focus();
  });
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const given = [...new FormData(form)].filter(([, value]) => value.trim() !== "");
    const done = await changed("Merchant added", "The merchant wasn’t added", event.submitter, () => api.addMerchant(Object.fromEntries(given)));
    if (done === undefined) return;
    form.reset();
    open(false);
    toggle.focus();
  });
};
