// Code to copy, with this sandbox's address, key and secret in it.

import { byId, copyButton, fill, make } from "./dom.js";
import { fillMerchants } from "./charges.js";
import { merchantOf, onMerchants, onOverview, store } from "./live.js";
import { LANGUAGES } from "./languages.js";

const KEPT = "sandbox.language";

let chosen = "curl";

// A browser may refuse to keep things; then the choice lasts until the page is left.
const remembered = () => {
  try {
    return sessionStorage.getItem(KEPT);
  } catch {
    return null;
  }
};

const remember = (language) => {
  try {
    sessionStorage.setItem(KEPT, language);
  } catch {
    // See above.
  }
};

const snippet = (title, code) => [
  make("div", { class: "source-head" }, make("h3", {}, title), copyButton(`the code: ${title.toLowerCase()}`, code)),
  make("pre", { class: "source", tabindex: "0", role: "region", "aria-label": title }, code),
];

const draw = () => {
  if (!store.overview) return;
  const merchant = merchantOf(Number(byId("code-merchant-choice").value)) ?? store.merchants[0];
  const values = {
    base: store.overview.public_url.replace(/\/+$/, ""),
    key: merchant?.api_key ?? "YOUR_API_KEY",
    secret: merchant?.webhook_secret ?? "YOUR_WEBHOOK_SECRET",
  };
  const panel = byId("code-panel");
  const look = JSON.stringify([chosen, values]);
  if (panel.look === look) return;
  panel.look = look;
  const { install, create, verify } = LANGUAGES[chosen];
  const hidden = merchant && merchant.api_key === null;
  panel.setAttribute("aria-labelledby", `tab-${chosen}`);
  fill(panel,
    hidden && make("p", { class: "note" }, "The key and the secret are in the server’s settings: put them in place of ", make("code", {}, values.key), " and ", make("code", {}, values.secret), "."),
    install && snippet("Install", install),
    snippet("Create a charge", create(values)),
    snippet("Check a webhook", verify(values)));
};

const choose = (language, with_focus) => {
  chosen = language;
  remember(language);
  for (const tab of byId("code-tabs").children) {
    const is_chosen = tab.id === `tab-${language}`;
    tab.setAttribute("aria-selected", String(is_chosen));
    tab.tabIndex = is_chosen ? 0 : -1;
    if (is_chosen && with_focus) tab.focus();
  }
  draw();
};

/** Arrow keys walk the tabs, as the pattern for tabs has it. */
const walk = (event) => {
  const languages = Object.keys(LANGUAGES);
  const place = languages.indexOf(chosen);
  const next = { ArrowRight: place + 1, ArrowLeft: place - 1 + languages.length, Home: 0, End: languages.length - 1 }[event.key];
  if (next === undefined) return;
  event.preventDefault();
  choose(languages[next % languages.length], true);
};

export const startSnippets = () => {
  const tabs = byId("code-tabs");
  tabs.append(...Object.entries(LANGUAGES).map(([language, { title }]) =>
    make("button", { type: "button", role: "tab", id: `tab-${language}`, "aria-controls": "code-panel", on: { click: () => choose(language, false) } }, title)));
  tabs.addEventListener("keydown", walk);
  const kept = remembered();
  choose(kept in LANGUAGES ? kept : "curl", false);

  const select = byId("code-merchant-choice");
  select.addEventListener("change", draw);
  onOverview(draw);
  onMerchants((merchants) => {
    fillMerchants(select, merchants);
    byId("code-merchant").hidden = merchants.length < 2;
    draw();
  });
};
