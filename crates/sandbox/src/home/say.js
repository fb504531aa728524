// Telling the reader what was done, what went wrong, and asking before something is lost.

import { button, byId, fill, make } from "./dom.js";

const SHOWN_MS = 4500;
const COMPLAINT_SHOWN_MS = 9000;
const timers = new Map();

// While a dialog is open, only what is inside it can be seen and is read out.
const place = () => {
  const home = document.querySelector("dialog[open]") ?? document.body;
  if (byId("toasts").parentElement !== home) home.append(byId("toasts"));
};
document.addEventListener("close", place, true);

const show = (element, message, shown_ms) => {
  place();
  element.textContent = message;
  clearTimeout(timers.get(element));
  timers.set(element, setTimeout(() => { element.textContent = ""; }, shown_ms));
};

export const say = (message) => show(byId("said"), message, SHOWN_MS);

/** Says what failed, in the words of the button that was pressed. */
export const complain = (what, failure) => show(byId("complained"), `${what}: ${failure.message}`, COMPLAINT_SHOWN_MS);

/** Runs something that may fail, with its control out of order meanwhile. Gives what it gave, or undefined. */
export const attempt = async (what, control, act) => {
  const had_focus = control && document.activeElement === control;
  if (control) control.disabled = true;
  try {
    return await act();
  } catch (failure) {
    complain(what, failure);
    return undefined;
  } finally {
    if (control) control.disabled = false;
    // A control that is out of order loses the focus.
    if (had_focus && document.activeElement === document.body) control.focus({ preventScroll: true });
  }
};

/** Resolves to whether the reader agrees. */
export const ask = (title, text, yes) => new Promise((resolve) => {
  const dialog = byId("confirm-dialog");
  const agree = button(yes, { class: "button is-danger" }, () => dialog.close("yes"));
  const refuse = button("Cancel", { autofocus: true }, () => dialog.close("no"));
  fill(dialog.firstElementChild,
    make("h2", { id: "confirm-title" }, title),
    make("p", {}, text),
    make("div", { class: "button-row is-end" }, refuse, agree));
  dialog.returnValue = "no";
  dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true });
  dialog.showModal();
});
