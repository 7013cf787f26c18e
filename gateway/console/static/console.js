// Movement by keyboard, live updates, the parts of an SMS. Everything works without this file.
"use strict";

const EVERY = 10_000; // milliseconds between two looks at whether anything changed

// J and K move through a list, X chooses; Enter follows the link that has the focus.
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input:not([type=checkbox]), textarea, select")) return;
  const links = [...document.querySelectorAll(".case > a")];
  if (!links.length) return;
  const row = document.activeElement.closest(".case");
  const at = row ? links.indexOf(row.querySelector("a")) : -1;
  if (event.key === "j") links[Math.min(at + 1, links.length - 1)].focus();
  else if (event.key === "k") links[Math.max(at - 1, 0)].focus();
  else if (event.key === "x" && row?.querySelector("input")) row.querySelector("input").click();
});

// How many SMS a text is, as gateway.messaging.segments counts.
for (const area of document.querySelectorAll("textarea[data-count]")) {
  const basic = new Set(area.dataset.basic + "\n\r");
  const extension = new Set(area.dataset.extension);
  const [single, part, singleWide, partWide] = area.dataset.limits.split(" ").map(Number);
  const said = document.createElement("p");
  said.className = "quiet";
  area.parentElement.after(said);
  const count = () => {
    const characters = [...area.value];
    const plain = characters.every((one) => basic.has(one) || extension.has(one));
    const sizes = characters.map((one) => (plain ? (extension.has(one) ? 2 : 1) : one.length));
    const total = sizes.reduce((sum, size) => sum + size, 0);
    let parts = 1;
    if (total > (plain ? single : singleWide)) {
      let used = 0;
      for (const size of sizes) {
        if (used + size > (plain ? part : partWide)) { parts += 1; used = 0; }
        used += size;
      }
    }
    said.textContent = total ? area.dataset.says.replace("{characters}", characters.length).replace("{parts}", parts) : "";
  };
  area.addEventListener("input", count);
  count();
}

// A page that shows what changes asks now and then whether it did; what somebody writes is never touched.
const live = document.querySelector("[data-live]");
if (live) {
  let mark = live.dataset.mark;
  const bar = document.createElement("div");
  bar.setAttribute("role", "status");
  document.body.append(bar);

  const swap = async () => {
    const answer = await fetch(location.href);
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("[data-swap]");
    if (fresh) live.querySelector("[data-swap]").replaceWith(fresh);
  };

  const tell = () => {
    if (bar.firstChild) return;
    const line = document.createElement("p");
    const show = document.createElement("button");
    line.className = "news-bar";
    line.textContent = document.body.dataset.changed;
    show.className = "small";
    show.textContent = document.body.dataset.show;
    show.addEventListener("click", () => location.reload());
    line.append(show);
    bar.append(line);
  };

  const look = async () => {
    if (document.hidden) return;
    const answer = await fetch(live.dataset.live, { redirect: "manual" }).catch(() => null);
    if (!answer || !answer.ok) return;
    const now = await answer.text();
    if (now === mark) return;
    mark = now;
    const region = live.querySelector("[data-swap]");
    const busy = !region || region.contains(document.activeElement) || region.querySelector("input:checked");
    if (busy) tell();
    else await swap();
  };
  setInterval(look, EVERY);
  document.addEventListener("visibilitychange", look);
}
