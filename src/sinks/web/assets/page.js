// Keeps a page live. The page is complete without it: what the server rendered is fetched again and laid over what is shown
// whenever more changed than a message, so that there is one template only, and it is the server's.

const REFRESH_EVERY = 1000;
const TICK = 10_000;
const STALE_AFTER = 10_000;
const RUN_PATIENCE = 15_000;

const live = document.getElementById("live");
const page = () => document.getElementById("page");
const HOUSEKEEPING = /^(?:subject|lifeguard)\.|\.(?:measured|registered|unregistered|monitor_deleted)$/;

// Following the events.

let source;
let lost = 0;

function connect() {
  source?.close();
  source = new EventSource(
    `${document.body.dataset.events}&after=${encodeURIComponent(page().dataset.position)}`,
  );
  source.onopen = () => {
    lost = 0;
    say("live", "live");
  };
  source.onerror = () => {
    lost ||= Date.now();
    say("waiting", "reconnecting…");
    // The browser comes back by itself after a lost connection, but not after a refusal.
    if (source.readyState === EventSource.CLOSED) setTimeout(refresh, STALE_AFTER);
  };
  source.onmessage = ({ data }) => apply(JSON.parse(data));
  source.addEventListener("gap", refresh);
}

function say(state, text) {
  if (live.dataset.state === state && live.textContent === text) return;
  live.hidden = false;
  live.dataset.state = state;
  live.textContent = text;
}

// Time that has passed.

const UNITS = [
  [86_400, "d"],
  [3600, "h"],
  [60, "min"],
  [1, "s"],
];

function duration(ms) {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const [size, unit] = UNITS.find(([step]) => seconds >= step) ?? [1, "s"];
  return `${Math.floor(seconds / size)} ${unit}`;
}

function tick() {
  if (lost && Date.now() - lost > STALE_AFTER) {
    const since = new Date(lost).toLocaleTimeString();
    say("stale", `stale since ${since}`);
  }
  for (const time of page().querySelectorAll("time[title]")) {
    const text = duration(Date.now() - Date.parse(time.dateTime));
    if (time.textContent !== text) time.textContent = text;
  }
}

// One event.

function apply({ change, event }) {
  if (page().dataset.whole !== undefined || change || HOUSEKEEPING.test(event.type)) return refresh();
  const row = rowOf(event);
  if (!row?.classList.contains(event.status)) return refresh();
  finished(row);
  const message = row.querySelector(".what p");
  if (message.textContent === event.data.message) return;
  message.textContent = event.data.message;
  row.classList.remove("fresh");
  requestAnimationFrame(() => row.classList.add("fresh"));
}

let rows = new Map();

function rowOf(event) {
  const key = `${event.source} ${event.subject}`;
  if (!rows.get(key)?.isConnected)
    rows = new Map([...page().querySelectorAll(".row")].map((row) => [row.dataset.key, row]));
  return rows.get(key);
}

// The whole page again, at most once a second.

let refreshing = false;
let again = false;

async function refresh() {
  again = true;
  if (refreshing || document.hidden) return;
  refreshing = true;
  while (again && !document.hidden) {
    again = false;
    await show();
    await new Promise((resolve) => setTimeout(resolve, REFRESH_EVERY));
  }
  refreshing = false;
}

async function show() {
  try {
    const answer = await fetch(location.href, { headers: { accept: "text/html" }, cache: "no-cache" });
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    const content = fresh.getElementById("page");
    if (!answer.ok || !content) throw new Error(`${answer.status}`);
    const focused = document.activeElement;
    const navigation = document.querySelector("header nav");
    const freshNavigation = fresh.querySelector("header nav");
    if (navigation && freshNavigation) lay(navigation, freshNavigation);
    lay(page(), content);
    // What was moved has lost the focus; whoever types there should not notice.
    if (focused !== document.activeElement && focused?.isConnected) focused.focus({ preventScroll: true });
    if (document.title !== fresh.title) document.title = fresh.title;
    tick();
    if (source?.readyState === EventSource.CLOSED) connect();
  } catch {
    lost ||= Date.now();
    setTimeout(refresh, STALE_AFTER);
  }
}

/** Makes one element like another, keeping what is alike, so that focus, folding and scrolling stay. */
function lay(old, fresh) {
  for (const { name } of [...old.attributes])
    if (!fresh.hasAttribute(name) && !(name === "open")) old.removeAttribute(name);
  // Whoever folded a group meant it, until its verdict changes for the worse.
  const worse = old.nodeName === "DETAILS" && old.dataset.status === "ok" && fresh.dataset.status !== "ok";
  for (const { name, value } of fresh.attributes)
    if ((name !== "open" || worse) && old.getAttribute(name) !== value) old.setAttribute(name, value);

  const keyed = new Map();
  for (const child of old.children) if (child.dataset.key) keyed.set(child.dataset.key, child);
  let at = old.firstChild;
  for (const child of [...fresh.childNodes]) {
    const match = child.dataset?.key ? keyed.get(child.dataset.key) : at;
    if (
      !match ||
      match.nodeName !== child.nodeName ||
      (match.dataset?.key ?? "") !== (child.dataset?.key ?? "")
    ) {
      old.insertBefore(child, at);
      continue;
    }
    if (match === at) at = at.nextSibling;
    else old.insertBefore(match, at);
    if (child.nodeType !== Node.ELEMENT_NODE) {
      if (match.nodeValue !== child.nodeValue) match.nodeValue = child.nodeValue;
    } else if (!match.isEqualNode(child)) lay(match, child);
  }
  while (at) {
    const next = at.nextSibling;
    at.remove();
    at = next;
  }
}

// Run now, without leaving the page.

document.addEventListener("submit", async (submitted) => {
  const form = submitted.target;
  if (!form.matches("form.run")) return;
  submitted.preventDefault();
  const button = form.querySelector("button");
  if (button.hasAttribute("aria-busy")) return;
  button.setAttribute("aria-busy", "true");
  button.textContent = "Running…";
  const done = () => finished(form);
  setTimeout(done, RUN_PATIENCE);
  const run = form.getAttribute("action").replace(/run$/, "cgi-bin/monitor-run-promise.cgi");
  const answer = await fetch(run, {
    method: "POST",
    body: new URLSearchParams(new FormData(form, submitted.submitter)),
  }).catch(() => null);
  if (answer?.status === 204) return;
  done();
  button.textContent = "Failed";
});

function finished(within) {
  const button = within.querySelector("button[aria-busy]");
  if (!button) return;
  button.removeAttribute("aria-busy");
  button.textContent = "Run now";
}

// A page that nobody looks at costs nothing; browsers have few connections to give.

document.addEventListener("visibilitychange", async () => {
  if (document.hidden) {
    source?.close();
    source = undefined;
    return;
  }
  await show();
  if (!source) connect();
});

setInterval(tick, TICK);
if (!document.hidden) connect();
