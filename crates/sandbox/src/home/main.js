// The developer's home: everything it shows comes from the control API.

import { canCopy, byId } from "./dom.js";
import * as api from "./api.js";
import { onOverview, start, store } from "./live.js";
import { ask, attempt, say } from "./say.js";
import { startCharges } from "./charges.js";
import { startClock } from "./clock.js";
import { startDeliveries } from "./deliveries.js";
import { startFaults } from "./faults.js";
import { startLimits } from "./limits.js";
import { startMerchants } from "./merchants.js";
import { startSnippets } from "./snippets.js";

const count = (id, value) => { byId(id).textContent = String(value); };

onOverview(({ public_url, counts, version }) => {
  byId("public-url").textContent = public_url;
  byId("version").textContent = version;
  count("count-charges", counts.charges);
  count("count-events", counts.events);
  count("count-waiting", counts.deliveries_waiting);
});

const copyUrl = byId("copy-url");
copyUrl.hidden = !canCopy;
copyUrl.addEventListener("click", async () => {
  await attempt("The address wasn’t copied", null, () => navigator.clipboard.writeText(store.overview?.public_url ?? ""));
  say("Address copied");
});

byId("reset-button").addEventListener("click", async (event) => {
  const agreed = await ask("Reset the sandbox?",
    "All charges, checkouts, invoices, events and webhooks go, added merchants too. Faults are off and the clock is right again. This can’t be undone.",
    "Reset");
  if (!agreed) return;
  const done = await attempt("The sandbox wasn’t reset", event.target, () => api.reset());
  // Everything the page holds is of the past, down to what was typed.
  if (done !== undefined) location.reload();
});

startClock();
startCharges();
startDeliveries();
startMerchants();
startFaults();
startLimits();
startSnippets();
start();
