// Charges, by Coinbase's own client for Node.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { Charge, call, connect, errors, seat } from "../support/commerce.mjs";
import { path, startSandbox } from "../support/sandbox.mjs";

describe("charges", () => {
  let sandbox;
  before(async () => {
    sandbox = await startSandbox();
    connect(sandbox.base);
  });
  after(() => sandbox?.stop());

  it("are made with a fixed price", async () => {
    const charge = await Charge.create(
      seat({
        metadata: { order: 7, name: "Zoë ☕" },
        redirect_url: "https://shop.example/thanks",
        cancel_url: "https://shop.example/cart",
      }),
    );
    assert.ok(charge instanceof Charge);
    assert.match(charge.id, /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    assert.match(charge.code, /^[A-Z0-9]{8}$/);
    assert.equal(charge.resource, "charge");
    assert.equal(charge.name, "Opening night, stalls");
    assert.equal(charge.description, "Row 1, seat 12");
    assert.equal(charge.pricing_type, "fixed_price");
    assert.deepEqual(charge.pricing.local, { amount: "29.99", currency: "USD" });
    for (const coin of ["settlement", "bitcoin", "ethereum", "usdc"]) {
      assert.match(charge.pricing[coin].amount, /^\d+(\.\d+)?$/, coin);
    }
    assert.deepEqual(Object.keys(charge.addresses).sort(), ["bitcoin", "ethereum", "usdc"]);
    assert.deepEqual(charge.metadata, { order: 7, name: "Zoë ☕" });
    assert.equal(charge.redirect_url, "https://shop.example/thanks");
    assert.equal(charge.cancel_url, "https://shop.example/cart");
    assert.equal(charge.hosted_url, `${sandbox.base}/pay/${charge.code}`);
    assert.deepEqual(path(charge), ["NEW"]);
    assert.deepEqual(charge.payments, []);
    assert.equal(charge.confirmed_at, undefined);
    assert.equal(Date.parse(charge.expires_at) - Date.parse(charge.created_at), 3_600_000);
  });

  it("have all the fields that Coinbase's have", async () => {
    const charge = await Charge.create(seat());
    const fields = `id resource code name description pricing_type pricing addresses metadata checkout hosted_url redirects
      created_at expires_at timeline payments exchange_rates local_exchange_rates payment_threshold fee_rate fees_settled
      pwcb_only offchain_eligible organization_name support_email logo_url brand_color brand_logo_url`;
    const missing = fields.split(/\s+/).filter((field) => !(field in charge));
    assert.deepEqual(missing, []);
    const thresholds = ["over", "under"].flatMap((side) =>
      ["absolute", "relative"].map((kind) => `${side}payment_${kind}_threshold`),
    );
    assert.deepEqual(Object.keys(charge.payment_threshold).sort(), thresholds.sort());
    const { cancel_url, success_url, will_redirect_after_success } = charge.redirects;
    assert.deepEqual([typeof cancel_url, typeof success_url, will_redirect_after_success], ["string", "string", false]);
  });

  it("are made without a price", async () => {
    const charge = await Charge.create({ name: "Tip jar", pricing_type: "no_price" });
    assert.equal(charge.pricing_type, "no_price");
    assert.equal(charge.pricing?.local, undefined);
  });

  it("are made by saving a new object", async () => {
    const charge = new Charge(seat({ name: "Saved" }));
    assert.equal(await charge.save(), charge);
    assert.equal((await Charge.retrieve(charge.id)).name, "Saved");
  });

  it("can't be saved again", async () => {
    const charge = await Charge.create(seat());
    assert.throws(() => charge.save(), /can not be updated/);
  });

  it("are fetched by id and by code", async () => {
    const made = await Charge.create(seat());
    for (const key of [made.id, made.code]) {
      const charge = await Charge.retrieve(key);
      assert.ok(charge instanceof Charge);
      assert.deepEqual(charge, made);
    }
  });

  it("are told to callbacks too", async () => {
    const made = await new Promise((resolve, reject) => {
      Charge.create(seat(), (error, charge) => (error ? reject(error) : resolve(charge))).catch(() => {});
    });
    const found = await new Promise((resolve, reject) => {
      Charge.retrieve(made.code, (error, charge) => (error ? reject(error) : resolve(charge))).catch(() => {});
    });
    assert.equal(found.id, made.id);
  });

  it("come without warnings for a client that names its version", async (t) => {
    const warned = t.mock.method(console, "warn", () => {});
    await Charge.create(seat());
    await Charge.list();
    assert.equal(warned.mock.callCount(), 0);
    const { body } = await sandbox.wire("GET", "/charges?limit=1");
    assert.ok(!("warnings" in body));
  });

  it("come with a warning for one that doesn't", async () => {
    const answer = await fetch(`${sandbox.base}/charges`, { headers: { "X-CC-Api-Key": "test-key" } });
    const { warnings } = await answer.json();
    assert.equal(warnings.length, 1);
    assert.match(warnings[0], /X-CC-Version/);
  });

  describe("canceled", () => {
    it("end there", async () => {
      const charge = await Charge.create(seat());
      const canceled = await call("POST", `charges/${charge.code}/cancel`, {});
      assert.deepEqual(path(canceled), ["NEW", "CANCELED"]);
      await assert.rejects(call("POST", `charges/${charge.id}/cancel`, {}), errors.InvalidRequestError);
      await assert.rejects(sandbox.pay(charge.code, "success"), { status: 400 });
    });

    it("with an empty body, an empty object and an empty list, as clients send them", async () => {
      for (const body of [undefined, "", "{}", "[]"]) {
        const charge = await Charge.create(seat());
        const answer = await sandbox.wire("POST", `/charges/${charge.id}/cancel`, body);
        assert.equal(answer.status, 200, `body ${body}`);
        assert.deepEqual(path(answer.body.data), ["NEW", "CANCELED"]);
      }
    });

    it("only before money was seen", async () => {
      const charge = await Charge.create(seat());
      await sandbox.pay(charge.code, "success");
      await assert.rejects(call("POST", `charges/${charge.code}/cancel`, {}), errors.InvalidRequestError);
      await sandbox.reaches(charge.code, "COMPLETED");
      await assert.rejects(call("POST", `charges/${charge.code}/cancel`, {}), errors.InvalidRequestError);
    });
  });

  describe("resolved", () => {
    it("after too little was paid", async () => {
      const charge = await Charge.create(seat());
      await sandbox.pay(charge.code, "underpaid");
      await sandbox.reaches(charge.code, "UNRESOLVED");
      const resolved = await call("POST", `charges/${charge.code}/resolve`, {});
      assert.deepEqual(path(resolved), ["NEW", "PENDING", "UNRESOLVED UNDERPAID", "RESOLVED"]);
      await assert.rejects(call("POST", `charges/${charge.code}/resolve`, {}), errors.InvalidRequestError);
    });

    it("only if they are unresolved", async () => {
      const charge = await Charge.create(seat());
      await assert.rejects(call("POST", `charges/${charge.code}/resolve`, {}), errors.InvalidRequestError);
      await sandbox.pay(charge.code, "success");
      await sandbox.reaches(charge.code, "COMPLETED");
      await assert.rejects(call("POST", `charges/${charge.id}/resolve`, {}), errors.InvalidRequestError);
    });
  });

  describe("paid", () => {
    it("on each network", async () => {
      for (const network of ["bitcoin", "ethereum", "usdc"]) {
        const charge = await Charge.create(seat());
        await sandbox.pay(charge.code, "success", { network });
        const paid = await sandbox.reaches(charge.code, "COMPLETED");
        const [payment] = paid.payments;
        assert.equal(payment.network, network);
        assert.deepEqual(payment.value.local, { amount: "29.99", currency: "USD" });
        assert.deepEqual(payment.value.crypto, charge.pricing[network]);
        assert.equal(payment.block.confirmations, payment.block.confirmations_required);
        const { payment: seen } = paid.timeline.at(-1);
        assert.deepEqual([seen.network, seen.transaction_id], [network, payment.transaction_id]);
      }
    });

    it("with an amount that decides by itself", async () => {
      for (const [amount, last] of [
        ["29.99", "COMPLETED"],
        ["29.98", "COMPLETED"],
        ["20.00", "UNRESOLVED UNDERPAID"],
        ["40.00", "UNRESOLVED OVERPAID"],
      ]) {
        const charge = await Charge.create(seat());
        await sandbox.pay(charge.code, "success", { amount });
        const paid = await sandbox.reaches(charge.code, last.split(" ")[0]);
        assert.equal(path(paid).at(-1), last, amount);
        assert.equal(paid.payments[0].value.local.amount, amount);
      }
    });

    it("when somebody says after how long it is confirmed", async () => {
      const charge = await Charge.create(seat());
      await sandbox.pay(charge.code, "success", { confirm_after_ms: 60_000 });
      assert.deepEqual(path(await Charge.retrieve(charge.code)), ["NEW", "PENDING"]);
      await sandbox.advance(60);
      await sandbox.reaches(charge.code, "COMPLETED");
    });

    it("slowly, with confirmations that can be watched", async () => {
      const charge = await Charge.create(seat());
      await sandbox.pay(charge.code, "slow", { network: "bitcoin" });
      const pending = await Charge.retrieve(charge.code);
      assert.deepEqual(path(pending), ["NEW", "PENDING"]);
      assert.equal(pending.payments[0].status, "PENDING");
      assert.ok(pending.payments[0].block.confirmations < pending.payments[0].block.confirmations_required);
      await sandbox.advance(3_600);
      const paid = await sandbox.reaches(charge.code, "COMPLETED");
      assert.deepEqual(path(paid), ["NEW", "PENDING", "COMPLETED"]);
      assert.ok(paid.confirmed_at);
    });

    it("only once: paying again while a payment is under way changes nothing", async () => {
      const charge = await Charge.create(seat());
      await sandbox.pay(charge.code, "success", { confirm_after_ms: 60_000 });
      await sandbox.pay(charge.code, "underpaid");
      const pending = await Charge.retrieve(charge.code);
      assert.equal(pending.payments.length, 1);
      await sandbox.advance(60);
      const paid = await sandbox.reaches(charge.code, "COMPLETED");
      await assert.rejects(sandbox.pay(charge.code, "success"), { status: 400 });
      assert.equal(paid.payments.length, 1);
    });
  });
});
