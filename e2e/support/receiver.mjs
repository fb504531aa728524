// A merchant's server: it keeps the webhooks it gets, byte for byte.
import http from "node:http";
import { until } from "./wait.mjs";

export async function startReceiver() {
  const received = [];
  let answers = () => 200;
  const server = http.createServer((request, response) => {
    const chunks = [];
    request.on("data", (chunk) => chunks.push(chunk));
    request.on("end", () => {
      const body = Buffer.concat(chunks).toString("utf8");
      const webhook = { path: request.url, headers: request.headers, body, at: performance.now(), ...JSON.parse(body) };
      webhook.signature = request.headers["x-cc-webhook-signature"];
      received.push(webhook);
      response.writeHead(answers(webhook)).end();
    });
  });
  // A receiver that a failed test has left behind keeps nobody waiting.
  server.on("connection", (socket) => socket.unref());
  server.unref();
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const base = `http://127.0.0.1:${server.address().port}`;

  /** The webhooks about a charge or an invoice, as they came. */
  const of = (code) => received.filter(({ event }) => event.data.code === code);
  return {
    base,
    url: `${base}/hook`,
    received,
    of,
    /** What each webhook is answered with from now on. */
    answer: (how) => { answers = how; },
    /** Waits for webhooks about a charge; all of them. */
    wait: (code, count, ms) =>
      until(`${count} webhooks about ${code}`, () => of(code).length >= count && of(code), ms),
    /** Waits for the first of a type. */
    waitFor: (code, type, ms) =>
      until(`${type} about ${code}`, () => of(code).find(({ event }) => event.type === type), ms),
    stop: () =>
      new Promise((resolve) => {
        server.close(resolve);
        server.closeAllConnections();
      }),
  };
}
