// Waiting for something that happens elsewhere.

export const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Asks again and again until the answer is truthy, and returns it. */
export async function until(what, ask, ms = 10_000) {
  const end = performance.now() + ms;
  for (;;) {
    const answer = await ask();
    if (answer) return answer;
    if (performance.now() > end) throw new Error(`after ${ms} ms still not there: ${what}`);
    await sleep(40);
  }
}
