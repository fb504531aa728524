// Keeps the payment page up to date. Without it the page still works: forms post, and a reload shows what has changed.
"use strict";
(() => {
  const POLL_MS = 700;
  const POLL_SETTLED_MS = 3000;
  const ACTIVE = ["NEW", "PENDING"];

  const live = document.getElementById("live");
  const code = document.getElementById("view").dataset.code;
  let endsAt = 0;
  let timer = 0;
  let connected = true;

  const view = () => document.getElementById("view");
  const say = (message) => { live.textContent = message; };

  // The server's count of seconds is taken, so that a wrong clock on this side doesn't matter.
  const setEnd = (seconds) => { endsAt = performance.now() + seconds * 1000; };

  // Without a choice of the reader's the drawer is open where there is room for it beside the ticket.
  const drawer = () => document.getElementById("drawer");
  const wide = matchMedia("(min-width: 52rem)");
  let drawerOpen = null;
  const placeDrawer = () => { if (drawer()) drawer().open = drawerOpen ?? wide.matches; };

  const confirm = (payments) => {
    payments.forEach((payment, place) => {
      const count = document.querySelector(`[data-confirmations="${place}"]`);
      const bar = document.querySelector(`[data-bar="${place}"]`);
      if (count) count.textContent = payment.confirmations;
      if (bar) bar.value = payment.confirmations;
    });
  };

  const tick = () => {
    const left = document.getElementById("left");
    if (!left) return;
    const seconds = Math.max(0, Math.ceil((endsAt - performance.now()) / 1000));
    left.textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
    const bar = document.getElementById("left-bar");
    if (bar) bar.value = seconds;
  };

  const prepare = () => {
    const left = document.getElementById("left");
    if (left) setEnd(Number(left.dataset.seconds));
    placeDrawer();
    // Browsers give the clipboard to secure pages only, which includes those of this machine.
    if (!navigator.clipboard) return;
    for (const button of document.querySelectorAll(".copy")) button.hidden = false;
  };

  const isInView = (element) => {
    const { top, bottom } = element.getBoundingClientRect();
    return top >= 0 && bottom <= innerHeight;
  };

  const redraw = async (message) => {
    const answer = await fetch(code, { cache: "no-store" });
    if (!answer.ok) throw new Error("page");
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    const focused = document.activeElement;
    const hadFocus = view().contains(focused);
    const onDrawer = focused.matches?.("#drawer > summary");
    view().replaceWith(fresh.getElementById("view"));
    document.title = fresh.title;
    prepare();
    say(message);
    const headline = document.getElementById("headline");
    // The button that had the focus is gone; what replaces it is the news. The drawer's own handle is still there.
    if (onDrawer) drawer()?.querySelector("summary").focus({ preventScroll: true });
    else if (hadFocus) headline?.focus({ preventScroll: true });
    if (headline && !isInView(headline)) headline.scrollIntoView({ block: "center" });
  };

  const apply = async (status) => {
    if (typeof status.seconds_left === "number") setEnd(status.seconds_left);
    if (status.state !== view().dataset.state) await redraw(status.message);
    else confirm(status.payments ?? []);
    return ACTIVE.includes(status.status) ? POLL_MS : POLL_SETTLED_MS;
  };

  const poll = async () => {
    clearTimeout(timer);
    let wait = POLL_SETTLED_MS;
    try {
      const answer = await fetch(`${code}/status`, { cache: "no-store" });
      if (!answer.ok) throw new Error("status");
      wait = await apply(await answer.json());
      connected = true;
    } catch {
      if (connected) say("The connection is lost. Trying again.");
      connected = false;
    }
    clearTimeout(timer);
    if (!document.hidden) timer = setTimeout(poll, wait);
  };

  const simulate = async (form, outcome) => {
    const network = form.elements.network?.value || "bitcoin";
    if (form.ariaBusy === "true") return;
    // Not disabled: a disabled button loses the focus, and with it the reader's place.
    form.ariaBusy = "true";
    try {
      const answer = await fetch(form.action, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ outcome, network }),
      });
      if (!answer.ok) say("That payment was refused.");
    } catch {
      say("The connection is lost. Please try again.");
    }
    form.ariaBusy = "false";
    await poll();
  };

  const copy = async (button) => {
    try {
      await navigator.clipboard.writeText(button.dataset.copy);
      button.textContent = "Copied";
      say("Copied");
    } catch {
      button.textContent = "Not copied";
    }
    setTimeout(() => { button.textContent = "Copy"; }, 1600);
  };

  document.addEventListener("submit", (event) => {
    if (event.target.id !== "simulate") return;
    event.preventDefault();
    simulate(event.target, event.submitter?.value || "success");
  });
  document.addEventListener("click", (event) => {
    const button = event.target.closest?.(".copy");
    if (button) copy(button);
  });
  // On the summary, which is what the reader operates: "toggle" also tells of what the script does.
  document.addEventListener("click", (event) => {
    if (event.target.closest?.("#drawer > summary")) drawerOpen = !drawer().open;
  });
  document.addEventListener("visibilitychange", () => { if (!document.hidden) poll(); });

  wide.addEventListener("change", placeDrawer);
  prepare();
  setInterval(tick, 250);
  timer = setTimeout(poll, POLL_MS);
})();
