// Asks the gateway what a code is worth. When it answers with a proof of work, that is solved here, unseen, and the code sent again.
import { words } from '/assets/words.js';

const K = new Uint32Array(64);
const H0 = new Uint32Array(8);
(() => {
  const prime = n => { for (let f = 2; f * f <= n; f++) if (n % f === 0) return false; return true; };
  const bits = x => ((x - Math.floor(x)) * 4294967296) >>> 0;
  for (let n = 2, i = 0; i < 64; n++) if (prime(n)) { if (i < 8) H0[i] = bits(Math.sqrt(n)); K[i++] = bits(Math.cbrt(n)); }
})();

function compress(h, block, w) {
  for (let i = 0; i < 16; i++) w[i] = (block[4 * i] << 24) | (block[4 * i + 1] << 16) | (block[4 * i + 2] << 8) | block[4 * i + 3];
  for (let i = 16; i < 64; i++) {
    const a = w[i - 15], b = w[i - 2];
    const s0 = ((a >>> 7) | (a << 25)) ^ ((a >>> 18) | (a << 14)) ^ (a >>> 3);
    const s1 = ((b >>> 17) | (b << 15)) ^ ((b >>> 19) | (b << 13)) ^ (b >>> 10);
    w[i] = (w[i - 16] + s0 + w[i - 7] + s1) | 0;
  }
  let [a, b, c, d, e, f, g, x] = h;
  for (let i = 0; i < 64; i++) {
    const s1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
    const t1 = (x + s1 + ((e & f) ^ (~e & g)) + K[i] + w[i]) | 0;
    const s0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
    const t2 = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    x = g; g = f; f = e; e = (d + t1) | 0; d = c; c = b; b = a; a = (t1 + t2) | 0;
  }
  h[0] += a; h[1] += b; h[2] += c; h[3] += d; h[4] += e; h[5] += f; h[6] += g; h[7] += x;
}

export function sha256(message) {
  const length = Math.ceil((message.length + 9) / 64) * 64;
  const padded = new Uint8Array(length);
  padded.set(message);
  padded[message.length] = 0x80;
  new DataView(padded.buffer).setUint32(length - 4, message.length * 8);
  const h = Uint32Array.from(H0), w = new Int32Array(64);
  for (let at = 0; at < length; at += 64) compress(h, padded.subarray(at, at + 64), w);
  return h;
}

// SHA-256(length of seed as u64 LE, seed, code, nonce as u64 LE) must start with so many zero bits.
async function solve(challenge, code, progress) {
  const text = new TextEncoder();
  const seed = text.encode(challenge.seed), digits = text.encode(code);
  const message = new Uint8Array(8 + seed.length + digits.length + 8);
  const view = new DataView(message.buffer);
  view.setUint32(0, seed.length, true);
  message.set(seed, 8);
  message.set(digits, 8 + seed.length);
  const at = 8 + seed.length + digits.length, want = challenge.difficulty_bits;
  for (let nonce = 0; ; nonce++) {
    view.setUint32(at, nonce >>> 0, true);
    view.setUint32(at + 4, Math.floor(nonce / 4294967296), true);
    const hash = sha256(message);
    if (Math.clz32(hash[0]) + (hash[0] === 0 ? Math.clz32(hash[1]) : 0) >= want) return { seed: challenge.seed, nonce };
    if (nonce % 20000 === 19999) { progress(); await new Promise(resolve => setTimeout(resolve)); }
  }
}

export async function check(code, progress) {
  let proof;
  for (let tries = 0; tries < 8; tries++) {
    const answer = await fetch('/api/v1/codes/check', { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ code, proof }) });
    const body = await answer.json();
    if (answer.ok) return body;
    if (body.code !== 'code.proof_of_work' || !body.challenge) throw body;
    proof = await solve(body.challenge, code, progress);
  }
  throw { code: 'code.too_many_guesses' };
}

export function sentence(error) {
  const known = {
    'code.unknown': words['unknown'],
    'code.expired': words['expired'],
    'code.used': words['used'],
    'code.malformed': words['malformed'],
    'code.too_many_guesses': words['limited'],
  };
  return known[error && error.code] || words['other'];
}
