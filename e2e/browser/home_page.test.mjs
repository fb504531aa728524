// The developer's home page: everything it does is seen in the control API too.
import assert from "node:assert/strict";
import { after, afterEach, before, describe, it } from "node:test";
import { PHONE, assertFits, assertNamed, launch, open } from "../support/browser.mjs";
import { startReceiver } from "../support/receiver.mjs";
import { startSandbox } from "../support/sandbox.mjs";
import { until } from "../support/wait.mjs";

describe("the home page", () => {
  let browser;
  let receiver;
  let sandbox;
  before(async () => {
    browser = await launch();
    receiver = await startReceiver();
    sandbox = await startSandbox({ webhookUrl: receiver.url });
  });
  after(async () => {
    await browser?.close();
    await sandbox?.stop();
    await receiver?.stop();
  });
  afterEach(() => sandbox.noFaults());

  const home = (t, options) => open(t, browser, `${sandbox.base}/`, options);
  const charge = async () =>
    (await sandbox.wire("POST", "/charges", {
      name: "Stalls",
      pricing_type: "fixed_price",
      local_price: { amount: "75.00", currency: "USD" },
    })).body.data;
  const region = (page, name) => page.getByRole("region", { name, exact: true });
  const rowOf = (page, code) => region(page, "Charges").getByRole("row").filter({ hasText: code });

  it("follows what happens without being loaded again", async (t) => {
    const page = await home(t);
    const { code } = await charge();
    await rowOf(page, code).getByText("NEW").waitFor();
    await sandbox.pay(code, "success");
    await rowOf(page, code).getByText("COMPLETED").waitFor();
    const webhooks = region(page, "Webhooks").getByRole("row").filter({ hasText: code });
    await webhooks.filter({ hasText: "charge:confirmed" }).getByText("delivered").waitFor();
    assert.equal(await webhooks.count(), 3);
  });

  it("makes a charge", async (t) => {
    const page = await home(t);
    await page.getByRole("button", { name: "New test charge" }).click();
    await page.getByLabel("Name").locator("visible=true").first().fill("Balcony, seat 3");
    await page.getByLabel("Amount").locator("visible=true").first().fill("12.50");
    await page.getByRole("button", { name: "Create", exact: true }).click();
    await region(page, "Charges").getByText("Balcony, seat 3").waitFor();
    const [made] = await sandbox.control("GET", "/charges?limit=1");
    assert.deepEqual([made.name, made.price], ["Balcony, seat 3", { amount: "12.50", currency: "USD" }]);
    await region(page, "Charges").getByRole("link", { name: made.code }).click();
    await page.waitForURL(`${sandbox.base}/pay/${made.code}`);
  });

  it("pays a charge, any way", async (t) => {
    const { code } = await charge();
    const page = await home(t);
    await page.getByRole("button", { name: `Simulate a payment of ${code}` }).click();
    const dialog = page.getByRole("dialog");
    await assertNamed(page);
    await dialog.getByRole("radio", { name: /too little/i }).check();
    await dialog.getByRole("combobox").first().selectOption("usdc");
    await dialog.getByRole("button", { name: "Simulate" }).click();
    await dialog.waitFor({ state: "hidden" });
    await rowOf(page, code).getByText("UNDERPAID").waitFor();
    assert.equal((await sandbox.charge(code)).payments[0].network, "usdc");
    await page.getByRole("button", { name: `Resolve ${code}` }).click();
    await rowOf(page, code).getByText("RESOLVED", { exact: true }).waitFor();
  });

  it("sets faults, shows them, and puts them off", async (t) => {
    const page = await home(t);
    const faults = region(page, "Faults");
    await faults.getByRole("spinbutton", { name: /^Drop/ }).fill("100");
    await faults.getByRole("spinbutton", { name: "Seed" }).fill("7");
    await faults.getByRole("button", { name: "Apply" }).click();
    await faults.getByRole("list", { name: "Active faults" }).getByText(/drop 100/).waitFor();
    const plan = await sandbox.control("GET", "/faults");
    assert.deepEqual([plan.seed, plan.webhooks.drop, plan.webhooks.delay], [7, 1, 0]);
    const { code } = await charge();
    await region(page, "Webhooks").getByRole("row").filter({ hasText: code }).getByText("dropped").waitFor();
    await faults.getByRole("button", { name: "All off" }).click();
    await until("no faults", async () => (await sandbox.control("GET", "/faults")).webhooks.drop === 0);
  });

  it("shows a webhook as it was sent, and sends it again", async (t) => {
    const { code } = await charge();
    const first = await receiver.waitFor(code, "charge:created");
    const page = await home(t);
    const row = region(page, "Webhooks").getByRole("row").filter({ hasText: code });
    await row.getByRole("button", { name: "charge:created" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByText(first.signature).waitFor();
    await assertNamed(page);
    await dialog.getByRole("button", { name: "Raw", exact: true }).click();
    await dialog.getByText(first.body, { exact: true }).waitFor();
    await dialog.getByRole("button", { name: "Redeliver" }).click();
    const [, second] = await receiver.wait(code, 2);
    assert.equal(second.event.id, first.event.id);
    await dialog.getByText("Attempt 2").waitFor();
  });

  it("adds an endpoint, which gets webhooks, and removes it", async (t) => {
    const another = await startReceiver();
    t.after(() => another.stop());
    const page = await home(t);
    const merchants = region(page, "Merchants");
    await merchants.getByLabel("New endpoint").fill(another.url);
    await merchants.getByRole("button", { name: "Add", exact: true }).click();
    const remove = merchants.getByRole("button", { name: `Remove ${another.url}` });
    await remove.waitFor();
    const { code } = await charge();
    await another.waitFor(code, "charge:created");
    await remove.click();
    await page.getByRole("dialog").getByRole("button", { name: "Remove" }).click();
    await remove.waitFor({ state: "detached" });
    const [{ endpoints }] = await sandbox.control("GET", "/merchants");
    assert.deepEqual(endpoints.map(({ url }) => url), [receiver.url]);
  });

  it("adds a merchant, and rotates its secret", async (t) => {
    const page = await home(t);
    await page.getByRole("button", { name: "Add a merchant" }).click();
    const form = page.locator("#merchant-form");
    await form.getByLabel("Name").fill("Another shop");
    await form.getByRole("button", { name: "Add" }).click();
    const theirs = page.getByRole("article").filter({ hasText: "Another shop" });
    await theirs.waitFor();
    const before = (await sandbox.control("GET", "/merchants")).at(-1);
    await theirs.getByRole("button", { name: /Rotate/ }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Rotate" }).click();
    const rotated = await until("it is rotated", async () => {
      const merchant = (await sandbox.control("GET", "/merchants")).at(-1);
      return merchant.webhook_secret !== before.webhook_secret && merchant;
    });
    assert.equal(rotated.previous_webhook_secret, before.webhook_secret);
  });

  it("stops the clock, turns it, and lets it run", async (t) => {
    const { code } = await charge();
    const page = await home(t);
    const clock = region(page, "Clock");
    await clock.getByRole("button", { name: "Freeze" }).click();
    await clock.getByRole("button", { name: "Resume" }).waitFor();
    assert.equal((await sandbox.control("GET", "/clock")).is_frozen, true);
    await clock.getByRole("button", { name: /Expire everything/ }).click();
    await rowOf(page, code).getByText("EXPIRED").waitFor();
    await clock.getByRole("button", { name: "Resume" }).click();
    await until("it runs", async () => !(await sandbox.control("GET", "/clock")).is_frozen);
  });

  it("turns the rate limits on and off", async (t) => {
    const page = await home(t);
    const limits = page.getByRole("switch");
    await limits.check();
    const enabled = async () => (await sandbox.control("GET", "")).rate_limits.enabled;
    await until("they are on", enabled);
    await limits.uncheck();
    await until("they are off", async () => !(await enabled()));
  });

  it("has code for several languages, with the key in it", async (t) => {
    const page = await home(t);
    const tabs = page.getByRole("tab");
    await tabs.first().waitFor();
    assert.ok((await tabs.count()) >= 3);
    for (const tab of await tabs.all()) {
      await tab.click();
      await page.getByRole("tabpanel").getByText(sandbox.base).first().waitFor();
    }
  });

  it("fits a phone, and has names for all that can be operated", async (t) => {
    await charge();
    const page = await home(t, PHONE);
    await region(page, "Charges").getByRole("row").first().waitFor({ state: "attached" });
    await assertFits(page);
    await assertNamed(page);
  });

  it("starts over, after asking", async (t) => {
    await charge();
    const page = await home(t);
    await page.getByRole("button", { name: /Reset the sandbox/ }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Cancel" }).click();
    assert.ok((await sandbox.control("GET", "")).counts.charges > 0);
    await page.getByRole("button", { name: /Reset the sandbox/ }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Reset" }).click();
    await until("it is empty", async () => (await sandbox.control("GET", "")).counts.charges === 0);
    await page.getByText("No charges yet").waitFor();
  });
});
