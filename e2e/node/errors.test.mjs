// Each kind of error, as Coinbase's own client for Node understands it.
import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, describe, it } from "node:test";
import { Charge, Checkout, Event, call, connect, errors, seat } from "../support/commerce.mjs";
import { startSandbox } from "../support/sandbox.mjs";

const NOBODY = "00000000-0000-4000-8000-000000000000";

describe("errors", () => {
  let sandbox;
  before(async () => {
    sandbox = await startSandbox();
  });
  beforeEach(() => connect(sandbox.base));
  after(() => sandbox?.stop());

  /** Checks one error in all that the client makes of it. */
  async function refused(promise, error, code) {
    await assert.rejects(promise, (thrown) => {
      assert.ok(thrown instanceof error, `${thrown.constructor.name} ${thrown.code} ${thrown.message}`);
      assert.equal(thrown.code, code);
      assert.ok(thrown.message.length > 0);
      assert.ok(thrown.requestId, "a request id");
      assert.match(thrown.headers["content-type"], /^application\/json/);
      return true;
    });
  }

  it("of authentication", async () => {
    connect(sandbox.base, "another-key");
    await refused(Charge.list(), errors.AuthenticationError, 401);
    await refused(Charge.create(seat()), errors.AuthenticationError, 401);
    await refused(Checkout.retrieve(NOBODY), errors.AuthenticationError, 401);
    await refused(Event.list(), errors.AuthenticationError, 401);
    await refused(call("GET", "invoices"), errors.AuthenticationError, 401);
    const answer = await fetch(`${sandbox.base}/charges`);
    assert.equal(answer.status, 401);
    assert.equal((await answer.json()).error.type, "authentication_error");
  });

  it("of what is missing", async () => {
    for (const field of ["name", "pricing_type", "local_price"]) {
      await refused(Charge.create(seat({ [field]: undefined })), errors.ParamRequiredError, 400);
    }
    for (const price of [{ amount: "1.00" }, { currency: "USD" }]) {
      await refused(Charge.create(seat({ local_price: price })), errors.ParamRequiredError, 400);
    }
  });

  it("of what is wrong", async () => {
    for (const more of [
      { name: "x".repeat(101) },
      { description: "x".repeat(201) },
      { pricing_type: "free" },
      { metadata: "text" },
      ...["0", "-1", "1.001", "many", "1000000001"].map((amount) => ({ local_price: { amount, currency: "USD" } })),
      { local_price: { amount: "1.00", currency: "XXX" } },
    ]) {
      await refused(Charge.create(seat(more)), errors.ValidationError, 400);
    }
  });

  it("of a request that makes no sense", async () => {
    await refused(Charge.list({ limit: 101 }), errors.InvalidRequestError, 400);
    await refused(Charge.create([]), errors.InvalidRequestError, 400);
    for (const body of ["", "{", "7", '{"a":1}x']) {
      const answer = await sandbox.wire("POST", "/charges", body);
      assert.deepEqual([answer.status, answer.body.error.type], [400, "invalid_request"], body);
    }
    const long = await sandbox.wire("POST", "/charges", JSON.stringify({ name: "x".repeat(70_000) }));
    assert.deepEqual([long.status, long.body.error.type], [400, "invalid_request"]);
  });

  it("of what isn't there", async () => {
    for (const key of [NOBODY, "NOTTHERE", "x", "%2e%2e", "a/b"]) {
      await refused(Charge.retrieve(key), errors.ResourceNotFoundError, 404);
    }
    await refused(Checkout.retrieve(NOBODY), errors.ResourceNotFoundError, 404);
    await refused(Event.retrieve(NOBODY), errors.ResourceNotFoundError, 404);
    await refused(call("POST", "charges/NOTTHERE/cancel", {}), errors.ResourceNotFoundError, 404);
    await refused(call("POST", "charges/NOTTHERE/resolve", {}), errors.ResourceNotFoundError, 404);
    await refused(call("DELETE", `checkouts/${NOBODY}`), errors.ResourceNotFoundError, 404);
    await refused(call("PUT", `checkouts/${NOBODY}`, { name: "x" }), errors.ResourceNotFoundError, 404);
    await refused(call("GET", "payouts"), errors.ResourceNotFoundError, 404);
  });

  it("of a method that isn't there: never 403, 405 or 409, which this client takes for success", async () => {
    for (const [method, path] of [
      ["PUT", "charges"],
      ["DELETE", `charges/${NOBODY}`],
      ["POST", "events"],
      ["DELETE", "invoices/NOTTHERE"],
      ["GET", "charges/NOTTHERE/cancel"],
      ["POST", `checkouts/${NOBODY}`],
    ]) {
      await refused(call(method, path, {}), errors.ResourceNotFoundError, 404);
    }
  });

  it("of a key of another merchant: what isn't one's own isn't there", async () => {
    const charge = await Charge.create(seat());
    const checkout = await Checkout.create({ name: "Poster", description: "One", pricing_type: "no_price" });
    const [[event]] = await Event.list({ limit: 1 });
    const other = await sandbox.control("POST", "/merchants", { name: "Another shop" });
    connect(sandbox.base, other.api_key);
    await refused(Charge.retrieve(charge.id), errors.ResourceNotFoundError, 404);
    await refused(Charge.retrieve(charge.code), errors.ResourceNotFoundError, 404);
    await refused(call("POST", `charges/${charge.code}/cancel`, {}), errors.ResourceNotFoundError, 404);
    await refused(Checkout.retrieve(checkout.id), errors.ResourceNotFoundError, 404);
    await refused(Checkout.deleteById(checkout.id), errors.ResourceNotFoundError, 404);
    await refused(Event.retrieve(event.id), errors.ResourceNotFoundError, 404);
    for (const resource of [Charge, Checkout, Event]) assert.deepEqual(await resource.all(), []);
  });

  it("of the control API have the same shape", async () => {
    for (const [method, path, body] of [
      ["POST", "/clock/advance", { seconds: 0 }],
      ["POST", "/clock/advance", { seconds: 31_536_001 }],
      ["POST", "/clock/advance", {}],
      ["PUT", "/faults", { webhooks: { drop: 1.5 } }],
      ["PUT", "/faults", { webhooks: { dropp: 1 } }],
      ["PUT", "/faults", { weather: "bad" }],
      ["PUT", "/rate-limits", { enabled: "yes" }],
      ["POST", "/merchants/1/endpoints", { url: "ftp://example.com" }],
      ["POST", "/merchants/1/endpoints", {}],
      ["GET", "/deliveries?limit=501", undefined],
      ["GET", "/charges?limit=0", undefined],
    ]) {
      await assert.rejects(sandbox.control(method, path, body), (thrown) => {
        assert.equal(thrown.status, 400, thrown.message);
        assert.equal(typeof thrown.body.error.type, "string");
        assert.equal(typeof thrown.body.error.message, "string");
        return true;
      });
    }
    await assert.rejects(sandbox.pay("NOTTHERE", "success"), { status: 404 });
    await assert.rejects(sandbox.control("DELETE", "/endpoints/999"), { status: 404 });
    await assert.rejects(sandbox.control("GET", "/deliveries/999999"), { status: 404 });
  });

  it("of a page of another site are 403, and only there", async () => {
    const { code } = await Charge.create(seat());
    const answer = await fetch(`${sandbox.base}/_control/charges/${code}/pay`, {
      method: "POST",
      headers: { Origin: "https://elsewhere.example", "Sec-Fetch-Site": "cross-site" },
    });
    assert.equal(answer.status, 403);
  });

  describe("of too many calls", () => {
    // Each with a key of its own, so that nothing has been counted yet.
    beforeEach(async () => connect(sandbox.base, (await sandbox.control("POST", "/merchants", {})).api_key));
    afterEach(async () => {
      await sandbox.control("PUT", "/rate-limits", { enabled: false });
      await sandbox.noFaults();
    });

    it("when the limits that Coinbase publishes are on: 25 charges a minute", async () => {
      const limits = await sandbox.control("PUT", "/rate-limits", { enabled: true });
      assert.deepEqual(limits, { enabled: true, charge_creations_per_minute: 25, other_calls_per_minute: 200 });
      for (let n = 0; n < 25; n += 1) await Charge.create(seat());
      await refused(Charge.create(seat()), errors.RateLimitExceededError, 429);
      const { headers } = await Charge.create(seat()).catch((error) => error);
      const wait = Number(headers["retry-after"]);
      assert.ok(Number.isInteger(wait) && wait >= 1 && wait <= 60, headers["retry-after"]);
      await Charge.list();
      await sandbox.control("PUT", "/rate-limits", { enabled: false });
      await Charge.create(seat());
    });

    it("when the limits that Coinbase publishes are on: 200 others a minute", async () => {
      await sandbox.control("PUT", "/rate-limits", { enabled: true });
      for (let n = 0; n < 200; n += 1) await Charge.list({ limit: 1 });
      await refused(Charge.list(), errors.RateLimitExceededError, 429);
      await refused(Checkout.list(), errors.RateLimitExceededError, 429);
    });

    it("on demand", async () => {
      await sandbox.faults({ api: { rate_limited: 1.0 } });
      await refused(Charge.list(), errors.RateLimitExceededError, 429);
      const answer = await sandbox.wire("GET", "/charges");
      assert.ok(Number(answer.headers.get("retry-after")) >= 1);
      await sandbox.noFaults();
      await Charge.list();
    });
  });

  describe("on demand", () => {
    afterEach(() => sandbox.noFaults());

    it("of the server", async () => {
      await sandbox.faults({ api: { error: 1.0 } });
      await refused(Charge.list(), errors.InternalServerError, 500);
      await refused(Charge.create(seat()), errors.InternalServerError, 500);
      await refused(Checkout.list(), errors.InternalServerError, 500);
      await refused(Event.list(), errors.InternalServerError, 500);
    });

    it("of the server, sometimes after it has done what it was asked", async () => {
      const count = async () => (await Charge.list({ limit: 1 }))[1].total;
      const before = await count();
      await sandbox.faults({ seed: 7, api: { error: 1.0 } });
      for (let n = 0; n < 20; n += 1) await refused(Charge.create(seat()), errors.InternalServerError, 500);
      await sandbox.noFaults();
      const made = (await count()) - before;
      assert.ok(made > 0 && made < 20, `${made} of 20`);
    });

    it("by the same seed at the same calls", async () => {
      const run = async () => {
        await sandbox.faults({ seed: 11, api: { error: 0.5 } });
        const outcomes = [];
        for (let n = 0; n < 12; n += 1) outcomes.push(await Charge.list().then(() => "fine", () => "error"));
        return outcomes;
      };
      const first = await run();
      assert.deepEqual(await run(), first);
      assert.deepEqual(new Set(first), new Set(["fine", "error"]));
    });

    it("of the network, which the client survives", async () => {
      await sandbox.faults({ api: { cut: 1.0 } });
      for (const promise of [Charge.list(), Charge.create(seat())]) {
        await assert.rejects(promise, (thrown) => {
          assert.ok(!(thrown instanceof errors.ApiError), `${thrown.code} ${thrown.message}`);
          return true;
        });
      }
      await sandbox.noFaults();
      await Charge.list();
    });

    it("of a slow answer, which is an answer", async () => {
      const plan = await sandbox.faults({ api: { slow: 1.0, slow_ms_max: 400 } });
      assert.equal(plan.api.slow_ms_max, 400);
      const times = [];
      for (let n = 0; n < 5; n += 1) {
        const start = performance.now();
        await Charge.list({ limit: 1 });
        times.push(performance.now() - start);
      }
      assert.ok(Math.max(...times) > 40, `${times}`);
      assert.ok(Math.max(...times) < 1_400, `${times}`);
    });

    it("never of the control API", async () => {
      await sandbox.faults({ api: { rate_limited: 1.0, error: 1.0, cut: 1.0 } });
      for (let n = 0; n < 5; n += 1) await sandbox.control("GET", "");
    });
  });
});
