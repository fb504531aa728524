// A browser that people use, without a window, and what no page of ours may do in it.
import assert from "node:assert/strict";
import { requirePackage } from "./packages.mjs";

const ACTION_MS = 10_000;
const NAMED_ROLES = new Set(
  "button checkbox combobox link menuitem option radio searchbox slider spinbutton switch tab textbox".split(" "),
);

export const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };

export function launch() {
  const { chromium } = requirePackage("playwright-core");
  return chromium.launch({
    executablePath: process.env.CHROMIUM,
    args: [
      ...["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"],
      ...["--disable-component-update", "--disable-sync"],
    ],
  });
}

/**
 * Opens an address. At the test's end the page is closed, and the test fails if the page wrote an error to the console,
 * asked another host for something, or came without a policy that forbids both.
 */
export async function open(t, browser, url, options = {}) {
  const context = await browser.newContext({ locale: "en-GB", ...options });
  context.setDefaultTimeout(ACTION_MS);
  const page = await context.newPage();
  const problems = [];
  const { host } = new URL(url);
  page.on("console", (message) => message.type() === "error" && problems.push(`console: ${message.text()}`));
  page.on("pageerror", (error) => problems.push(`script: ${error}`));
  page.on("request", (request) => {
    const asked = new URL(request.url());
    if (asked.protocol !== "data:" && asked.host !== host) problems.push(`asked ${asked}`);
  });
  page.on("response", (response) => {
    const { "content-type": type = "", "content-security-policy": policy = "" } = response.headers();
    if (type.startsWith("text/html") && !policy.includes("default-src 'none'")) problems.push(`no policy: ${response.url()}`);
  });
  t.after(async () => {
    await context.close();
    assert.deepEqual(problems, []);
  });
  await page.goto(url);
  return page;
}

/** Fails if something that can be operated has no name to be read out. */
export async function assertNamed(page) {
  const session = await page.context().newCDPSession(page);
  const { nodes } = await session.send("Accessibility.getFullAXTree");
  await session.detach();
  const controls = nodes.filter(({ ignored, role }) => !ignored && NAMED_ROLES.has(role?.value));
  assert.ok(controls.length > 0, "nothing can be operated");
  const nameless = controls.filter(({ name }) => !name?.value?.trim()).map(({ role, backendDOMNodeId: node }) => [role.value, node]);
  assert.deepEqual(nameless, []);
}

/** Fails if the page is wider than the screen. */
export async function assertFits(page) {
  const [wide, screen] = await page.evaluate(() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]);
  assert.ok(wide <= screen, `the page is ${wide} px wide on a screen of ${screen}`);
}

/** What has the focus: `radio ethereum`, `button success`, `a Webhooks`. */
export const focused = (page) =>
  page.evaluate(() => {
    const { activeElement: it } = document;
    const kind = it.type === "radio" ? "radio" : it.localName;
    return `${kind} ${it.value || it.textContent.trim()}`;
  });

/** Waits for a heading, and returns once it is seen. */
export const heading = (page, name) => page.getByRole("heading", { name, exact: true }).waitFor();
