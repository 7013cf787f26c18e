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

// How many SMS a text is: the server counts, as it does when it sends.
for (const area of document.querySelectorAll("textarea[data-costs]")) {
  const said = document.createElement("p");
  said.className = "quiet";
  area.parentElement.after(said);
  let asked = 0;
  const count = async () => {
    const mine = ++asked;
    if (!area.value.trim()) { said.textContent = ""; return; }
    const body = new URLSearchParams({ form_token: area.form.elements.form_token.value, text: area.value });
    const answer = await fetch(area.dataset.costs, { method: "POST", body, redirect: "manual" }).catch(() => null);
    if (mine === asked) said.textContent = answer?.ok ? await answer.text() : "";
  };
  let soon = 0;
  area.addEventListener("input", () => { clearTimeout(soon); soon = setTimeout(count, 300); });
  count();
}

// A file that is too large is told before it is sent: the server ends such a request unread.
for (const input of document.querySelectorAll("input[data-most]")) {
  input.addEventListener("change", () => {
    const large = [...input.files].some((file) => file.size > Number(input.dataset.most));
    input.setCustomValidity(large ? input.dataset.says : "");
    input.reportValidity();
  });
}

// The words to read aloud follow the language of who hears them, unless somebody has changed them.
for (const select of document.querySelectorAll("select[data-reads]")) {
  const area = select.form.elements[select.dataset.reads];
  const offered = [...select.options].map((option) => option.dataset.wording);
  select.addEventListener("change", () => {
    if (offered.includes(area.value)) area.value = select.selectedOptions[0].dataset.wording;
  });
}

// A reply to begin with is put behind what is written already, never over it.
for (const select of document.querySelectorAll("select[data-fills]")) {
  const area = document.getElementById(select.dataset.fills).elements.text;
  select.form.querySelector("button").remove();
  select.addEventListener("change", () => {
    const text = select.selectedOptions[0].dataset.text;
    if (!text) return;
    area.value = area.value.trim() ? `${area.value.trimEnd()} ${text}` : text;
    area.dispatchEvent(new Event("input"));
    area.focus();
  });
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
