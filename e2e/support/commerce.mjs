// The official client library, as it was published.
import { requirePackage } from "./packages.mjs";
import { KEY } from "./sandbox.mjs";

export const { Client, Webhook, resources, errors } = requirePackage("coinbase-commerce-node");
export const { Charge, Checkout, Event } = resources;

/** The library has one client per process. Its warning that HTTP isn't safe is left out of the tests' output. */
export function connect(base, key = KEY) {
  const { warn } = console;
  console.warn = () => {};
  try {
    return Client.init(key, `${base}/`);
  } finally {
    console.warn = warn;
  }
}

/** A call that the library has no method for, made by its own transport, so that its errors are the library's. */
export function call(method, path, data) {
  const client = Client.getInstance();
  return new Promise((resolve, reject) => {
    const done = (error, response) => (error ? reject(error) : resolve(response.data.data));
    if (method === "GET") client.getHttp(path, data ?? {}, done);
    else if (method === "DELETE") client.deleteHttp(path, done);
    else client[method === "PUT" ? "putHttp" : "postHttp"](path, data, done);
  });
}

export const seat = (more = {}) => ({
  name: "Opening night, stalls",
  description: "Row 1, seat 12",
  pricing_type: "fixed_price",
  local_price: { amount: "29.99", currency: "USD" },
  ...more,
});
