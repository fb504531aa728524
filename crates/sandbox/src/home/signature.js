// Checks a webhook's signature as a merchant would: HMAC-SHA256 of the raw body, in lower-case hex.

const HEADER = "x-cc-webhook-signature";

const sign = async (secret, body) => {
  const bytes = new TextEncoder();
  const key = await crypto.subtle.importKey("raw", bytes.encode(secret), { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  const mac = new Uint8Array(await crypto.subtle.sign("HMAC", key, bytes.encode(body)));
  return [...mac].map((byte) => byte.toString(16).padStart(2, "0")).join("");
};

/** Which secret of the merchant the signature is made with, in words; nothing where that can't be known. */
export const signedWith = async (request, merchant) => {
  const header = Object.entries(request.headers).find(([name]) => name.toLowerCase() === HEADER);
  if (!header) return "It isn’t signed.";
  // Browsers compute only on secure pages, which include those of this machine; and secrets may be hidden.
  if (!merchant?.webhook_secret || !crypto.subtle || request.body === null) return "";
  if (header[1] === await sign(merchant.webhook_secret, request.body)) return "The signature is right: made with the merchant’s secret over this body.";
  if (merchant.previous_webhook_secret && header[1] === await sign(merchant.previous_webhook_secret, request.body)) {
    return "The signature is made with the merchant’s previous secret.";
  }
  return "The signature doesn’t match this body and any secret the merchant has now. Your code should refuse it.";
};
