// What surrounds the screen: its measure, the handset's settings, and what the aggregator saw.

export const $ = (id) => document.getElementById(id);
export const on = (node, event, does) => node.addEventListener(event, does);

/** Make an element. */
export function el(tag, props, ...children) {
  const node = Object.assign(document.createElement(tag), props);
  node.append(...children);
  return node;
}

/** Hours and minutes, here. */
export const time = (at) => new Date(at).toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });

/** How long a screen is, and how long it took. */
export function drawGauge(shown) {
  const long = shown.too_long ? `: ${shown.characters - shown.limit} too many` : "";
  const letters = shown.encoding === "ucs2" ? " with special letters" : "";
  $("gauge").className = `gauge ${shown.error || shown.too_long ? "bad" : "good"}`;
  $("gauge-name").textContent = shown.error ? "Wrong answer" : shown.screen || "Screen without a name";
  $("gauge-time").textContent = `${shown.ms} ms`;
  $("gauge-text").textContent = `${shown.characters} of ${shown.limit} characters${letters}${long}`;
  $("gauge-bar").style.width = `${Math.min(100, (shown.characters / shown.limit) * 100)}%`;
}

/** The handset as the simulator has it. */
export function drawPanels(state) {
  $("mail").hidden = !state.unread;
  $("unread").textContent = state.unread;
  $("network").value = state.network;
  const [network] = $("network").selectedOptions;
  $("carrier").textContent = network ? network.textContent.split(" ")[0] : state.network;
  $("blocked").checked = state.blocked;
  $("empty").hidden = state.log.length > 0;
  $("log").hidden = !state.log.length;
  $("log").replaceChildren(...state.log.map(seen));
  $("log").scrollTop = $("log").scrollHeight;
}

const LINES = {
  hop: (line) => [
    line.answer, line.hop === 1 ? "dialled → " : `“${line.reply}” → `, line.screen || "screen without a name",
    `${line.characters} of ${line.limit} · ${line.ms} ms`,
  ],
  end: (line) => ["end", "session ", line.why, line.status],
  sms: (line) => ["sms", "text to ", line.to, `${line.parts} SMS`],
  report: (line) => ["report", "delivery ", line.status, "on this phone"],
  "opt-out": () => ["block", "", "texts blocked", "opt-out"],
};

function seen(line) {
  const [tag, did, what, detail] = LINES[line.kind](line);
  const answered = line.kind === "hop" ? line.status : line.answered;
  const ok = answered === 200 && tag !== "bad" && !(line.characters > line.limit);
  const said = answered === 200 ? "" : ` · ${answered || "no answer"}`;
  return el("li", { className: ok ? tag : `${tag} bad` }, el("span", { className: "tag" }, tag),
    el("span", {}, did, el("b", {}, what)), el("span", { className: "detail" }, detail + said));
}

/** A text has arrived. */
export function buzz() {
  $("phone").classList.remove("buzz");
  requestAnimationFrame(() => $("phone").classList.add("buzz"));
}
