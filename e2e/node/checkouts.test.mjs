// Checkouts, by Coinbase's own client for Node, and the page that a buyer sees of one.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { Charge, Checkout, connect, errors } from "../support/commerce.mjs";
import { startSandbox } from "../support/sandbox.mjs";

const poster = (more = {}) => ({
  name: "Tour poster",
  description: "Numbered",
  pricing_type: "fixed_price",
  local_price: { amount: "19.50", currency: "EUR" },
  requested_info: ["name", "email"],
  ...more,
});

describe("checkouts", () => {
  let sandbox;
  before(async () => {
    sandbox = await startSandbox();
    connect(sandbox.base);
  });
  after(() => sandbox?.stop());

  it("are made with a fixed price", async () => {
    const checkout = await Checkout.create(poster());
    assert.ok(checkout instanceof Checkout);
    assert.match(checkout.id, /^[0-9a-f-]{36}$/);
    assert.equal(checkout.resource, "checkout");
    assert.equal(checkout.name, "Tour poster");
    assert.equal(checkout.description, "Numbered");
    assert.equal(checkout.pricing_type, "fixed_price");
    assert.deepEqual(checkout.local_price, { amount: "19.50", currency: "EUR" });
    assert.deepEqual(checkout.requested_info, ["name", "email"]);
    assert.equal(checkout.hosted_url, `${sandbox.base}/checkout/${checkout.id}`);
    assert.deepEqual(await Checkout.retrieve(checkout.id), checkout);
  });

  it("are made without a price, by saving a new object", async () => {
    const checkout = new Checkout({ name: "Tip jar", description: "Anything", pricing_type: "no_price" });
    await checkout.save();
    const found = await Checkout.retrieve(checkout.id);
    assert.equal(found.pricing_type, "no_price");
    assert.equal(found.local_price, undefined);
    assert.deepEqual(found.requested_info, []);
  });

  it("are listed", async () => {
    const made = await Checkout.create(poster());
    const [[newest], { total }] = await Checkout.list({ limit: 1 });
    assert.deepEqual(newest, made);
    assert.ok(total >= 1);
  });

  it("are changed by saving what is different", async () => {
    const checkout = await Checkout.create(poster());
    checkout.name = "Tour poster, signed";
    checkout.local_price = { amount: "25.00", currency: "EUR" };
    await checkout.save();
    const found = await Checkout.retrieve(checkout.id);
    assert.equal(found.name, "Tour poster, signed");
    assert.deepEqual(found.local_price, { amount: "25.00", currency: "EUR" });
    assert.equal(found.description, "Numbered");
    assert.deepEqual(found.requested_info, ["name", "email"]);
    assert.equal(found.created_at, checkout.created_at);
  });

  it("stay as they are when nothing is different", async () => {
    const checkout = await Checkout.create(poster());
    await checkout.save();
    const { updated_at: changedAt, ...found } = await Checkout.retrieve(checkout.id);
    for (const [name, value] of Object.entries(found)) assert.deepEqual(checkout[name], value, name);
    assert.ok(changedAt);
  });

  it("are changed by id", async () => {
    const checkout = await Checkout.create(poster());
    const changed = await Checkout.updateById(checkout.id, { description: "The last ones", requested_info: ["email"] });
    assert.ok(changed instanceof Checkout);
    assert.deepEqual([changed.name, changed.description], ["Tour poster", "The last ones"]);
    assert.deepEqual(changed.requested_info, ["email"]);
  });

  it("take what other clients send to change them", async () => {
    const { id } = await Checkout.create(poster());
    for (const body of [undefined, "", "{}", "[]"]) {
      const answer = await sandbox.wire("PUT", `/checkouts/${id}`, body);
      assert.deepEqual([answer.status, answer.body.data?.name], [200, "Tour poster"], `body ${body}`);
    }
    // One sends the whole object back, with what can't be changed.
    const whole = (await sandbox.wire("GET", `/checkouts/${id}`)).body.data;
    const answer = await sandbox.wire("PUT", `/checkouts/${id}`, { ...whole, name: "Whole", id: "x", resource: "y" });
    assert.deepEqual([answer.status, answer.body.data?.name, answer.body.data?.id], [200, "Whole", id]);
  });

  it("change from a price to none", async () => {
    const { id } = await Checkout.create(poster());
    const changed = await Checkout.updateById(id, { pricing_type: "no_price" });
    assert.equal(changed.pricing_type, "no_price");
    assert.equal(changed.local_price, undefined);
  });

  it("are deleted", async () => {
    const checkout = await Checkout.create(poster());
    const { id } = checkout;
    await checkout.delete();
    await assert.rejects(Checkout.retrieve(id), errors.ResourceNotFoundError);
    await assert.rejects(Checkout.deleteById(id), errors.ResourceNotFoundError);
    const other = await Checkout.create(poster());
    assert.ok((await Checkout.deleteById(other.id)) instanceof Checkout);
    await assert.rejects(Checkout.updateById(other.id, { name: "x" }), errors.ResourceNotFoundError);
    const [page] = await Checkout.list({ limit: 100 });
    assert.ok(page.every((one) => ![id, other.id].includes(one.id)));
  });

  it("answer to a deletion with an object, which two of the clients need", async () => {
    const { id } = await Checkout.create(poster());
    const answer = await sandbox.wire("DELETE", `/checkouts/${id}`);
    assert.equal(answer.status, 200);
    assert.equal(typeof answer.body.data, "object");
  });

  it("are refused for what is missing or wrong", async () => {
    const refused = async (more, error) => assert.rejects(Checkout.create(poster(more)), error, JSON.stringify(more));
    await refused({ name: undefined }, errors.ParamRequiredError);
    await refused({ pricing_type: undefined }, errors.ParamRequiredError);
    await refused({ local_price: undefined }, errors.ParamRequiredError);
    await refused({ pricing_type: "free" }, errors.ValidationError);
    await refused({ requested_info: ["shoe size"] }, errors.ValidationError);
    await refused({ local_price: { amount: "-1", currency: "EUR" } }, errors.ValidationError);
    const { id } = await Checkout.create(poster());
    await assert.rejects(Checkout.updateById(id, { name: "x".repeat(101) }), errors.ValidationError);
    await assert.rejects(Checkout.retrieve("00000000-0000-4000-8000-000000000000"), errors.ResourceNotFoundError);
  });

  describe("for a buyer", () => {
    const send = (url, fields) =>
      fetch(url, {
        method: "POST",
        redirect: "manual",
        headers: { "Content-Type": "application/x-www-form-urlencoded" },
        body: new URLSearchParams(fields).toString(),
      });

    it("have a page whose form makes a charge and leads to its payment page", async () => {
      const checkout = await Checkout.create(poster());
      const page = await fetch(checkout.hosted_url);
      assert.equal(page.status, 200);
      assert.match(await page.text(), /Tour poster/);
      const sent = await send(checkout.hosted_url, { name: "Zoë", email: "zoe@example.com" });
      assert.equal(sent.status, 303);
      const url = new URL(sent.headers.get("location"), checkout.hosted_url);
      assert.match(url.href, new RegExp(`^${sandbox.base}/pay/[A-Z0-9]{8}$`));
      const charge = await Charge.retrieve(url.pathname.split("/").pop());
      assert.equal(charge.checkout.id, checkout.id);
      assert.deepEqual(charge.metadata, { name: "Zoë", email: "zoe@example.com" });
      assert.deepEqual(charge.pricing.local, checkout.local_price);
      assert.equal(charge.name, checkout.name);
    });

    it("ask again for what was left out", async () => {
      const checkout = await Checkout.create(poster());
      const [, { total: before }] = await Charge.list({ limit: 1 });
      const sent = await send(checkout.hosted_url, { name: "Zoë" });
      assert.notEqual(sent.status, 303);
      const [, { total }] = await Charge.list({ limit: 1 });
      assert.equal(total, before);
    });

    it("have no page once they are deleted", async () => {
      const checkout = await Checkout.create(poster());
      const url = checkout.hosted_url;
      await Checkout.deleteById(checkout.id);
      assert.equal((await fetch(url)).status, 404);
      assert.equal((await send(url, { name: "Zoë", email: "zoe@example.com" })).status, 404);
    });
  });
});
