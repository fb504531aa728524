// Talking to the sandbox. Every address is relative, so that the page works wherever the sandbox is mounted.

export class Failure extends Error {
  constructor(message, status = 0) {
    super(message);
    this.status = status;
  }
}

const said = (answer, body) =>
  body?.error?.message ?? body?.detail ?? body?.title ?? `the sandbox answered ${answer.status} ${answer.statusText}`.trim();

const call = async (method, path, body, headers = {}) => {
  const options = { method, headers, cache: "no-store" };
  if (body !== undefined) {
    options.body = JSON.stringify(body);
    options.headers = { ...headers, "Content-Type": "application/json" };
  }
  let answer;
  try {
    answer = await fetch(path, options);
  } catch {
    throw new Failure("the sandbox can’t be reached");
  }
  // A fault may have cut the answer, and a proxy may have written it.
  const parsed = await answer.json().catch(() => null);
  if (!answer.ok) throw new Failure(said(answer, parsed), answer.status);
  if (parsed === null) throw new Failure("the answer isn’t JSON", answer.status);
  return parsed.data;
};

const control = (method, path, body) => call(method, `_control${path}`, body);
const merchantCall = (merchant, method, path, body) =>
  call(method, path, body, { "X-CC-Api-Key": merchant.api_key, "X-CC-Version": "2018-03-22" });

export const overview = () => control("GET", "");
export const charges = (limit) => control("GET", `/charges?limit=${limit}`);
export const pay = (code, how) => control("POST", `/charges/${encodeURIComponent(code)}/pay`, how);
export const deliveries = (query) => control("GET", `/deliveries?${new URLSearchParams(query)}`);
export const delivery = (id) => control("GET", `/deliveries/${id}`);
export const redeliver = (id) => control("POST", `/deliveries/${id}/redeliver`);
export const merchants = () => control("GET", "/merchants");
export const addMerchant = (merchant) => control("POST", "/merchants", merchant);
export const rotateSecret = (id) => control("POST", `/merchants/${id}/rotate-secret`, {});
export const addEndpoint = (id, url) => control("POST", `/merchants/${id}/endpoints`, { url });
export const removeEndpoint = (id) => control("DELETE", `/endpoints/${id}`);
export const freeze = () => control("POST", "/clock/freeze");
export const resume = () => control("POST", "/clock/resume");
export const advance = (seconds) => control("POST", "/clock/advance", { seconds });
export const setFaults = (faults) => control("PUT", "/faults", faults);
export const noFaults = () => control("DELETE", "/faults");
export const setLimits = (enabled) => control("PUT", "/rate-limits", { enabled });
export const reset = () => control("POST", "/reset");

// These go over Coinbase's own wire, with the merchant's key.
export const createCharge = (merchant, charge) => merchantCall(merchant, "POST", "charges", charge);
export const cancelCharge = (merchant, code) => merchantCall(merchant, "POST", `charges/${encodeURIComponent(code)}/cancel`);
export const resolveCharge = (merchant, code) => merchantCall(merchant, "POST", `charges/${encodeURIComponent(code)}/resolve`);
