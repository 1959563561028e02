"use strict";
// Checks a receipt as docs/vectors/README.md says, with nothing but WebCrypto. The bytes that were signed are made
// again from the receipt's fixed layout; nothing that came with a receipt is parsed or believed.

class Refused extends Error {
  constructor(field) { super(field); this.field = field; }
}

const BASE45 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";
const SIZE = 188, RECORD = 124, DIGITS = 453, SECOND = 1_000_000n;
const OPEN = 2n ** 63n - 1n, LATEST = 7000n * 365n * 86_400n * SECOND;
const ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
const SHA256_ID = hex("300b0609608648016503040201"), POLICY = hex("061469a9c9eebdfc95d2a98380b9b1cdb3b4f6a97e");
// CMS signed attributes (RFC 5652 5.3): content type TSTInfo, digest of TSTInfo, ESSCertIDv2 with the certificate's digest.
const ATTRIBUTES = [
  hex("318186301a06092a864886f70d010903310d060b2a864886f70d0109100104302f06092a864886f70d01090431220420"),
  hex("3037060b2a864886f70d010910022f31283026302430220420"),
];

function hex(text) { return Uint8Array.from(text.match(/../g) ?? [], (pair) => parseInt(pair, 16)); }
function join(...parts) { return Uint8Array.from(parts.flatMap((part) => [...part])); }
async function sha256(data) { return new Uint8Array(await crypto.subtle.digest("SHA-256", data)); }
function number(data, at, size) { return data.slice(at, at + size).reduce((sum, byte) => sum * 256n + BigInt(byte), 0n); }
function bytes(value, size) { return hex(value.toString(16).padStart(2 * size, "0")); }

function tagged(tag, ...parts) { // every length here is below 65,536
  const body = join(...parts), size = body.length;
  return join(size < 128 ? [tag, size] : size < 256 ? [tag, 129, size] : [tag, 130, size >> 8, size & 255], body);
}
function integer(value, tag = 2) { return tagged(tag, bytes(value, Math.floor(value.toString(2).length / 8) + 1)); }

function receiptIn(text) { // a link with digits behind its #, or base45 (RFC 9285)
  const digits = text.split("#")[1];
  if (digits !== undefined) {
    if (!/^\d+$/.test(digits) || digits.length !== DIGITS || BigInt(digits) >> BigInt(8 * SIZE)) throw new Refused("text");
    return bytes(BigInt(digits), SIZE);
  }
  return join(...(text.match(/[^]{1,3}/g) ?? []).map((part) => {
    const size = part.length - 1, value = [...part].reduceRight((sum, character) => {
      if (!BASE45.includes(character)) throw new Refused("text");
      return sum * 45 + BASE45.indexOf(character);
    }, 0);
    if (size === 0 || value >= 256 ** size) throw new Refused("text");
    return size === 2 ? [value >> 8, value & 255] : [value];
  }));
}

function fieldsOf(receipt) { // the layout, the first field that is wrong named
  if (receipt.length !== SIZE) throw new Refused("length");
  const [kiosk, grade, kind, seq] = [[4, 2], [6, 1], [7, 1], [8, 8]].map(([at, size]) => number(receipt, at, size));
  const [lo, hi] = [16, 24].map((at) => BigInt.asIntN(64, number(receipt, at, 8)));
  const [tick, inc, r, s] = [[32, 8], [56, 2], [124, 32], [156, 32]].map(([at, size]) => number(receipt, at, size));
  const second = hi === OPEN ? lo / SECOND : (lo + hi + SECOND) / (2n * SECOND);
  const wrong = [
    ["magic", new TextDecoder("latin1").decode(receipt.slice(0, 4)) !== "XHr1"], ["seq", seq < 1n || seq > OPEN],
    ["tick", tick > OPEN], ["lo", lo < 0n || lo > LATEST], ["hi", hi < 0n || (hi > LATEST && hi !== OPEN)],
    ["lo", lo > hi], ["grade", grade < 1n || grade > 5n], ["kind", kind < 1n || kind > 7n], ["grade", grade > 3n],
    ["hi", (grade === 3n) !== (hi === OPEN)], ["r", r < 1n || r >= ORDER], ["s", s < 1n || 2n * s >= ORDER],
  ].find(([, failed]) => failed);
  if (wrong) throw new Refused(wrong[0]);
  return { kiosk: Number(kiosk), inc: Number(inc), seq, grade: Number(grade), kind: Number(kind), lo, hi, second };
}

async function timeStampInfo(receipt, { inc, seq, grade, lo, hi, second }) { // TSTInfo of RFC 3161 2.4.2
  const written = new Date(Number(second) * 1000).toISOString().replace(/[-:T]|\.\d+/g, "");
  const away = hi - second * SECOND > second * SECOND - lo ? hi - second * SECOND : second * SECOND - lo;
  const parts = [[away / SECOND, 0x02], [(away % SECOND) / 1000n, 0x80], [away % 1000n, 0x81]];
  const accuracy = tagged(0x30, ...parts.filter(([value]) => value).map(([value, tag]) => integer(value, tag)));
  return tagged(
    0x30, integer(1n), join(POLICY, [grade]),
    tagged(0x30, SHA256_ID, tagged(0x04, await sha256(receipt.slice(0, RECORD)))),
    integer((BigInt(inc) << 64n) + seq), tagged(0x18, new TextEncoder().encode(written)), hi === OPEN ? [] : accuracy,
  );
}

async function signedBytes(receipt, fields, certificate) {
  return join(ATTRIBUTES[0], await sha256(await timeStampInfo(receipt, fields)), ATTRIBUTES[1], certificate);
}

// keys: [{kiosk, certificate: SHA-256 of its DER in hex, point: 65 bytes in hex, …}], kiosk null = whichever.
async function checkReceipt(receipt, keys) {
  const fields = fieldsOf(receipt);
  const own = keys.filter(({ kiosk }) => kiosk === fields.kiosk || kiosk === null);
  if (!own.length) throw new Refused("certificate");
  for (const one of own) {
    const algorithm = { name: "ECDSA", namedCurve: "P-256" };
    const key = await crypto.subtle.importKey("raw", hex(one.point), algorithm, false, ["verify"]);
    const signed = await signedBytes(receipt, fields, hex(one.certificate));
    if (await crypto.subtle.verify({ name: "ECDSA", hash: "SHA-256" }, key, receipt.slice(RECORD), signed))
      return { ...fields, key: one };
  }
  throw new Refused("signature");
}

async function keyInPem(text) { // the digest of a certificate and its P-256 key, which stands behind a fixed beginning
  const der = Uint8Array.from(atob(text.split(/-----[^-]+-----/)[1] ?? ""), (character) => character.charCodeAt(0));
  const all = [...der].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  const at = all.indexOf("3059301306072a8648ce3d020106082a8648ce3d03010703420004");
  if (at < 0) throw new Refused("certificate");
  const digest = [...await sha256(der)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return { kiosk: null, certificate: digest, point: all.slice(at + 52, at + 182), ended_at: 0 };
}
