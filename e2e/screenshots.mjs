// Takes the pictures of docs/images: a shop's afternoon, played anew in a sandbox of its own.
import { mkdirSync, statSync } from "node:fs";
import net from "node:net";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { launch } from "./support/browser.mjs";
import { startReceiver } from "./support/receiver.mjs";
import { startSandbox } from "./support/sandbox.mjs";
import { sleep, until } from "./support/wait.mjs";

const FOLDER = fileURLToPath(new URL("../docs/images/", import.meta.url));
const BYTES_MAX = 200_000;
const LOOK = { locale: "en-GB", timezoneId: "UTC", colorScheme: "light", reducedMotion: "reduce", deviceScaleFactor: 1 };

const SALES = [
  ["Opening night, stalls", "75.00", "success", "ethereum"],
  ["Opening night, balcony", "48.00", "failure", "bitcoin"],
  ["Tour poster, numbered", "29.99", "underpaid", "bitcoin"],
  ["Private box, two nights", "480.00", "success", "usdc"],
];
const OPEN = ["Front row, both nights", "225.00"];
const UNDER_WAY = ["Programme, printed", "12.50"];

const freePort = () =>
  new Promise((resolve) => {
    const server = net.createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });

const receiver = await startReceiver();
// The pictures show the usual address, whatever port there is.
const port = await freePort();
const sandbox = await startSandbox({
  webhookUrl: `${receiver.base}/webhook`,
  bind: `127.0.0.1:${port}`,
  args: ["--public-url", "http://127.0.0.1:8090"],
});
sandbox.base = `http://127.0.0.1:${port}`;

const browser = await launch();
try {
  const sell = async ([name, amount]) => {
    const answer = await sandbox.wire("POST", "/charges", {
      name,
      description: "Doors open at seven. Please bring this reference.",
      pricing_type: "fixed_price",
      local_price: { amount, currency: "USD" },
      cancel_url: "https://tickets.example/cart",
      redirect_url: "https://tickets.example/thanks",
    });
    return answer.body.data;
  };

  for (const sale of SALES) {
    const { code } = await sell(sale);
    await sandbox.pay(code, sale[2], { network: sale[3] });
    await sleep(350);
    await sandbox.advance(240);
  }
  const { code } = await sell(OPEN);
  await receiver.waitFor(code, "charge:created");
  await sandbox.freeze();
  await sandbox.advance(312);
  // One whose webhooks come twice, to a receiver that is down for a moment.
  await sandbox.faults({ seed: 7, webhooks: { duplicate: 1.0 } });
  const { code: underWay } = await sell(UNDER_WAY);
  await receiver.wait(underWay, 2);
  await sandbox.faults({ seed: 7, webhooks: { duplicate: 0.1, delay: 0.25 }, api: { error: 0.05 } });
  receiver.answer(() => 503);
  await sandbox.pay(underWay, "slow", { network: "bitcoin" });
  await sleep(500);

  mkdirSync(FOLDER, { recursive: true });
  const take = async (name, where, viewport, ready) => {
    const context = await browser.newContext({ ...LOOK, viewport });
    const page = await context.newPage();
    await page.goto(`${sandbox.base}${where}`);
    await ready(page);
    await sleep(600);
    const file = path.join(FOLDER, `${name}.png`);
    await page.screenshot({ path: file, animations: "disabled" });
    await context.close();
    const { size } = statSync(file);
    console.log(`docs/images/${name}.png: ${viewport.width} x ${viewport.height}, ${Math.ceil(size / 1000)} kB`);
    if (size > BYTES_MAX) throw new Error(`${name}.png is too large for the repository: ${size} bytes`);
  };
  const isOpen = (page) => page.getByRole("timer").waitFor();
  await take("payment-page", `/pay/${code}`, { width: 1180, height: 810 }, isOpen);
  await take("payment-page-phone", `/pay/${code}`, { width: 390, height: 844 }, isOpen);
  await take("home-page", "/", { width: 1200, height: 860 }, async (page) => {
    await until("all charges are listed", async () => (await page.getByRole("row").count()) > SALES.length + 8);
  });
} finally {
  await browser.close();
  await sandbox.stop();
  await receiver.stop();
}
