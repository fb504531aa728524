// Invoices. The official client has no class for them; they are called by its transport.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { Event, call, connect, errors } from "../support/commerce.mjs";
import { startReceiver } from "../support/receiver.mjs";
import { startSandbox } from "../support/sandbox.mjs";
import { until } from "../support/wait.mjs";

const bill = (more = {}) => ({
  business_name: "Boxoffice",
  customer_email: "zoe@example.com",
  customer_name: "Zoë",
  memo: "Private box, two nights",
  local_price: { amount: "480.00", currency: "USD" },
  ...more,
});

describe("invoices", () => {
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

  const create = (more) => call("POST", "invoices", bill(more));
  const fetched = (key) => call("GET", `invoices/${key}`);
  const reaches = (code, status) =>
    until(`invoice ${code} is ${status}`, async () => {
      const invoice = await fetched(code);
      return invoice.status === status && invoice;
    });
  const toPay = async (invoice) => {
    const sent = await fetch(invoice.hosted_url, { method: "POST", redirect: "manual" });
    assert.equal(sent.status, 303);
    return new URL(sent.headers.get("location"), invoice.hosted_url).pathname.split("/").pop();
  };
  const types = (code) => receiver.of(code).map(({ event }) => event.type);

  it("are made, fetched by id and by code, and listed", async () => {
    const made = await create();
    assert.equal(made.resource, "invoice");
    assert.match(made.code, /^[A-Z0-9]{8}$/);
    assert.equal(made.status, "OPEN");
    assert.deepEqual(made.local_price, { amount: "480.00", currency: "USD" });
    assert.equal(made.hosted_url, `${sandbox.base}/invoice/${made.code}`);
    for (const [field, value] of Object.entries(bill())) assert.deepEqual(made[field], value, field);
    for (const key of [made.id, made.code]) assert.deepEqual(await fetched(key), made);
    const [newest] = await call("GET", "invoices", { limit: 1 });
    assert.deepEqual(newest, made);
    await receiver.waitFor(made.code, "invoice:created");
  });

  it("go from open over viewed and pending to paid", async () => {
    const invoice = await create();
    assert.equal((await fetch(invoice.hosted_url)).status, 200);
    assert.equal((await fetched(invoice.code)).status, "VIEWED");
    const charge = await toPay(invoice);
    assert.equal(await toPay(invoice), charge, "the open charge is found again");
    assert.equal((await fetched(invoice.id)).charge.code, charge);
    await sandbox.pay(charge, "success");
    await reaches(invoice.code, "PAID");
    const all = ["created", "viewed", "payment_pending", "paid"].map((what) => `invoice:${what}`);
    await receiver.wait(invoice.code, all.length);
    assert.deepEqual(types(invoice.code).sort(), all.sort());
    const { event } = await receiver.waitFor(invoice.code, "invoice:paid");
    assert.deepEqual([event.data.resource, event.data.status, event.data.charge.code], ["invoice", "PAID", charge]);
    assert.deepEqual((await Event.retrieve(event.id)).data, event.data);
    await receiver.waitFor(charge, "charge:confirmed");
  });

  it("are unresolved when too little is paid, and resolved by the merchant", async () => {
    const invoice = await create();
    await sandbox.pay(await toPay(invoice), "underpaid");
    await reaches(invoice.code, "UNRESOLVED");
    await receiver.waitFor(invoice.code, "invoice:unresolved");
    assert.equal((await call("PUT", `invoices/${invoice.code}/resolve`, {})).status, "RESOLVED");
    await assert.rejects(call("PUT", `invoices/${invoice.code}/resolve`, {}), errors.InvalidRequestError);
  });

  it("can be paid again when a charge has expired", async () => {
    const invoice = await create();
    const charge = await toPay(invoice);
    await sandbox.pay(charge, "failure");
    await sandbox.reaches(charge, "EXPIRED");
    assert.ok(["OPEN", "VIEWED"].includes((await fetched(invoice.code)).status));
    const second = await toPay(invoice);
    assert.notEqual(second, charge);
    await sandbox.pay(second, "success");
    await reaches(invoice.code, "PAID");
  });

  for (const method of ["PUT", "POST"]) {
    it(`are voided by ${method}, while nobody has paid`, async () => {
      const invoice = await create();
      assert.equal((await call(method, `invoices/${invoice.id}/void`, {})).status, "VOID");
      await receiver.waitFor(invoice.code, "invoice:voided");
      await assert.rejects(call(method, `invoices/${invoice.id}/void`, {}), errors.InvalidRequestError);
      const sent = await fetch(invoice.hosted_url, { method: "POST", redirect: "manual" });
      assert.equal((await fetched(invoice.code)).status, "VOID");
      assert.ok(!/\/pay\//.test(sent.headers.get("location") ?? ""), "leads to no payment");
    });
  }

  it("can't be voided once they are paid", async () => {
    const invoice = await create();
    await sandbox.pay(await toPay(invoice), "success");
    await reaches(invoice.code, "PAID");
    await assert.rejects(call("PUT", `invoices/${invoice.code}/void`, {}), errors.InvalidRequestError);
    await assert.rejects(call("POST", `invoices/${invoice.code}/resolve`, {}), errors.InvalidRequestError);
  });

  it("are refused for what is missing or wrong", async () => {
    for (const field of ["business_name", "customer_email", "local_price"]) {
      await assert.rejects(create({ [field]: undefined }), errors.ParamRequiredError, field);
    }
    await assert.rejects(create({ customer_email: "nobody" }), errors.ValidationError);
    await assert.rejects(create({ local_price: { amount: "1", currency: "XXX" } }), errors.ValidationError);
    await assert.rejects(fetched("NOTTHERE"), errors.ResourceNotFoundError);
    await assert.rejects(call("PUT", "invoices/NOTTHERE/void", {}), errors.ResourceNotFoundError);
  });

  it("page as everything does", async () => {
    const { body } = await sandbox.wire("GET", "/invoices?limit=2");
    assert.equal(body.pagination.yielded, 2);
    assert.deepEqual(body.pagination.cursor_range, body.data.map(({ id }) => id));
    const next = await sandbox.wire("GET", `/invoices?limit=2&starting_after=${body.data[1].id}`);
    assert.ok(next.body.data.every(({ id }) => !body.data.some((one) => one.id === id)));
  });
});
