// Webhooks that the sandbox really sent, as Coinbase's own client for Node verifies them.
import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, describe, it } from "node:test";
import { Charge, Event, Webhook, connect, errors, seat } from "../support/commerce.mjs";
import { startReceiver } from "../support/receiver.mjs";
import { SECRET, path, startSandbox } from "../support/sandbox.mjs";
import { sleep, until } from "../support/wait.mjs";

const { SignatureVerificationError, InvalidResponseError } = errors;

/** JSON as Coinbase writes it: compact, keys sorted. */
const canonical = (value) =>
  JSON.stringify(value, (_, inner) =>
    inner && typeof inner === "object" && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );

describe("webhooks", () => {
  let receiver;
  let sandbox;
  before(async () => {
    receiver = await startReceiver();
    sandbox = await startSandbox({ webhookUrl: receiver.url });
  });
  beforeEach(() => connect(sandbox.base));
  afterEach(async () => {
    receiver.answer(() => 200);
    await sandbox.noFaults();
    await sandbox.resume();
  });
  after(async () => {
    await sandbox?.stop();
    await receiver?.stop();
  });

  const created = async (more) => {
    const { code } = await Charge.create(seat(more));
    return receiver.waitFor(code, "charge:created");
  };

  it("have the signature that the published vector gives", () => {
    const signature = "37beaf650f70b40ec9706929c2e9d835cbd63729988f48781e6383a147215f07";
    assert.equal(Webhook.verifySigHeader('{"a":1}', signature, "s"), true);
  });

  it("are verified", async () => {
    const { body, signature, headers, path: where, event } = await created();
    assert.equal(where, "/hook");
    assert.match(headers["content-type"], /^application\/json/);
    assert.match(signature, /^[0-9a-f]{64}$/);
    assert.equal(Webhook.verifySigHeader(body, signature, SECRET), true);
    const verified = Webhook.verifyEventBody(body, signature, SECRET);
    assert.ok(verified instanceof Event);
    assert.ok(verified.data instanceof Charge);
    assert.equal(verified.id, event.id);
    assert.deepEqual([verified.type, verified.resource, verified.api_version], ["charge:created", "event", "2018-03-22"]);
  });

  it("are compact JSON with sorted keys, in an envelope", async () => {
    const webhook = await created({ name: "Café ☕ <b>“quoted”</b>", metadata: { z: 1, a: { y: null, b: [1.5, "é"] } } });
    assert.equal(webhook.body, canonical(JSON.parse(webhook.body)));
    assert.deepEqual(Object.keys(JSON.parse(webhook.body)), ["attempt_number", "event", "id", "scheduled_for"]);
    assert.equal(webhook.attempt_number, 1);
    assert.match(webhook.id, /^[0-9a-f-]{36}$/);
    assert.notEqual(webhook.id, webhook.event.id);
    assert.ok(!Number.isNaN(Date.parse(webhook.scheduled_for)));
    assert.equal(webhook.event.data.name, "Café ☕ <b>“quoted”</b>");
  });

  describe("are rejected", () => {
    const rejected = (body, signature, secret = SECRET) =>
      assert.throws(() => Webhook.verifyEventBody(body, signature, secret), SignatureVerificationError);

    it("with one byte changed, added or left out", async () => {
      const { body, signature } = await created();
      rejected(body.replace("29.99", "29.98"), signature);
      rejected(`${body} `, signature);
      rejected(`${body}\n`, signature);
      rejected(body.replace("Row 1, seat 12", "Row 1, seat 1"), signature);
    });

    it("under another secret", async () => {
      const { body, signature } = await created();
      rejected(body, signature, `${SECRET} `);
      rejected(body, signature, "");
    });

    it("with the signature in upper case, cut short or missing", async () => {
      const { body, signature } = await created();
      rejected(body, signature.toUpperCase());
      rejected(body, signature.slice(1));
      rejected(body, "");
      rejected(body, undefined);
    });

    it("when the body was parsed and written again", async () => {
      const { body, signature } = await created();
      const { event, ...envelope } = JSON.parse(body);
      rejected(JSON.stringify({ event, ...envelope }), signature);
      rejected(JSON.stringify(JSON.parse(body), null, 2), signature);
    });

    it("when there is no event in them", async () => {
      const { signature } = await created();
      for (const body of ["", "{", "{}", "null"]) {
        assert.throws(() => Webhook.verifyEventBody(body, signature, SECRET), InvalidResponseError);
      }
    });
  });

  it("are sent again until they are taken, as the same event in another envelope", async () => {
    receiver.answer(({ attempt_number: attempt }) => (attempt < 3 ? 500 : 200));
    const { code } = await Charge.create(seat());
    const [first, second, third] = await receiver.wait(code, 3, 15_000);
    assert.deepEqual([first, second, third].map((webhook) => webhook.attempt_number), [1, 2, 3]);
    assert.equal(new Set([first, second, third].map(({ event }) => event.id)).size, 1);
    assert.equal(new Set([first, second, third].map(({ id }) => id)).size, 3);
    for (const { body, signature } of [first, second, third]) Webhook.verifyEventBody(body, signature, SECRET);
    assert.ok(second.at - first.at > 900 && third.at - second.at > 1_900, "the waits double");
    const [delivery] = await until("it is delivered", async () => {
      const all = await sandbox.deliveries(code);
      return all[0].state === "delivered" && all;
    });
    assert.deepEqual([delivery.attempts, delivery.status_code, delivery.error], [3, 200, null]);
  });

  it("wait no longer than the sandbox's clock says", async () => {
    receiver.answer(() => 503);
    const { code } = await Charge.create(seat());
    await receiver.wait(code, 1);
    await sandbox.freeze();
    await sleep(1_500);
    const stood = receiver.of(code).length;
    receiver.answer(() => 200);
    await sandbox.advance(7_200);
    await receiver.wait(code, stood + 1, 5_000);
  });

  describe("are kept", () => {
    it("with every request that was sent, byte for byte", async () => {
      const { code } = await Charge.create(seat());
      await sandbox.pay(code, "success");
      const sent = await receiver.wait(code, 3);
      const deliveries = await until("three deliveries", async () => {
        const all = await sandbox.deliveries(code);
        return all.length === 3 && all.every(({ state }) => state === "delivered") && all;
      });
      assert.deepEqual(deliveries.map((one) => one.event_type), ["charge:created", "charge:pending", "charge:confirmed"]);
      for (const [n, { id, endpoint_url: url, event_id: eventId, charge_code: of, attempts, fault }] of deliveries.entries()) {
        assert.deepEqual([url, eventId, of, attempts, fault], [receiver.url, sent[n].event.id, code, 1, null]);
        const { attempt_log: [attempt], ...delivery } = await sandbox.control("GET", `/deliveries/${id}`);
        assert.deepEqual(delivery, deliveries[n]);
        assert.deepEqual([attempt.number, attempt.status_code, attempt.fault], [1, 200, null]);
        assert.deepEqual([attempt.request.method, attempt.request.url], ["POST", receiver.url]);
        assert.equal(attempt.request.body, sent[n].body);
        assert.equal(attempt.request.headers["X-CC-Webhook-Signature"], sent[n].signature);
        assert.equal(attempt.request.headers["Content-Type"], "application/json");
      }
    });

    it("and sent again on demand", async () => {
      const first = await created();
      const code = first.event.data.code;
      const [{ id }] = await sandbox.deliveries(code);
      await sandbox.control("POST", `/deliveries/${id}/redeliver`);
      const [, again] = await receiver.wait(code, 2);
      assert.equal(again.event.id, first.event.id);
      assert.notEqual(again.id, first.id);
      assert.ok(again.attempt_number > first.attempt_number);
      assert.deepEqual(again.event, first.event);
      Webhook.verifyEventBody(again.body, again.signature, SECRET);
    });

    it("and found by charge, by state and by page", async () => {
      receiver.answer(() => 500);
      const { code } = await Charge.create(seat());
      await receiver.wait(code, 1);
      await until("the attempt is recorded", async () => (await sandbox.deliveries(code))[0].attempts > 0);
      const [waiting] = await sandbox.control("GET", `/deliveries?charge=${code}&state=waiting`);
      assert.equal(waiting.charge_code, code);
      assert.deepEqual([waiting.status_code, waiting.error], [500, null]);
      assert.ok(waiting.next_attempt_at);
      assert.deepEqual(await sandbox.control("GET", `/deliveries?charge=${code}&state=delivered`), []);
      const older = await sandbox.control("GET", `/deliveries?limit=2&before=${waiting.id}`);
      assert.ok(older.length > 0 && older.every(({ id }) => id < waiting.id));
    });

    it("and say what was wrong with a receiver that isn't there", async () => {
      const gone = await startReceiver();
      const { id } = await sandbox.control("POST", "/merchants/1/endpoints", { url: gone.url });
      await gone.stop();
      const { code } = await Charge.create(seat());
      const failed = await until("the attempt failed", async () =>
        (await sandbox.deliveries(code)).find((one) => one.endpoint_id === id && one.attempts > 0),
      );
      assert.deepEqual([failed.state, failed.status_code, failed.error], ["waiting", null, "connect"]);
      await receiver.waitFor(code, "charge:created");
      await sandbox.control("DELETE", `/endpoints/${id}`);
    });
  });

  describe("on demand", () => {
    it("are signed with a wrong secret, and rejected", async () => {
      await sandbox.faults({ webhooks: { wrong_secret: 1.0 } });
      const { body, signature, event } = await created();
      assert.match(signature, /^[0-9a-f]{64}$/);
      assert.throws(() => Webhook.verifyEventBody(body, signature, SECRET), SignatureVerificationError);
      const [{ id }] = await sandbox.deliveries(event.data.code);
      const log = await until("the attempt is recorded", async () => {
        const { attempt_log: attempts } = await sandbox.control("GET", `/deliveries/${id}`);
        return attempts.length > 0 && attempts;
      });
      assert.equal(log[0].fault, "wrong_secret");
    });

    it("come twice", async () => {
      await sandbox.faults({ webhooks: { duplicate: 1.0 } });
      const { code } = await Charge.create(seat());
      const [first, second] = await receiver.wait(code, 2);
      assert.equal(first.event.id, second.event.id);
      assert.notEqual(first.id, second.id);
      Webhook.verifyEventBody(second.body, second.signature, SECRET);
      await sleep(300);
      assert.equal(receiver.of(code).length, 2);
    });

    it("don't come", async () => {
      await sandbox.faults({ webhooks: { drop: 1.0 } });
      const { code } = await Charge.create(seat());
      const [delivery] = await until("it is dropped", async () => {
        const all = await sandbox.deliveries(code);
        return all.length > 0 && all;
      });
      assert.deepEqual([delivery.state, delivery.fault], ["dropped", "drop"]);
      await sleep(500);
      assert.deepEqual(receiver.of(code), []);
      await sandbox.noFaults();
      await sandbox.control("POST", `/deliveries/${delivery.id}/redeliver`);
      await receiver.waitFor(code, "charge:created");
    });

    it("come late", async () => {
      await sandbox.faults({ webhooks: { delay: 1.0, delay_ms_max: 400 } });
      const { code } = await Charge.create(seat());
      await receiver.waitFor(code, "charge:created");
      const [{ fault }] = await sandbox.deliveries(code);
      assert.equal(fault, "delay");
    });

    it("overtake each other", async () => {
      await sandbox.faults({ webhooks: { reorder: 1.0 } });
      const { code } = await Charge.create(seat());
      await sandbox.noFaults();
      await sandbox.pay(code, "success");
      const types = (await receiver.wait(code, 3)).map(({ event }) => event.type);
      assert.ok(types.indexOf("charge:created") > types.indexOf("charge:pending"), types.join());
      assert.deepEqual(types.sort(), ["charge:confirmed", "charge:created", "charge:pending"]);
    });

    it("tell an older state, under a good signature", async () => {
      const { code } = await Charge.create(seat());
      await receiver.waitFor(code, "charge:created");
      await sandbox.faults({ webhooks: { stale_body: 1.0 } });
      await sandbox.pay(code, "success");
      const { body, signature } = await receiver.waitFor(code, "charge:confirmed");
      const event = Webhook.verifyEventBody(body, signature, SECRET);
      assert.ok(path(event.data).length < 3, path(event.data).join());
    });

    it("by the same seed at the same webhooks", async () => {
      const run = async () => {
        await sandbox.faults({ seed: 5, webhooks: { drop: 0.5 } });
        const states = [];
        for (let n = 0; n < 12; n += 1) {
          const { code } = await Charge.create(seat());
          const [{ fault }] = await until("a delivery", async () => {
            const all = await sandbox.deliveries(code);
            return all.length > 0 && all;
          });
          states.push(fault);
        }
        return states;
      };
      const first = await run();
      assert.deepEqual(await run(), first);
      assert.deepEqual(new Set(first), new Set([null, "drop"]));
    });

    it("as the plan says, which can be read back", async () => {
      const plan = await sandbox.faults({ seed: 9, webhooks: { drop: 0.25 }, api: { slow: 0.5 } });
      assert.deepEqual(plan, {
        seed: 9,
        webhooks: {
          ...{ duplicate: 0, delay: 0, delay_ms_max: 2000, reorder: 0, drop: 0.25 },
          ...{ wrong_secret: 0, old_secret: 0, stale_body: 0 },
        },
        api: { rate_limited: 0, error: 0, slow: 0.5, slow_ms_max: 2000, cut: 0 },
      });
      assert.deepEqual(await sandbox.control("GET", "/faults"), plan);
      assert.equal((await sandbox.noFaults()).webhooks.drop, 0);
    });
  });

  describe("of several merchants", () => {
    it("go to their own endpoints, under their own secrets", async () => {
      const theirs = await startReceiver();
      const other = await sandbox.control("POST", "/merchants", { name: "Another shop", webhook_secret: "their-secret-0001" });
      assert.equal(other.is_configured, false);
      await sandbox.control("POST", `/merchants/${other.id}/endpoints`, { url: theirs.url });
      connect(sandbox.base, other.api_key);
      const { code, organization_name: shop } = await Charge.create(seat());
      connect(sandbox.base);
      assert.equal(shop, "Another shop");
      const { body, signature } = await theirs.waitFor(code, "charge:created");
      Webhook.verifyEventBody(body, signature, "their-secret-0001");
      assert.throws(() => Webhook.verifyEventBody(body, signature, SECRET), SignatureVerificationError);
      await sleep(200);
      assert.deepEqual(receiver.of(code), []);
      await theirs.stop();
    });

    it("go to each of a merchant's endpoints", async () => {
      const second = await startReceiver();
      const { id } = await sandbox.control("POST", "/merchants/1/endpoints", { url: second.url });
      const { code } = await Charge.create(seat());
      const ours = await receiver.waitFor(code, "charge:created");
      const also = await second.waitFor(code, "charge:created");
      assert.equal(also.event.id, ours.event.id);
      const removed = await sandbox.control("DELETE", `/endpoints/${id}`);
      assert.equal(removed.url, second.url);
      const { code: next } = await Charge.create(seat());
      await receiver.waitFor(next, "charge:created");
      await sleep(200);
      assert.deepEqual(second.of(next), []);
      await second.stop();
    });

    it("are signed with the new secret after it was rotated, or with the old one on demand", async () => {
      const mine = await startReceiver();
      const merchant = await sandbox.control("POST", "/merchants", { webhook_secret: "secret-before-rotation" });
      assert.equal(merchant.webhook_secret, "secret-before-rotation");
      await sandbox.control("POST", `/merchants/${merchant.id}/endpoints`, { url: mine.url });
      const rotated = await sandbox.control("POST", `/merchants/${merchant.id}/rotate-secret`, {});
      assert.equal(rotated.previous_webhook_secret, "secret-before-rotation");
      assert.notEqual(rotated.webhook_secret, "secret-before-rotation");
      connect(sandbox.base, merchant.api_key);
      const { code } = await Charge.create(seat());
      const now = await mine.waitFor(code, "charge:created");
      Webhook.verifyEventBody(now.body, now.signature, rotated.webhook_secret);
      await sandbox.faults({ webhooks: { old_secret: 1.0 } });
      const { code: later } = await Charge.create(seat());
      const old = await mine.waitFor(later, "charge:created");
      Webhook.verifyEventBody(old.body, old.signature, "secret-before-rotation");
      assert.throws(
        () => Webhook.verifyEventBody(old.body, old.signature, rotated.webhook_secret),
        SignatureVerificationError,
      );
      await mine.stop();
    });
  });

  it("and all else are gone after a reset, but for what was configured", async () => {
    await Charge.create(seat());
    await sandbox.advance(60);
    await sandbox.control("POST", "/reset");
    const { counts, clock, faults } = await sandbox.control("GET", "");
    assert.deepEqual(counts, { charges: 0, checkouts: 0, invoices: 0, events: 0, deliveries_waiting: 0 });
    assert.ok(Math.abs(clock.ahead_ms) < 1_000);
    assert.equal(faults.webhooks.drop, 0);
    const merchants = await sandbox.control("GET", "/merchants");
    assert.deepEqual(merchants.map((one) => [one.id, one.is_configured]), [[1, true]]);
    assert.deepEqual(merchants[0].endpoints.map(({ url }) => url), [receiver.url]);
    const { code } = await Charge.create(seat());
    await receiver.waitFor(code, "charge:created");
  });
});
