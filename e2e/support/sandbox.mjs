// `boxoffice sandbox`, and its control API.
import { start } from "./boxoffice.mjs";
import { until } from "./wait.mjs";

export const KEY = "test-key";
export const SECRET = "test-webhook-secret";
export const HOUR_S = 3_600;

/** A sandbox of its own whose payments are confirmed quickly. `webhookUrl`: where its webhooks go. */
export async function startSandbox({ webhookUrl, bind = "127.0.0.1:0", payDelayMs = 150, args = [] } = {}) {
  const webhooks = webhookUrl ? ["--webhook-url", webhookUrl] : [];
  const program = await start("sandbox", [
    ...["--bind", bind, "--database", "{folder}/sandbox.db", "--api-key", KEY, "--webhook-secret", SECRET],
    ...["--pay-delay-ms", String(payDelayMs), ...webhooks, ...args],
  ]);
  return new Sandbox(program.url, program);
}

export class Refused extends Error {
  constructor(method, path, status, body) {
    super(`${method} ${path}: ${status} ${JSON.stringify(body)}`);
    Object.assign(this, { status, body });
  }
}

export class Sandbox {
  constructor(base, program) {
    this.base = base;
    this.program = program;
  }

  stop() {
    return this.program.stop();
  }

  /** A call of the control API; its `data`. */
  async control(method, path, body) {
    const answer = await fetch(`${this.base}/_control${path}`, {
      method,
      headers: body === undefined ? {} : { "Content-Type": "application/json" },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const text = await answer.text();
    const json = text.startsWith("{") ? JSON.parse(text) : text;
    if (!answer.ok) throw new Refused(method, `/_control${path}`, answer.status, json);
    return json.data;
  }

  freeze() {
    return this.control("POST", "/clock/freeze");
  }

  advance(seconds) {
    return this.control("POST", "/clock/advance", { seconds });
  }

  resume() {
    return this.control("POST", "/clock/resume");
  }

  faults(plan) {
    return this.control("PUT", "/faults", plan);
  }

  noFaults() {
    return this.control("DELETE", "/faults");
  }

  pay(code, outcome, more = {}) {
    return this.control("POST", `/charges/${code}/pay`, { outcome, network: "ethereum", ...more });
  }

  /** Past deliveries of a charge's webhooks, the oldest first. */
  async deliveries(code) {
    return (await this.control("GET", `/deliveries?limit=500&charge=${code}`)).reverse();
  }

  /** A call of Coinbase's wire without a client library. */
  async wire(method, path, body, headers = {}) {
    const answer = await fetch(this.base + path, {
      method,
      headers: { "X-CC-Api-Key": KEY, "X-CC-Version": "2018-03-22", "Content-Type": "application/json", ...headers },
      body: body === undefined || typeof body === "string" ? body : JSON.stringify(body),
    });
    return { status: answer.status, headers: answer.headers, body: await answer.json() };
  }

  async charge(key) {
    return (await this.wire("GET", `/charges/${key}`)).body.data;
  }

  /** Waits until a charge has come to a status. */
  reaches(code, status, ms) {
    return until(`${code} is ${status}`, async () => {
      const charge = await this.charge(code);
      return statusOf(charge) === status && charge;
    }, ms);
  }
}

/** The statuses that a charge went through, with their contexts: `["NEW", "PENDING", "UNRESOLVED UNDERPAID"]`. */
export const path = (charge) =>
  charge.timeline.map(({ status, context }) => (context ? `${status} ${context}` : status));

export const statusOf = (charge) => charge.timeline.at(-1).status;
