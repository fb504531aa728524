// A buyer in a browser, and what `boxoffice serve` knows of the payment afterwards.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { start } from "../support/boxoffice.mjs";
import { heading, launch, open } from "../support/browser.mjs";
import { chooseCoin, isMarked, mark, play } from "../support/payment_page.mjs";
import { Sandbox } from "../support/sandbox.mjs";
import { until } from "../support/wait.mjs";

describe("a shop's buyer", () => {
  let browser;
  let server;
  before(async () => {
    browser = await launch();
    server = await start("serve", [
      ...["--bind", "127.0.0.1:0", "--database-url", "sqlite:{folder}/boxoffice.db", "--gateway", "sandbox"],
      ...["--sandbox-pay-delay-ms", "700"],
    ]);
  });
  after(async () => {
    await browser?.close();
    await server?.stop();
  });

  const call = async (method, path, body) => {
    const answer = await fetch(server.url + path, {
      method,
      headers: { "Content-Type": "application/json" },
      body: body && JSON.stringify(body),
    });
    assert.ok(answer.ok, `${method} ${path}: ${answer.status}`);
    return answer.json();
  };
  const buy = async () => {
    const checkout = await call("POST", "/checkout", { amount: 29.99, email: "zoe@example.com" });
    assert.equal(checkout.status, "PENDING");
    assert.equal(checkout.hosted_url, `${server.url}/sandbox/pay/${checkout.charge_code}`);
    return checkout;
  };
  const becomes = (checkout, status) =>
    until(`the checkout is ${status}`, async () => (await call("GET", `/checkouts/${checkout.id}`)).status === status);

  it("pays exactly, and sees it without loading the page again", async (t) => {
    const checkout = await buy();
    const page = await open(t, browser, checkout.hosted_url);
    await page.getByText("29.99").first().waitFor();
    await mark(page);
    await chooseCoin(page, "ethereum");
    await play(page, "success");
    await heading(page, "Payment seen");
    await heading(page, "Paid");
    assert.ok(await isMarked(page), "the page was loaded anew");
    await page.getByText("Ethereum").first().waitFor();
    await becomes(checkout, "COMPLETED");
  });

  for (const [outcome, headline] of [
    ["underpaid", "Too little arrived"],
    ["overpaid", "Too much arrived"],
    ["multiple", "You paid twice"],
    ["delayed", "The payment came too late"],
  ]) {
    it(`has a payment that needs a person: ${outcome}`, async (t) => {
      const checkout = await buy();
      const page = await open(t, browser, checkout.hosted_url);
      await mark(page);
      await play(page, outcome);
      await heading(page, headline);
      assert.ok(await isMarked(page));
      await becomes(checkout, "UNRESOLVED");
    });
  }

  it("pays without JavaScript", async (t) => {
    const checkout = await buy();
    const page = await open(t, browser, checkout.hosted_url, { javaScriptEnabled: false });
    await chooseCoin(page, "usdc");
    await play(page, "success");
    await heading(page, "Paid");
    assert.equal(page.url(), checkout.hosted_url);
    await becomes(checkout, "COMPLETED");
  });

  it("lets it fail", async (t) => {
    const checkout = await buy();
    const page = await open(t, browser, checkout.hosted_url);
    await play(page, "failure");
    await heading(page, "Time is up");
    await becomes(checkout, "FAILED");
  });

  it("pays for an order", async (t) => {
    const product = await call("POST", "/api/products", { name: "Stalls", price: "75.00", currency: "USD", total_stock: 5 });
    const hold = await call("POST", "/api/holds", { product_id: product.id, quantity: 2 });
    const order = await call("POST", "/api/orders", { hold_id: hold.id, hold_token: hold.hold_token });
    const checkout = await call("POST", `/api/orders/${order.id}/checkout`);
    const page = await open(t, browser, checkout.hosted_url);
    await page.getByText("150.00").first().waitFor();
    await play(page, "success");
    await heading(page, "Paid");
    await until("the order is paid", async () => (await call("GET", `/api/orders/${order.id}`)).status === "paid");
    const { sold_stock: sold, held_stock: held } = await call("GET", `/api/products/${product.id}`);
    assert.deepEqual([sold, held], [2, 0]);
  });

  it("finds the developer's home below the server's address, without its secrets", async (t) => {
    const checkout = await buy();
    const page = await open(t, browser, `${server.url}/sandbox`);
    assert.equal(page.url(), `${server.url}/sandbox/`);
    await page.getByRole("link", { name: checkout.charge_code }).waitFor();
    assert.ok(!(await page.content()).includes("test-webhook-secret"));
    await page.getByRole("button", { name: `Pay ${checkout.charge_code}`, exact: true }).click();
    await becomes(checkout, "COMPLETED");
  });

  // The last one: it turns the clock of the sandbox that all of these share.
  it("comes too late when the clock was set forward", async (t) => {
    const checkout = await buy();
    const page = await open(t, browser, checkout.hosted_url);
    await mark(page);
    await new Sandbox(`${server.url}/sandbox`).advance(3_601);
    await heading(page, "Time is up");
    assert.ok(await isMarked(page));
    await becomes(checkout, "FAILED");
    await play(page, "delayed");
    await heading(page, "The payment came too late");
    await becomes(checkout, "UNRESOLVED");
  });
});
