// Keeps the page as it is on the server: the stream tells that something happened, and what is new is fetched then.

import { applyChanges } from "./changes.js";
import { layInTurns } from "./lay.js";
import { countOn } from "./time.js";

// A moment after an event, so that several are shown at once; then no more than four times a second.
const SETTLE = 120;
const BETWEEN = 250;
// A page that is shown whole costs more.
const BETWEEN_WHOLE = 1000;
// What no event tells (that something is trusted again, that a day is over) is looked for now and then.
const TICK = 10_000;
const WHOLE_EVERY = 30 * 60_000;
const STALE_AFTER = 10_000;

const live = document.getElementById("live");
const page = () => document.getElementById("page");

let source;
let lost = 0;

export function follow() {
  document.addEventListener("visibilitychange", seen);
  setInterval(tick, TICK);
  setInterval(() => refresh(true), WHOLE_EVERY);
  if (!document.hidden) connect();
}

function connect() {
  source?.close();
  const after = encodeURIComponent(page().dataset.position);
  source = new EventSource(`${document.body.dataset.events}&after=${after}`);
  source.onopen = () => {
    // What was told meanwhile is not told again.
    if (lost) renew();
    lost = 0;
    say("live", "live");
  };
  source.onerror = () => {
    lost ||= Date.now();
    sayLost();
    // The browser comes back by itself after a lost connection, but not after a refusal.
    if (source.readyState === EventSource.CLOSED) setTimeout(refresh, STALE_AFTER);
  };
  source.onmessage = () => refresh();
  source.addEventListener("gap", () => refresh());
  // What they come to is part of the verdict.
  source.addEventListener("related", () => Promise.all([refresh(), renew()]));
}

/** A page that nobody looks at costs nothing; browsers have few connections to give. */
async function seen() {
  if (document.hidden) {
    source?.close();
    source = undefined;
    return;
  }
  await Promise.all([refresh(), renew()]);
  if (!source) connect();
}

function tick() {
  if (document.hidden) return;
  if (lost) sayLost();
  // What is not known to hold any more has no age.
  if (live.dataset.state !== "stale") countOn(page());
  if (page().dataset.revision !== undefined) refresh();
}

function sayLost() {
  if (Date.now() - lost <= STALE_AFTER) say("waiting", "reconnecting…");
  else say("stale", `stale since ${new Date(lost).toLocaleTimeString()}`);
}

function say(state, text) {
  if (live.dataset.state === state && live.textContent === text) return;
  live.hidden = false;
  live.dataset.state = state;
  live.textContent = text;
}

let wanted = null;
let refreshing = null;
/** Ends the pause between two fetches. */
let hurry = () => {};

/** Shows another view, for somebody who waits for it. */
export function showAnother() {
  refresh(true);
  hurry();
}

/**
 * Shows what is new, soon.
 * @param whole whether all of it is to be shown again
 */
export function refresh(whole = false) {
  wanted = { whole: whole === true || wanted?.whole === true };
  if (document.hidden) return undefined;
  refreshing ??= show().finally(() => {
    refreshing = null;
  });
  return refreshing;
}

async function show() {
  await pause(SETTLE);
  while (wanted && !document.hidden) {
    const { whole } = wanted;
    wanted = null;
    const began = performance.now();
    let between = STALE_AFTER;
    try {
      between = (await fetchAndLay(whole)) ? BETWEEN_WHOLE : BETWEEN;
      if (source?.readyState === EventSource.CLOSED) connect();
    } catch {
      lost ||= Date.now();
      setTimeout(() => refresh(true), STALE_AFTER);
      return;
    }
    // A page that takes long to lay has as long for everything else.
    await pause(Math.max(between, performance.now() - began));
  }
}

/** Returns whether the whole page was laid. */
async function fetchAndLay(whole) {
  const { revision } = page().dataset;
  const url = new URL(location.href);
  if (revision !== undefined && !whole) url.searchParams.set("after", revision);
  const answer = await fetch(url, { headers: { accept: "text/html" }, cache: "no-cache" });
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  const content = fresh.getElementById("page");
  if (!answer.ok || !content) throw new Error(`${answer.status}`);
  const focused = document.activeElement;
  const navigation = fresh.querySelector("header nav");
  const shown = document.querySelector("header nav");
  if (navigation && shown) await layInTurns(shown, navigation);
  const partly = content.dataset.changes !== undefined;
  if (partly) await applyChanges(page(), content);
  else await layInTurns(page(), content);
  // What was moved has lost the focus; whoever types there should not notice.
  if (focused !== document.activeElement && focused?.isConnected) focused.focus({ preventScroll: true });
  if (document.title !== fresh.title) document.title = fresh.title;
  return !partly;
}

/** Shows the related monitors as they are now: a part of the page that no event of ours changes. */
async function renew() {
  const shown = document.getElementById("related-monitors");
  if (!shown || document.hidden) return;
  const answer = await fetch(shown.dataset.from, { cache: "no-cache" }).catch(() => undefined);
  if (!answer?.ok) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  const part = fresh.getElementById(shown.id);
  if (part) await layInTurns(shown, part);
}

function pause(ms) {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    hurry = () => {
      clearTimeout(timer);
      resolve();
    };
  });
}
