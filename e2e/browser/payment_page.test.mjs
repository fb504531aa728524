// The pages that a buyer sees: for everybody, on any screen, by keyboard, and without scripts.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { PHONE, assertFits, assertNamed, focused, heading, launch, open } from "../support/browser.mjs";
import { chooseCoin, play } from "../support/payment_page.mjs";
import { startSandbox } from "../support/sandbox.mjs";
import { until } from "../support/wait.mjs";

const TABS_MAX = 40;
const OUTCOMES = ["success", "underpaid", "overpaid", "multiple", "delayed", "slow", "failure"];

describe("the pages of a buyer", () => {
  let browser;
  let sandbox;
  before(async () => {
    browser = await launch();
    sandbox = await startSandbox({ payDelayMs: 600 });
  });
  after(async () => {
    await browser?.close();
    await sandbox?.stop();
  });

  const make = async (what, more) => (await sandbox.wire("POST", `/${what}`, more)).body.data;
  const charge = (more = {}) =>
    make("charges", {
      name: "Opening night, stalls",
      description: "Row 1, seat 12",
      pricing_type: "fixed_price",
      local_price: { amount: "29.99", currency: "USD" },
      ...more,
    });

  it("show what is paid for, how much, and how long there is time", async (t) => {
    const { hosted_url: url, code, pricing } = await charge();
    const page = await open(t, browser, url);
    assert.match(await page.title(), /Opening night, stalls/);
    for (const text of ["Opening night, stalls", "Row 1, seat 12", code]) await page.getByText(text).first().waitFor();
    await page.getByRole("timer").waitFor();
    for (const network of ["bitcoin", "ethereum", "usdc"]) {
      await chooseCoin(page, network);
      await page.getByText(pricing[network].amount).locator("visible=true").first().waitFor();
      await page.locator("svg[role=img], svg[aria-label], img[alt]").locator("visible=true").first().waitFor();
    }
  });

  it("count the time down", async (t) => {
    const { hosted_url: url } = await charge();
    const page = await open(t, browser, url);
    const before = await page.getByRole("timer").textContent();
    await until("the time is less", async () => (await page.getByRole("timer").textContent()) !== before);
  });

  it("offer every way that a payment can go", async (t) => {
    const { hosted_url: url } = await charge();
    const page = await open(t, browser, url);
    for (const outcome of OUTCOMES) await page.locator(`button[name=outcome][value=${outcome}]`).waitFor();
    const free = await charge({ pricing_type: "no_price", local_price: undefined });
    await page.goto(free.hosted_url);
    for (const outcome of OUTCOMES) {
      const priced = ["underpaid", "overpaid"].includes(outcome);
      assert.equal(await page.locator(`button[name=outcome][value=${outcome}]`).count(), priced ? 0 : 1, outcome);
    }
  });

  it("have names for all that can be operated", async (t) => {
    const { hosted_url: url } = await charge();
    const page = await open(t, browser, url);
    await assertNamed(page);
    await play(page, "success");
    await heading(page, "Paid");
    await assertNamed(page);
  });

  it("are operated by keyboard alone", async (t) => {
    const { hosted_url: url } = await charge();
    const page = await open(t, browser, url);
    const reached = [];
    const tabTo = async (what) => {
      for (let n = 0; n < TABS_MAX; n += 1) {
        await page.keyboard.press("Tab");
        reached.push(await focused(page));
        if (reached.at(-1).startsWith(what)) return;
      }
      assert.fail(`Tab never came to ${what}: ${reached.join("; ")}`);
    };
    await tabTo("radio bitcoin");
    await page.keyboard.press("ArrowRight");
    assert.equal(await focused(page), "radio ethereum");
    await page.keyboard.press("ArrowRight");
    assert.equal(await focused(page), "radio usdc");
    for (const outcome of OUTCOMES) await tabTo(`button ${outcome}`);
    await page.keyboard.press("Shift+Tab");
    while ((await focused(page)) !== "button success") await page.keyboard.press("Shift+Tab");
    const outline = await page.evaluate(() => {
      const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(document.activeElement);
      return (outlineStyle !== "none" && parseFloat(outlineWidth) > 0) || boxShadow !== "none";
    });
    assert.ok(outline, "what has the focus can't be seen");
    await page.keyboard.press("Enter");
    await heading(page, "Paid");
    await page.getByText("USD Coin").first().waitFor();
    // The button that had the focus is gone: the news has it, not the top of the page.
    assert.match(await focused(page), /^h2 /);
  });

  it("say aloud what has changed", async (t) => {
    const { hosted_url: url } = await charge();
    const page = await open(t, browser, url);
    await play(page, "success");
    await until("it is said", async () => /Paid/.test(await page.getByRole("status").first().textContent()));
  });

  it("fit a phone, at each step", async (t) => {
    const { hosted_url: url } = await charge({ name: "Donaudampfschifffahrtsgesellschaftskapitänsmützenball im großen Saal" });
    const page = await open(t, browser, url, PHONE);
    await assertFits(page);
    for (const network of ["ethereum", "usdc", "bitcoin"]) {
      await chooseCoin(page, network);
      await assertFits(page);
    }
    await play(page, "success");
    await heading(page, "Payment seen");
    await assertFits(page);
    await heading(page, "Paid");
    await assertFits(page);
    await assertNamed(page);
  });

  it("show confirmations one by one when they are slow", async (t) => {
    const { hosted_url: url, code } = await charge();
    const page = await open(t, browser, url);
    await chooseCoin(page, "bitcoin");
    await play(page, "slow");
    await heading(page, "Payment seen");
    const bar = page.getByRole("progressbar").first();
    await bar.waitFor();
    await sandbox.advance(3_600);
    await heading(page, "Paid");
    await sandbox.reaches(code, "COMPLETED");
  });

  it("lead back to the shop, and nowhere a script would run", async (t) => {
    const good = await charge({ redirect_url: "https://shop.example/thanks", cancel_url: "https://shop.example/cart" });
    const page = await open(t, browser, good.hosted_url);
    assert.equal(await page.getByRole("link", { name: /cancel/i }).getAttribute("href"), "https://shop.example/cart");
    await play(page, "success");
    await heading(page, "Paid");
    assert.equal(await page.getByRole("link", { name: /return/i }).getAttribute("href"), "https://shop.example/thanks");
    const bad = await charge({ redirect_url: "javascript:alert(1)", cancel_url: "javascript:alert(1)" });
    await page.goto(bad.hosted_url);
    assert.equal(await page.locator("a[href^='javascript:' i]").count(), 0);
  });

  it("show text as text", async (t) => {
    const name = `<img src=x onerror="document.title='owned'"> & "quotes"`;
    const { hosted_url: url } = await charge({ name, description: "</p><script>document.title='owned'</script>" });
    const page = await open(t, browser, url);
    await page.getByRole("heading", { name, exact: true }).waitFor();
    assert.notEqual(await page.title(), "owned");
    assert.equal(await page.locator("img[src=x]").count(), 0);
  });

  it("say so when there is no such payment, checkout or invoice", async (t) => {
    const { hosted_url: url } = await charge();
    const page = await open(t, browser, url);
    for (const path of ["pay/NOTTHERE", "checkout/00000000-0000-4000-8000-000000000000", "invoice/NOTTHERE"]) {
      const answer = await fetch(`${sandbox.base}/${path}`);
      assert.equal(answer.status, 404, path);
      assert.match(answer.headers.get("content-type"), /^text\/html/);
      assert.match(await answer.text(), /There is no such/);
    }
    assert.ok(page);
  });

  describe("without JavaScript", () => {
    const still = { javaScriptEnabled: false };

    for (const [outcome, headline] of [["success", "Paid"], ["underpaid", "Too little arrived"], ["failure", "Time is up"]]) {
      it(`can be paid: ${outcome}`, async (t) => {
        const { hosted_url: url, code } = await charge();
        const page = await open(t, browser, url, still);
        await chooseCoin(page, "usdc");
        await page.locator(`button[name=outcome][value=${outcome}]`).click();
        await page.waitForURL(url);
        await until(headline, async () => {
          await page.reload();
          return page.getByRole("heading", { name: headline, exact: true }).isVisible();
        });
        const { payments } = await sandbox.charge(code);
        if (outcome !== "failure") assert.equal(payments[0].network, "usdc");
      });
    }

    it("show the end of a payment by themselves", async (t) => {
      const { hosted_url: url } = await charge();
      const page = await open(t, browser, url, still);
      await page.locator("button[name=outcome][value=success]").click();
      await heading(page, "Paid");
    });

    it("fit a phone", async (t) => {
      const { hosted_url: url } = await charge();
      await assertFits(await open(t, browser, url, { ...PHONE, ...still }));
    });
  });

  describe("of a checkout", () => {
    const poster = (more = {}) =>
      make("checkouts", {
        name: "Tour poster",
        description: "Numbered",
        pricing_type: "fixed_price",
        local_price: { amount: "19.50", currency: "EUR" },
        requested_info: ["name", "email"],
        ...more,
      });

    for (const [how, options] of [["on a large screen", {}], ["on a phone", PHONE], ["without JavaScript", { javaScriptEnabled: false }]]) {
      it(`ask for what the shop wants to know, and lead to the payment: ${how}`, async (t) => {
        const { hosted_url: url } = await poster();
        const page = await open(t, browser, url, options);
        await page.getByText("19.50").first().waitFor();
        await assertFits(page);
        if (options.javaScriptEnabled !== false) await assertNamed(page);
        await page.getByLabel(/name/i).fill("Zoë");
        await page.getByLabel(/email/i).fill("zoe@example.com");
        await page.getByRole("button").first().click();
        await page.waitForURL(/\/pay\/[A-Z0-9]{8}$/);
        const made = await sandbox.charge(page.url().split("/").pop());
        assert.deepEqual(made.metadata, { name: "Zoë", email: "zoe@example.com" });
        assert.deepEqual(made.pricing.local, { amount: "19.50", currency: "EUR" });
      });
    }
  });

  describe("of an invoice", () => {
    const bill = () =>
      make("invoices", {
        business_name: "Boxoffice",
        customer_name: "Zoë",
        customer_email: "zoe@example.com",
        memo: "Private box, two nights",
        local_price: { amount: "480.00", currency: "USD" },
      });

    for (const [how, options] of [["on a large screen", {}], ["on a phone", PHONE]]) {
      it(`say who asks whom for what, and lead to the payment: ${how}`, async (t) => {
        const invoice = await bill();
        const page = await open(t, browser, invoice.hosted_url, options);
        for (const text of ["Boxoffice", "Private box, two nights", "480.00"]) await page.getByText(text).first().waitFor();
        await assertFits(page);
        await assertNamed(page);
        await page.getByRole("button", { name: /pay/i }).click();
        await page.waitForURL(/\/pay\/[A-Z0-9]{8}$/);
        await play(page, "success");
        await heading(page, "Paid");
        await page.goto(invoice.hosted_url);
        await heading(page, "Paid");
        assert.equal(await page.getByRole("button", { name: /pay/i }).count(), 0);
      });
    }
  });
});
