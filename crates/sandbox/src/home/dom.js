// Making elements. Text becomes text nodes: nothing here parses HTML.

export const byId = (id) => document.getElementById(id);

const set = (element, name, value) => {
  if (value === undefined || value === null || value === false) return;
  if (name === "on") for (const [type, listener] of Object.entries(value)) element.addEventListener(type, listener);
  else if (name === "data") Object.assign(element.dataset, value);
  else element.setAttribute(name, value === true ? "" : value);
};

const given = (children) => children.flat().filter((child) => child !== null && child !== undefined && child !== false && child !== "");

/** An element with attributes; `on` holds listeners, `data` the data-attributes. Children are elements or text. */
export const make = (tag, attributes = {}, ...children) => {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) set(element, name, value);
  element.append(...given(children));
  return element;
};

/** Puts these children in place of what an element has. */
export const fill = (element, ...children) => element.replaceChildren(...given(children));

export const button = (label, attributes, act) =>
  make("button", { type: "button", class: "button", ...attributes, on: { click: act } }, label);

/**
 * Brings the children of `parent` in line with `items`: an item that didn't change keeps its element, so that focus,
 * selection and the reader's place survive. `draw` makes an element of an item.
 */
export const reconcile = (parent, items, keyOf, draw) => {
  const old = new Map([...parent.children].map((element) => [element.dataset.key, element]));
  const fresh = items.map((item) => {
    const key = String(keyOf(item));
    const look = JSON.stringify(item);
    const before = old.get(key);
    if (before?.look === look) return before;
    const element = draw(item);
    element.dataset.key = key;
    element.look = look;
    if (before?.contains(document.activeElement)) element.focusedAct = document.activeElement.dataset.act;
    return element;
  });
  const same = fresh.length === parent.children.length && fresh.every((element, place) => parent.children[place] === element);
  if (same) return;
  const focused = document.activeElement;
  parent.replaceChildren(...fresh);
  if (parent.contains(focused)) focused.focus({ preventScroll: true });
  for (const element of fresh.filter((element) => "focusedAct" in element)) {
    (element.querySelector(`[data-act="${element.focusedAct}"]`) ?? element.querySelector("button, a"))?.focus({ preventScroll: true });
    delete element.focusedAct;
  }
};

/** A table; on a narrow screen the style sheet makes cards of its rows, so the roles are written out. */
export const table = (caption, columns) => {
  const head = columns.map(({ title, hidden, look }) =>
    make("th", { scope: "col", role: "columnheader", class: look }, hidden ? make("span", { class: "unseen" }, title) : title));
  const body = make("tbody", { role: "rowgroup" });
  const element = make("table", { class: "list", role: "table" },
    make("caption", { class: "unseen" }, caption),
    make("thead", { role: "rowgroup" }, make("tr", { role: "row" }, head)),
    body);
  return { element, body };
};

export const cell = (title, attributes, ...children) => make("td", { role: "cell", data: { title }, ...attributes }, ...children);

export const badge = (label, mood = "") => make("span", { class: `badge ${mood}`.trim() }, label);

/** Whether the clipboard can be written: only on secure pages, which include those of this machine. */
export const canCopy = Boolean(navigator.clipboard);

export const copyButton = (label, text) => {
  const element = button("Copy", { class: "quiet", "aria-label": `Copy ${label}`, hidden: !canCopy, data: { act: `copy ${label}` } }, async () => {
    try {
      await navigator.clipboard.writeText(typeof text === "function" ? text() : text);
      element.textContent = "Copied";
    } catch {
      element.textContent = "Not copied";
    }
    setTimeout(() => { element.textContent = "Copy"; }, 1600);
  });
  return element;
};
