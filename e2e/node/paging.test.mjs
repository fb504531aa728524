// Lists, page by page, by Coinbase's own client for Node.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { Charge, Checkout, Event, connect, errors, seat } from "../support/commerce.mjs";
import { startSandbox } from "../support/sandbox.mjs";

const COUNT = 7;

describe("lists", () => {
  let sandbox;
  /** Newest first. */
  const ids = [];
  before(async () => {
    sandbox = await startSandbox();
    connect(sandbox.base);
    for (let n = 1; n <= COUNT; n += 1) ids.unshift((await Charge.create(seat({ name: `Seat ${n}` }))).id);
  });
  after(() => sandbox?.stop());

  const idsOf = (page) => page.map(({ id }) => id);

  it("are of 25, newest first, unless asked otherwise", async () => {
    const [charges, pagination] = await Charge.list();
    assert.deepEqual(idsOf(charges), ids);
    assert.ok(charges.every((charge) => charge instanceof Charge));
    assert.deepEqual(pagination, {
      order: "desc",
      starting_after: null,
      ending_before: null,
      total: COUNT,
      limit: 25,
      yielded: COUNT,
      cursor_range: [ids[0], ids.at(-1)],
      previous_uri: null,
      next_uri: null,
    });
  });

  it("are given to callbacks with their pagination", async () => {
    const [charges, pagination] = await new Promise((resolve, reject) => {
      Charge.list({ limit: 2 }, (error, ...page) => (error ? reject(error) : resolve(page))).catch(() => {});
    });
    assert.deepEqual(idsOf(charges), ids.slice(0, 2));
    assert.equal(pagination.yielded, 2);
  });

  it("run the other way round", async () => {
    const [charges, { order }] = await Charge.list({ order: "asc", limit: 3 });
    assert.equal(order, "asc");
    assert.deepEqual(idsOf(charges), ids.slice(-3).reverse());
  });

  it("go on after a charge", async () => {
    const [first, { cursor_range: cursors, next_uri: next }] = await Charge.list({ limit: 3 });
    assert.deepEqual(idsOf(first), ids.slice(0, 3));
    assert.deepEqual(cursors, [ids[0], ids[2]]);
    assert.ok(next.startsWith(`${sandbox.base}/charges?`), next);
    const [second, pagination] = await Charge.list({ limit: 3, starting_after: cursors[1] });
    assert.deepEqual(idsOf(second), ids.slice(3, 6));
    assert.equal(pagination.starting_after, ids[2]);
    assert.equal(pagination.total, COUNT);
    const followed = await fetch(next, { headers: { "X-CC-Api-Key": "test-key", "X-CC-Version": "2018-03-22" } });
    assert.deepEqual(idsOf((await followed.json()).data), ids.slice(3, 6));
    const [last, { next_uri: none }] = await Charge.list({ limit: 3, starting_after: ids[5] });
    assert.deepEqual(idsOf(last), ids.slice(6));
    assert.equal(none, null);
  });

  it("go back before a charge", async () => {
    const [charges, pagination] = await Charge.list({ limit: 2, ending_before: ids[4] });
    assert.deepEqual(idsOf(charges), ids.slice(2, 4));
    assert.equal(pagination.ending_before, ids[4]);
    assert.ok(pagination.previous_uri);
    const [asc] = await Charge.list({ order: "asc", limit: 2, ending_before: ids[2] });
    assert.deepEqual(idsOf(asc), [ids[4], ids[3]]);
  });

  it("end after an empty page that names nothing to go on from", async () => {
    const [charges, pagination] = await Charge.list({ limit: 3, starting_after: ids.at(-1) });
    assert.deepEqual(charges, []);
    assert.equal(pagination.yielded, 0);
    assert.deepEqual(pagination.cursor_range, []);
    const [none, nothing] = await Charge.list({ limit: 0 });
    assert.deepEqual([none, nothing.cursor_range, nothing.total], [[], [], COUNT]);
  });

  it("have one charge twice in the range of a page of one", async () => {
    const [, { cursor_range: cursors }] = await Charge.list({ limit: 1 });
    assert.deepEqual(cursors, [ids[0], ids[0]]);
  });

  it("take parameters without a value for ones left out", async () => {
    const [charges, { limit }] = await Charge.list({ limit: undefined, order: undefined, starting_after: undefined });
    assert.deepEqual([charges.length, limit], [COUNT, 25]);
  });

  for (const limit of [1, 3, COUNT, COUNT + 1, undefined]) {
    it(`are read to the end in pages of ${limit ?? "the default size"}`, async () => {
      const all = await Charge.all(limit ? { limit } : {});
      assert.deepEqual(idsOf(all), ids);
      assert.ok(all.every((charge) => charge instanceof Charge));
    });
  }

  it("are read to the end for a callback", async () => {
    const all = await new Promise((resolve, reject) => {
      Charge.all({ limit: 2, order: "asc" }, (error, charges) => (error ? reject(error) : resolve(charges))).catch(() => {});
    });
    assert.deepEqual(idsOf(all), [...ids].reverse());
  });

  it("refuse what makes no page", async () => {
    for (const params of [{ limit: 101 }, { limit: -1 }, { limit: "x" }, { order: "up" }]) {
      await assert.rejects(Charge.list(params), errors.InvalidRequestError, JSON.stringify(params));
    }
    for (const cursor of ["starting_after", "ending_before"]) {
      await assert.rejects(Charge.list({ [cursor]: "00000000-0000-4000-8000-000000000000" }), errors.ApiError);
    }
  });

  it("are the same for checkouts", async () => {
    const made = [];
    for (let n = 1; n <= 4; n += 1) {
      made.unshift((await Checkout.create({ name: `Poster ${n}`, description: "Numbered", pricing_type: "no_price" })).id);
    }
    assert.deepEqual(idsOf(await Checkout.all({ limit: 2 })), made);
    const [page, { cursor_range: cursors, total }] = await Checkout.list({ limit: 2, starting_after: made[0] });
    assert.deepEqual([idsOf(page), cursors, total], [made.slice(1, 3), [made[1], made[2]], 4]);
    const [back] = await Checkout.list({ limit: 1, ending_before: made[2] });
    assert.deepEqual(idsOf(back), [made[1]]);
  });

  it("are the same for events", async () => {
    const all = await Event.all({ limit: 3 });
    assert.equal(all.length, COUNT);
    assert.deepEqual(all.map(({ data }) => data.id), ids);
    const [asc] = await Event.list({ order: "asc", limit: 1 });
    assert.equal(asc[0].data.id, ids.at(-1));
  });
});
