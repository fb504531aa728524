// Operating the payment page.

/** Chooses a coin the way a mouse does: the radio button itself is drawn by its label. */
export async function chooseCoin(page, network) {
  const radio = page.locator(`input[name=network][value=${network}]`);
  await page.locator(`label[for="${await radio.getAttribute("id")}"]`).click();
  if (!(await radio.isChecked())) throw new Error(`${network} isn't chosen`);
}

/** Plays an outcome by its button in the drawer, which is closed where there is no room for it. */
export async function play(page, outcome) {
  const button = page.locator(`button[name=outcome][value=${outcome}]`);
  if (!(await button.isVisible())) await page.locator("summary", { hasText: "Simulate" }).click();
  await button.click();
}

/** Marks the page, to see later that it is still the same and wasn't loaded anew. */
export const mark = (page) => page.evaluate(() => { globalThis.marked = true; });
export const isMarked = (page) => page.evaluate(() => globalThis.marked === true);
