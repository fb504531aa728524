// Events as a resource, by Coinbase's own client for Node.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { Charge, Event, connect, errors, seat } from "../support/commerce.mjs";
import { startReceiver } from "../support/receiver.mjs";
import { startSandbox } from "../support/sandbox.mjs";

describe("events", () => {
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

  it("are what webhooks tell", async () => {
    const { code } = await Charge.create(seat());
    await sandbox.pay(code, "success");
    const told = await receiver.wait(code, 3);
    const [events] = await Event.list({ limit: 3 });
    assert.deepEqual(
      events.map(({ type }) => type),
      ["charge:confirmed", "charge:pending", "charge:created"],
    );
    for (const event of events) {
      assert.ok(event instanceof Event);
      assert.ok(event.data instanceof Charge);
      assert.equal(event.api_version, "2018-03-22");
      const { event: sent } = told.find((webhook) => webhook.event.id === event.id);
      assert.deepEqual(JSON.parse(JSON.stringify(event)), sent);
      assert.deepEqual(await Event.retrieve(event.id), event);
    }
  });

  it("keep what their charge was then", async () => {
    const { code } = await Charge.create(seat());
    await sandbox.pay(code, "success");
    const { event } = await receiver.waitFor(code, "charge:pending");
    await sandbox.reaches(code, "COMPLETED");
    const found = await Event.retrieve(event.id);
    assert.equal(found.data.timeline.at(-1).status, "PENDING");
  });

  it("are there without anybody to send them to", async () => {
    const alone = await startSandbox();
    connect(alone.base);
    try {
      const charge = await Charge.create(seat());
      const [events] = await Event.list();
      assert.deepEqual(events.map(({ type, data }) => [type, data.id]), [["charge:created", charge.id]]);
    } finally {
      connect(sandbox.base);
      await alone.stop();
    }
  });

  it("can't be made or fetched by a charge's code", async () => {
    const { code } = await Charge.create(seat());
    await assert.rejects(Event.retrieve(code), errors.ResourceNotFoundError);
  });
});
