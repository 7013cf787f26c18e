// The entry line of the phone: several letters on one key, digits when a key is held, and the count of characters.

const LETTERS = {
  1: ".,?!'-1", 2: "abc2", 3: "def3", 4: "ghi4", 5: "jkl5", 6: "mno6", 7: "pqrs7", 8: "tuv8", 9: "wxyz9", 0: " 0",
  "*": "*+/&()",
};
const NEXT_MODE = { abc: "ABC", ABC: "123", 123: "abc" };
const AGAIN = 1000; // ms in which the same key goes on to its next letter
// The alphabet of an SMS: letters outside it take the room of two.
const PLAIN = /^[@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ -#¤%-?¡A-ZÄÖÑÜ§¿a-zäöñüà\f^{}\\[~\]|€]*$/;
const DOUBLE = /[\f^{}\\[~\]|€]/g;

const entry = document.getElementById("entry");
let mode = "123"; // or "abc", "ABC", "dial"
let counting = "reply"; // or "sms"
let tap = null; // the key pressed last, while its letter may still change

/** Start an empty line. */
export function begin({ label, mode: first, most, sms }) {
  document.getElementById("entry-label").textContent = label;
  mode = first;
  counting = sms ? "sms" : "reply";
  entry.value = "";
  entry.maxLength = most;
  settle();
}

/** A key of the keypad. */
export function press(key) {
  if (mode === "dial" || (mode === "123" && key !== "#")) insert(key);
  else if (key === "#") changeMode();
  else letter(key);
}

/** A key held down: its digit, or + when a number is dialled. */
export function hold(key) {
  insert(key === "0" && mode === "dial" ? "+" : key);
}

/** Put a character where the cursor is. */
export function insert(character) {
  const { selectionStart, selectionEnd, value, maxLength } = entry;
  if (value.length < maxLength) entry.setRangeText(character, selectionStart, selectionEnd, "end");
  settle();
}

/** Take the last character back; false when there is none. */
export function erase() {
  if (!entry.value) return false;
  const { selectionStart: start, selectionEnd: end } = entry;
  if (end > 0) entry.setRangeText("", start === end ? start - 1 : start, end, "end");
  settle();
  return true;
}

/** Show the count after the line changed by other means. */
export function settle() {
  tap = null;
  count();
}

function letter(key) {
  const letters = LETTERS[key];
  const again = tap && tap.key === key && Date.now() - tap.at < AGAIN;
  const index = again ? (tap.index + 1) % letters.length : 0;
  const capital = again ? tap.capital : mode === "ABC" || /(^|[.?!] )$/.test(entry.value);
  const shown = capital ? letters[index].toUpperCase() : letters[index];
  if (again) entry.setRangeText(shown, entry.selectionStart - 1, entry.selectionEnd, "end");
  else insert(shown);
  tap = { key, index, capital, at: Date.now() };
  count();
}

function changeMode() {
  mode = NEXT_MODE[mode];
  settle();
}

function count() {
  entry.scrollTop = entry.scrollHeight;
  const dialling = mode === "dial";
  document.getElementById("mode").textContent = dialling ? "" : mode;
  const used = counting === "sms" ? parts() : `${entry.value.length}/${entry.maxLength}`;
  document.getElementById("count").textContent = dialling ? "" : used;
}

function parts() {
  const plain = PLAIN.test(entry.value);
  const used = entry.value.length + (plain ? (entry.value.match(DOUBLE) || []).length : 0);
  const [alone, joined] = plain ? [160, 153] : [70, 67];
  const needed = used <= alone ? 1 : Math.ceil(used / joined);
  return `${used}/${needed === 1 ? alone : needed * joined} (${needed} SMS)`;
}
