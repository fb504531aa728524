// Every way a charge can go: what Coinbase's wire says of it, and what its webhooks say on the way.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, describe, it } from "node:test";
import { Charge, Webhook, call, connect, seat } from "../support/commerce.mjs";
import { startReceiver } from "../support/receiver.mjs";
import { HOUR_S, SECRET, path, startSandbox } from "../support/sandbox.mjs";
import { sleep } from "../support/wait.mjs";

const lifecycles = JSON.parse(readFileSync(new URL("../lifecycles.json", import.meta.url), "utf8"));

/** What a webhook says, in the words of lifecycles.json. Its signature is looked at by the client. */
function said({ body, signature }) {
  const { type, data } = Webhook.verifyEventBody(body, signature, SECRET);
  assert.ok(data instanceof Charge);
  return { type, timeline: path(data), payments: data.payments.map(({ status }) => status) };
}

describe("a charge's life", () => {
  let receiver;
  let sandbox;
  before(async () => {
    receiver = await startReceiver();
    sandbox = await startSandbox({ webhookUrl: receiver.url });
    connect(sandbox.base);
  });
  after(async () => {
    await sandbox?.stop();
    await receiver?.stop();
  });

  for (const { outcome, status, webhooks } of lifecycles) {
    it(outcome, async () => {
      const made = await Charge.create(seat());
      await sandbox.pay(made.code, outcome);
      const charge = await sandbox.reaches(made.code, status);
      const last = webhooks.at(-1);
      assert.deepEqual(path(charge), last.timeline);
      assert.deepEqual(charge.payments.map(({ status: state }) => state), last.payments);
      assert.equal(Boolean(charge.confirmed_at), status === "COMPLETED");
      const came = await receiver.wait(made.code, webhooks.length);
      assert.deepEqual(came.map(said), webhooks);
      await sleep(300);
      assert.equal(receiver.of(made.code).length, webhooks.length, "none but these");
    });
  }

  it("canceled, which no webhook tells of", async () => {
    const { code } = await Charge.create(seat());
    await call("POST", `charges/${code}/cancel`, {});
    await sleep(300);
    assert.deepEqual(receiver.of(code).map(said).map(({ type }) => type), ["charge:created"]);
  });

  it("resolved", async () => {
    for (const outcome of ["underpaid", "overpaid", "multiple", "delayed"]) {
      const { code } = await Charge.create(seat());
      await sandbox.pay(code, outcome);
      const before = path(await sandbox.reaches(code, "UNRESOLVED"));
      await call("POST", `charges/${code}/resolve`, {});
      const told = said(await receiver.waitFor(code, "charge:resolved"));
      assert.deepEqual(told.timeline, [...before, "RESOLVED"]);
      assert.deepEqual(path(await Charge.retrieve(code)), told.timeline);
    }
  });

  it("late, after its time was up by itself", async () => {
    const { code } = await Charge.create(seat());
    await sandbox.advance(HOUR_S);
    await sandbox.reaches(code, "EXPIRED");
    await assert.rejects(sandbox.pay(code, "success"), { status: 400 });
    await sandbox.pay(code, "delayed");
    await sandbox.reaches(code, "UNRESOLVED");
    const told = await receiver.wait(code, 3);
    assert.deepEqual(told.map(said), [
      { type: "charge:created", timeline: ["NEW"], payments: [] },
      { type: "charge:failed", timeline: ["NEW", "EXPIRED"], payments: [] },
      { type: "charge:delayed", timeline: ["NEW", "EXPIRED", "PENDING", "UNRESOLVED DELAYED"], payments: ["CONFIRMED"] },
    ]);
  });

  describe("by a clock that stands", () => {
    before(() => sandbox.freeze());
    after(() => sandbox.resume());

    it("expires when its hour has been set forward to, and not a second before", async () => {
      const { code, expires_at: end } = await Charge.create(seat());
      await sandbox.advance(HOUR_S - 1);
      await sleep(300);
      assert.deepEqual(path(await Charge.retrieve(code)), ["NEW"]);
      await sandbox.advance(1);
      const charge = await sandbox.reaches(code, "EXPIRED");
      assert.deepEqual(path(charge), ["NEW", "EXPIRED"]);
      assert.equal(charge.timeline[1].time, end);
      assert.deepEqual(said(await receiver.waitFor(code, "charge:failed")).timeline, ["NEW", "EXPIRED"]);
    });

    it("stays pending until the clock goes on", async () => {
      const { code } = await Charge.create(seat());
      await sandbox.pay(code, "success");
      await receiver.waitFor(code, "charge:pending");
      await sleep(500);
      assert.deepEqual(path(await Charge.retrieve(code)), ["NEW", "PENDING"]);
      await sandbox.advance(1);
      await sandbox.reaches(code, "COMPLETED");
      await receiver.waitFor(code, "charge:confirmed");
    });

    it("has times of that clock", async () => {
      const { now, is_frozen: isFrozen } = await sandbox.control("GET", "/clock");
      assert.equal(isFrozen, true);
      const charge = await Charge.create(seat());
      assert.equal(charge.created_at.slice(0, 19), now.slice(0, 19));
      const after = await sandbox.advance(HOUR_S);
      assert.equal(Date.parse(after.now) - Date.parse(now), HOUR_S * 1000);
    });
  });
});
