// Keeps what the page shows up to date: one round of questions every two seconds, while somebody looks.

import * as api from "./api.js";
import { byId } from "./dom.js";
import { refreshAges, setClock } from "./time.js";

const ROUND_MS = 2000;
// Merchants change by this page's own hands, mostly.
const ROUNDS_PER_MERCHANTS = 5;

export const store = { overview: null, merchants: [] };

const overviewListeners = [];
const merchantListeners = [];
const pollers = [];
let round = 0;
let timer = 0;
let running = null;
let isStale = false;

export const onOverview = (listener) => overviewListeners.push(listener);
export const onMerchants = (listener) => merchantListeners.push(listener);
/** What to ask in each round, and what it is called when it fails. */
export const everyRound = (name, poll) => pollers.push({ name, poll });

export const merchantOf = (id) => store.merchants.find((merchant) => merchant.id === id);

const loadOverview = async () => {
  store.overview = await api.overview();
  setClock(store.overview.clock);
  for (const listener of overviewListeners) listener(store.overview);
};

export const loadMerchants = async () => {
  store.merchants = await api.merchants();
  for (const listener of merchantListeners) listener(store.merchants);
};

const report = (failures) => {
  const outage = byId("outage");
  const text = failures.map(({ name, reason }) => `${name}: ${reason.message}`);
  // All the same reason means that nothing answers: said once.
  const is_one = failures.length > 1 && new Set(failures.map(({ reason }) => reason.message)).size === 1;
  const message = failures.length === 0 ? "" : `${is_one ? `Nothing loads: ${failures[0].reason.message}` : text.join(" · ")}. Trying again.`;
  outage.hidden = message === "";
  if (outage.textContent !== message) outage.textContent = message;
};

const failuresOf = async (questions) => {
  const answers = await Promise.allSettled(questions.map(({ poll }) => poll()));
  return answers.flatMap(({ status, reason }, place) => (status === "rejected" ? [{ name: questions[place].name, reason }] : []));
};

const ask = async () => {
  const questions = [...pollers];
  if (round % ROUNDS_PER_MERCHANTS === 0) questions.push({ name: "The merchants", poll: loadMerchants });
  round += 1;
  // Before the others: how they are shown depends on it.
  const state = await failuresOf([{ name: "The state", poll: loadOverview }]);
  report([...state, ...await failuresOf(questions)]);
  refreshAges();
};

/** Asks at once. While a round is under way, one more follows it: what was just done may not be in its answers. */
export const refresh = async () => {
  if (running) {
    isStale = true;
    return running;
  }
  clearTimeout(timer);
  running = ask();
  await running;
  running = null;
  if (isStale) {
    isStale = false;
    return refresh();
  }
  if (!document.hidden) timer = setTimeout(refresh, ROUND_MS);
  return undefined;
};

export const start = () => {
  document.addEventListener("visibilitychange", () => {
    clearTimeout(timer);
    if (!document.hidden) refresh();
  });
  setInterval(refreshAges, 1000);
  return refresh();
};
