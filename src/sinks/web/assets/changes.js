// Lays what is new over the overview: each row that differs comes with what follows it in its list.

import { inTurns, lay, layAttributes } from "./lay.js";

/** Where more have changed, nobody could look at all of them. */
const FLASHED = 5;

/**
 * @param page what is shown
 * @param fresh its head, and of its groups only the rows that differ
 */
export async function applyChanges(page, fresh) {
  await inTurns(steps(page, fresh));
  for (const name of ["position", "revision"]) page.dataset[name] = fresh.dataset[name];
}

function* steps(page, fresh) {
  lay(page.querySelector(".head"), fresh.querySelector(".head"));
  const shown = page.querySelector(".groups");
  layAttributes(shown, fresh.querySelector(".groups"));
  const rows = new Map([...shown.querySelectorAll(".row")].map((row) => [row.dataset.key, row]));
  const groups = new Map([...shown.children].map((group) => [group.dataset.key, group]));
  const changed = [];
  yield;
  for (const key of fresh.dataset.changes.split(" ")) rows.get(key)?.remove();
  // From the last to the first, so that what follows is always in its place already.
  for (const group of [...fresh.querySelectorAll(".group")].reverse()) {
    const { key, next } = group.dataset;
    delete group.dataset.next;
    const place = groups.get(key) ?? emptied(group);
    groups.set(key, place);
    const following = groups.get(next) ?? null;
    if (place.parentNode !== shown || place.nextElementSibling !== following)
      shown.insertBefore(place, following);
    layHead(place, group);
    const lists = [...place.querySelectorAll(".rows")];
    for (const [at, list] of [...group.querySelectorAll(".rows")].entries())
      for (const row of [...list.children].reverse()) {
        yield;
        changed.push(layRow(row, lists[at], rows));
      }
  }
  if (changed.length <= FLASHED) flash(changed);
  for (const group of [...shown.querySelectorAll(".group")]) if (!group.querySelector(".row")) group.remove();
  const nothing = fresh.querySelector(".nothing");
  shown.querySelector(".nothing")?.remove();
  if (nothing) shown.append(nothing);
}

function layRow(fresh, list, rows) {
  const { key, next } = fresh.dataset;
  delete fresh.dataset.next;
  const row = rows.get(key) ?? fresh;
  if (row !== fresh) lay(row, fresh);
  rows.set(key, row);
  const following = rows.get(next);
  const before = following?.parentNode === list ? following : null;
  if (row.parentNode !== list || row.nextElementSibling !== before) list.insertBefore(row, before);
  return row;
}

/** Draws the eye to rows that have changed. */
function flash(rows) {
  for (const row of rows) row.classList.remove("fresh");
  requestAnimationFrame(() => {
    for (const row of rows) row.classList.add("fresh");
  });
}

/** Everything of a group but its rows. */
function layHead(old, fresh) {
  if (old === fresh) return;
  layAttributes(old, fresh);
  lay(old.querySelector("summary"), fresh.querySelector("summary"));
  const [well, freshWell] = [old.querySelector(".well"), fresh.querySelector(".well")];
  layAttributes(well, freshWell);
  lay(well.querySelector("summary"), freshWell.querySelector("summary"));
}

/** A new group, whose rows are put into it one by one. */
function emptied(group) {
  const place = group.cloneNode(true);
  for (const list of place.querySelectorAll(".rows")) list.replaceChildren();
  return place;
}
