// What each day of a bar was: told beside it, under a pointer or finger, or day by day with the keys.

const DAY = 86_400_000;

/** The day that is told: its bar, its number there, and whether the keys chose it. */
let told = null;
let box;

/** Tells of the day under the pointer, as long as that is on the bar, or on what is told. */
export function tellDays() {
  for (const type of ["pointerover", "pointermove", "pointerdown"])
    document.addEventListener(type, ({ target, clientX }) => {
      const bar = target.closest?.(".bar");
      if (bar) tell(bar, dayAt(bar, clientX), false);
      else if (!told?.byKeys && !box?.contains(target)) forget();
    });
  document.addEventListener("focusout", () => {
    if (told?.byKeys) forget();
  });
}

/**
 * Tells of another day of the bar that belongs to what has the focus: so many days further, or of the last one if none was told; infinitely
 * far is the end, which one goes to only from another day. Returns whether there is such a bar.
 */
export function stepDay(focused, by) {
  const bar = focused.closest?.(".row, .days summary")?.closest(".row, .days").querySelector(".bar");
  const goesOn = told?.bar === bar;
  if (!bar || !(goesOn || Number.isFinite(by))) return false;
  const at = goesOn ? told.at + by : lastOf(bar);
  tell(bar, Math.max(0, Math.min(lastOf(bar), at)), true);
  return true;
}

/** Takes away what is told, and does not tell of the same day again until another one was looked at. Returns whether there was something. */
export function dismissDay() {
  if (!box || box.hidden) return false;
  box.hidden = true;
  return true;
}

function forget() {
  told = null;
  if (box) box.hidden = true;
}

function tell(bar, at, byKeys) {
  if (told?.bar === bar && told.at === at) return;
  told = { bar, at, byKeys };
  box ??= made();
  const { day, worst, uptime } = read(bar, at);
  const [words] = box.children;
  // A reader of the screen hears of what the keys ask for only.
  words.ariaLive = byKeys ? "polite" : "off";
  words.querySelector("time").textContent = `${day} (UTC)`;
  words.querySelector("svg").setAttribute("class", `shape ${worst}`);
  words.querySelector("use").setAttribute("href", `#${worst}`);
  words.querySelector("span").textContent =
    worst === "nothing" ? "nothing is known" : uptime ? `${worst}, ${uptime} up` : worst;
  box.hidden = false;
  place(bar, at);
}

/** The day is framed, and its words stand over its middle, or where the window has room for them. */
function place(bar, at) {
  const { left, top, width, height } = bar.getBoundingClientRect();
  const size = width / (lastOf(bar) + 1);
  const from = left + at * size;
  Object.assign(box.style, {
    left: `${scrollX + from}px`,
    top: `${scrollY + top}px`,
    width: `${size}px`,
    height: `${height}px`,
  });
  const [words] = box.children;
  const room = document.documentElement.clientWidth - words.offsetWidth;
  const middle = from + size / 2 - words.offsetWidth / 2;
  words.classList.toggle("below", top < words.offsetHeight);
  words.style.left = `${Math.max(0, Math.min(room, middle)) - from}px`;
}

function made() {
  const day = document.createElement("div");
  day.className = "day";
  day.innerHTML = `<p><time></time><svg aria-hidden="true"><use/></svg><span></span></p>`;
  document.getElementById("main").append(day);
  return day;
}

function lastOf(bar) {
  return bar.viewBox.baseVal.width - 1;
}

function dayAt(bar, x) {
  const { left, width } = bar.getBoundingClientRect();
  const last = lastOf(bar);
  return Math.max(0, Math.min(last, Math.floor(((x - left) / width) * (last + 1))));
}

/** What a day was, out of the bar as the server drew it: a path for each verdict, and the uptime that no verdict tells. */
function read(bar, at) {
  const { until, up = "" } = bar.dataset;
  const day = new Date(Date.parse(until) - (lastOf(bar) - at) * DAY).toISOString().slice(0, 10);
  const worst = [...bar.children].find((path) => covers(path, at)).getAttribute("class");
  const listed = up.split(";").find((one) => one.startsWith(`${at}=`));
  const foreseen = worst === "ok" || worst === "warning" ? "100 %" : "";
  return { day, worst, uptime: listed ? listed.slice(listed.indexOf("=") + 1) : foreseen };
}

function covers(path, at) {
  let x = 0;
  for (const [, command, length] of path.getAttribute("d").matchAll(/([Mmh])(\d+)/g)) {
    const end = x + Number(length);
    if (command === "h" && at >= x && at < end) return true;
    x = end;
  }
  return false;
}
