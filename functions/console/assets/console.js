// Everything that the pages do beyond links and forms: times in the viewer's zone, the theme, copying, and quiet polling.

const clock = new Intl.DateTimeFormat([], {
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  fractionalSecondDigits: 3,
  hourCycle: "h23",
});
const day = new Intl.DateTimeFormat([], { weekday: "long", day: "numeric", month: "long", year: "numeric" });
const dateTime = new Intl.DateTimeFormat([], { dateStyle: "medium", timeStyle: "short" });

function span(ms) {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 86400) return `${Math.floor(seconds / 3600)} h ${Math.floor((seconds % 3600) / 60)} min`;
  const days = Math.floor(seconds / 86400);
  return days === 1 ? "1 day" : `${days} days`;
}

const wordings = {
  clock: (at) => clock.format(at),
  day: (at) => day.format(at),
  "date-time": (at) => dateTime.format(at),
  relative: (at) => `${span(Date.now() - at)} ago`,
  duration: (at) => `for ${span(Date.now() - at)}`,
};

function tellTimes() {
  for (const time of document.querySelectorAll("time[data-format]")) {
    const at = new Date(time.dateTime);
    const words = wordings[time.dataset.format]?.(at);
    if (words !== undefined && time.textContent !== words) time.textContent = words;
  }
}

tellTimes();
setInterval(tellTimes, 1000);
document.addEventListener("htmx:after:swap", tellTimes);

document.addEventListener("click", (event) => {
  const button = event.target instanceof Element ? event.target.closest("button") : null;
  if (button === null) return;
  if (button.dataset.toggleTheme !== undefined) toggleTheme();
  if (button.dataset.copy !== undefined) void copy(button);
});

// The order of a group: dragged, or moved by the arrows. Sent with the form; what was moved is told to those who hear the page.
let dragged = null;

document.addEventListener("dragstart", (event) => {
  dragged = event.target instanceof Element ? event.target.closest("[data-sortable] > li") : null;
});
document.addEventListener("dragover", (event) => {
  const over = event.target instanceof Element ? event.target.closest("[data-sortable] > li") : null;
  if (dragged === null || over === null || over.parentElement !== dragged.parentElement) return;
  event.preventDefault();
  const { top, height } = over.getBoundingClientRect();
  if (over !== dragged) over.parentElement.insertBefore(dragged, event.clientY < top + height / 2 ? over : over.nextSibling);
});
document.addEventListener("drop", (event) => {
  if (dragged === null) return;
  event.preventDefault();
  tellOrder(dragged);
});
document.addEventListener("dragend", () => {
  if (dragged !== null) tellOrder(dragged);
  dragged = null;
});

document.addEventListener("click", (event) => {
  const arrow = event.target instanceof Element ? event.target.closest("[data-sortable] button[name=move]") : null;
  if (arrow === null) return;
  event.preventDefault();
  const item = arrow.closest("li");
  if (arrow.value.endsWith(":up")) item.previousElementSibling?.before(item);
  else item.nextElementSibling?.after(item);
  tellOrder(item);
  // The arrow may have reached an end: the other one still works.
  (arrow.disabled ? item.querySelector("button:not(:disabled)") : arrow)?.focus();
});

function tellOrder(item) {
  const list = item.parentElement;
  const items = [...list.children];
  const form = list.closest("form");
  form.querySelector("[data-order]").value = items.map(({ dataset }) => dataset.id).join(",");
  for (const [index, each] of items.entries()) {
    const [up, down] = each.querySelectorAll("button[name=move]");
    up.disabled = index === 0;
    down.disabled = index === items.length - 1;
  }
  const name = item.querySelector(".order-name").textContent;
  form.querySelector("[data-moved]").textContent = `${name} is number ${items.indexOf(item) + 1} of ${items.length}. Not saved yet.`;
}

document.addEventListener("change", ({ target }) => {
  if (target.dataset.checkAll === undefined) return;
  for (const box of target.form.querySelectorAll("tbody input[type=checkbox]")) box.checked = target.checked;
});

function toggleTheme() {
  const root = document.documentElement;
  const dark = root.dataset.theme === undefined ? matchMedia("(prefers-color-scheme: dark)").matches : root.dataset.theme === "dark";
  root.dataset.theme = dark ? "light" : "dark";
  localStorage.setItem("theme", root.dataset.theme);
}

async function copy(button) {
  const source = document.getElementById(button.dataset.copy);
  try {
    await navigator.clipboard.writeText(source.textContent);
    button.textContent = "Copied";
  } catch {
    // Without the right to the clipboard: selected, so that one key copies it.
    getSelection().selectAllChildren(source);
  }
}

// A poll names what it shows already (ETag); the server answers 304 where nothing has changed. A hidden page asks nothing.
const shown = new WeakMap();
let lostSince = null;

document.addEventListener("htmx:config:request", (event) => {
  const { ctx } = event.detail;
  if (ctx.sourceElement.dataset.live === undefined) return;
  if (document.hidden) return event.preventDefault();
  const tag = shown.get(ctx.sourceElement);
  if (tag !== undefined) ctx.request.headers["If-None-Match"] = tag;
});

document.addEventListener("htmx:after:request", (event) => {
  const { ctx } = event.detail;
  if (ctx.sourceElement.dataset.live === undefined) return;
  const { status, headers } = ctx.response;
  if (status === 200 && headers.get("ETag") !== null) shown.set(ctx.sourceElement, headers.get("ETag"));
  if (status >= 500) tellLost();
  else tellFound();
});

// An error page is no picture of the cluster: what was last known stays, under the notice that it is old.
document.addEventListener("htmx:before:swap", (event) => {
  const { ctx } = event.detail;
  if (ctx?.sourceElement?.dataset.live !== undefined && ctx.response.status !== 200) event.preventDefault();
});

document.addEventListener("htmx:error", (event) => {
  if (event.detail.ctx?.sourceElement?.dataset.live !== undefined) tellLost();
});

function tellLost() {
  lostSince ??= Date.now();
  const banner = document.querySelector("[data-connection-lost]");
  banner.querySelector("[data-lost-since]").textContent = clock.format(lostSince);
  banner.hidden = false;
}

function tellFound() {
  if (lostSince === null) return;
  lostSince = null;
  document.querySelector("[data-connection-lost]").hidden = true;
}
