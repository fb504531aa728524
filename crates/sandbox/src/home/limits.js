// Coinbase's rate limits, on or off.

import * as api from "./api.js";
import { byId } from "./dom.js";
import { onOverview } from "./live.js";
import { attempt, say } from "./say.js";

const draw = ({ enabled, charge_creations_per_minute, other_calls_per_minute }) => {
  byId("limits-switch").checked = enabled;
  byId("limits-hint").textContent =
    `${charge_creations_per_minute} new charges and ${other_calls_per_minute} other calls a minute for each key; then 429 with Retry-After.`;
};

export const startLimits = () => {
  const control = byId("limits-switch");
  onOverview(({ rate_limits }) => {
    if (!control.disabled) draw(rate_limits);
  });
  control.addEventListener("change", async () => {
    const wanted = control.checked;
    const limits = await attempt("The rate limits weren’t changed", control, () => api.setLimits(wanted));
    if (!limits) {
      control.checked = !wanted;
      return;
    }
    draw(limits);
    say(limits.enabled ? "Rate limits are on" : "Rate limits are off");
  });
};
