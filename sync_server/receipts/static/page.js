"use strict";
// The page around check.js: where texts and keys come from, and what is said. As a file it asks nobody anything.

const $ = (id) => document.getElementById(id);
const chosen = () => new URLSearchParams(location.search).get("lang") ?? navigator.language;
let language = chosen().startsWith("zh") ? 0 : 1, keys = [], shown = null, source = ["keys.none", {}];
let fromLink = false;

function say(name, places = {}) {
  return (WORDS[name]?.[language] ?? name).replace(/\{(\w+)\}/g, (_, place) => places[place]);
}

function clock(micros, decimals = 3) { // Beijing time, whatever the device's zone is
  const text = new Date(Number(micros / 1000n) + 8 * 3_600_000).toISOString();
  return text.slice(0, decimals ? 20 + decimals : 19).replace("T", " ");
}

function width(micros) {
  const seconds = Number(micros) / 1e6, rounded = (value) => String(Math.ceil(value * 10) / 10);
  if (seconds < 120) return say("width.seconds", { n: rounded(seconds) });
  return seconds < 7200 ? say("width.minutes", { n: rounded(seconds / 60) }) : say("width.hours", { n: rounded(seconds / 3600) });
}

function factsOf({ kiosk, inc, seq, lo, hi, grade, kind }) {
  const [first, last] = [clock(lo), hi === OPEN ? "" : clock(hi + 999n)]; // outwards, to the millisecond
  const shorter = last.startsWith(first.slice(0, 11)) ? last.slice(11) : last;
  const time = say(last ? "between" : "from", { lo: first, hi: shorter, width: width(hi - lo) });
  return [
    ["fact.kiosk", say("kiosk", { kiosk })], ["fact.number", say("number", { inc, seq })], ["fact.time", time],
    ["fact.basis", say(`grade.${grade}`)], ["fact.kind", say(`kind.${kind}`)],
  ];
}

function draw() {
  document.documentElement.lang = ["zh", "en"][language];
  document.title = `${say("title")} · ${say("name")}`;
  for (const element of document.querySelectorAll("[data-say]")) element.textContent = say(element.dataset.say);
  $("language").textContent = say("other");
  $("keys").textContent = say(...source);
  $("verdict").hidden = !shown;
  if (!shown) return;
  const { found, field, told } = shown;
  $("verdict").className = found ? "good" : "bad";
  $("answer").textContent = say(found ? "holds" : field === "text" ? "unread" : "fails");
  $("why").textContent = found ? say("signed", found) : field === "insecure" ? say(field) : say("wrong", { field: say(`field.${field}`) });
  $("facts").replaceChildren(...(found ? factsOf(found) : []).map(([name, text]) => {
    const row = document.createElement("div");
    for (const [tag, words] of [["dt", say(name)], ["dd", text]])
      row.append(Object.assign(document.createElement(tag), { textContent: words }));
    return row;
  }));
  $("ended").hidden = !found?.key.ended_at;
  if (found?.key.ended_at) $("ended").textContent = say("ended", { time: clock(BigInt(found.key.ended_at), 0) });
  $("seen").hidden = !told;
  if (told) $("seen").textContent = say(...told);
}

async function check(read) { // read: gives the bytes of a receipt
  shown = null;
  try {
    if (!globalThis.crypto?.subtle) throw new Refused("insecure");
    const receipt = read();
    shown = { found: await checkReceipt(receipt, keys) };
    draw();
    if (fromLink) await tell(receipt);
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    shown = { field: error.field };
  }
  draw();
}

async function tell(receipt) { // an upper bound for the time, also while the kiosk is cut off
  try {
    const answer = await fetch("seen", { method: "POST", body: receipt });
    if (!answer.ok) throw new Error(String(answer.status));
    const { latest } = await answer.json();
    if (latest) shown.told = ["seen", { time: clock(BigInt(latest)) }];
  } catch (error) {
    shown.told = ["unseen", { status: error.message }];
  }
}

function receiptInFile(data) {
  return data.length === SIZE ? data : receiptIn(new TextDecoder("latin1").decode(data).replace(/^[\r\n\t]+|[\r\n\t]+$/g, ""));
}

async function takeKeys(file) {
  const text = await file.text();
  try {
    keys = text.trimStart().startsWith("{") ? JSON.parse(text).keys : [await keyInPem(text)];
    source = ["keys.file", { name: file.name }];
  } catch {
    shown = { field: "certificate" };
  }
  draw();
}

async function start() {
  const kept = $("kept"); // in the page that was saved as a file
  const published = kept ? JSON.parse(kept.textContent)
    : location.protocol.startsWith("http") ? await (await fetch("keys.json")).json() : null;
  if (published) {
    keys = published.keys;
    source = [kept ? "keys.kept" : "keys.server", { count: keys.length }];
    $("server").textContent = published.server;
  }
  $("offline").hidden = !published || Boolean(kept);
  draw();
  await followLink();
}

async function followLink() {
  if (location.hash.length < 2) return;
  fromLink = location.protocol.startsWith("http") && !$("kept");
  $("text").value = location.href;
  await check(() => receiptIn(location.hash));
  fromLink = false;
}

$("form").addEventListener("submit", (event) => {
  event.preventDefault();
  check(() => receiptIn($("text").value.replace(/^[\r\n\t]+|[\r\n\t]+$/g, "")));
});
$("file").addEventListener("change", async ({ target }) => {
  const data = new Uint8Array(await target.files[0].arrayBuffer());
  await check(() => receiptInFile(data));
});
$("pem").addEventListener("change", ({ target }) => takeKeys(target.files[0]));
$("language").addEventListener("click", () => { language = 1 - language; draw(); });
addEventListener("hashchange", followLink);
start();
