/* The lock of the phone. A random data key encrypts every record (AES-GCM, own nonce, its place as associated data). It is wrapped by a
   key of the PIN (PBKDF2), if wanted by that of a passkey as well, and again by a key of this device that no script can read out. Invariants: a wrong try is counted on disk before
   it is made; the tenth wipes the records; the data key is nowhere on disk in clear and leaves memory when the phone locks.
   What this does not do: six digits do not withstand somebody who copies the disk and knows how (docs/guide/phone.md says so). */
import { get, all, keys, write, change } from './base.js';

export const TRIES = 10, ROUNDS = 600000;
const S = crypto.subtle, enc = new TextEncoder(), dec = new TextDecoder();
const random = (n) => crypto.getRandomValues(new Uint8Array(n));
let key = null;

export const open = () => key !== null;
export function lock() { key = null; }
export const uuid = () => {
  if (crypto.randomUUID) return crypto.randomUUID();
  const b = random(16); b[6] = b[6] & 15 | 64; b[8] = b[8] & 63 | 128;
  const x = [...b].map((v) => v.toString(16).padStart(2, '0')).join('');
  return [x.slice(0, 8), x.slice(8, 12), x.slice(12, 16), x.slice(16, 20), x.slice(20)].join('-');
};
export const b64 = (bytes) => { let s = ''; for (const v of new Uint8Array(bytes)) s += String.fromCharCode(v); return btoa(s); };
export const unb64 = (text) => Uint8Array.from(atob(text.replace(/-/g, '+').replace(/_/g, '/')), (c) => c.charCodeAt(0));

async function ofPin(pin, salt) {
  const raw = await S.importKey('raw', enc.encode(pin.normalize('NFKC')), 'PBKDF2', false, ['deriveKey']);
  return S.deriveKey({ name: 'PBKDF2', hash: 'SHA-256', salt, iterations: ROUNDS }, raw, { name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt']);
}
async function shut(k, bytes, place) { const iv = random(12); return { iv, d: new Uint8Array(await S.encrypt({ name: 'AES-GCM', iv, additionalData: enc.encode(place) }, k, bytes)) }; }
const unshut = (k, box, place) => S.decrypt({ name: 'AES-GCM', iv: box.iv, additionalData: enc.encode(place) }, k, box.d);

/* Records: seal('rows', id, value) → what may lie on disk; unseal gives the value back. */
export async function seal(store, id, value) { return shut(key, enc.encode(JSON.stringify(value)), store + '/' + id); }
export async function unseal(store, id, box) { return JSON.parse(dec.decode(await unshut(key, box, store + '/' + id))); }

/* Photos and recordings: under a key of their own, which lies in their line and, on their way, sealed for the server: on disk once, and sent without the PIN. */
const aes = (raw) => S.importKey('raw', raw, { name: 'AES-GCM' }, false, ['encrypt', 'decrypt']);
export async function sealBytes(id, bytes) { const raw = random(32); return { own: b64(raw), box: await shut(await aes(raw), bytes, 'bytes/' + id) }; }
export const unsealBytes = async (id, box, own) => new Uint8Array(await unshut(own ? await aes(unb64(own)) : key, box, 'bytes/' + id));

/* Why a PIN will not do; '' when it will. */
export function weak(pin) {
  if (pin.length < 6) return 'short';
  const steps = new Set([...pin].slice(1).map((c, i) => c.charCodeAt(0) - pin.charCodeAt(i)));
  return steps.size === 1 && [0, 1, -1].includes([...steps][0]) || new Set(pin).size < 3 ? 'plain' : '';
}

async function twice(k, raw, device, place) {
  const inner = await shut(k, raw, place), both = new Uint8Array(12 + inner.d.length);
  both.set(inner.iv); both.set(inner.d, 12);
  return shut(device, both, 'device');
}
async function back(k, box, device, place) {
  const both = new Uint8Array(await unshut(device, box, 'device'));
  return new Uint8Array(await unshut(k, { iv: both.slice(0, 12), d: both.slice(12) }, place));
}
async function wrapped(pin, raw, device) { const salt = random(16); return { salt, box: await twice(await ofPin(pin, salt), raw, device, 'pin') }; }

/* Everything but what is sealed for the server and has not reached it. */
async function everything() {
  const files = await all('files'), stay = new Set(files.filter(([, v]) => !v.left).map(([id]) => id));
  return [['rows'], ['out'], ['drafts'], ['media'], ['meta', 'state'], ...[['bytes', await keys('bytes')], ['files', files.map(([id]) => id)]].flatMap(([store, ids]) => ids.filter((id) => !stay.has(id)).map((id) => [store, id]))];
}
/* A new vault: everything there was of an earlier one goes, except what is sealed for the server. */
export async function create(pin) {
  const raw = random(32), device = await S.generateKey({ name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt']);
  const lid = await wrapped(pin, raw, device);
  await write(...await everything(), ['meta', 'tries', 0], ['meta', 'lid', { ...lid, device, id: uuid() }]);
  key = await aes(raw); raw.fill(0);
}

export const exists = async () => !!(await get('meta', 'lid'));
export const triesLeft = async () => TRIES - (await get('meta', 'tries') || 0);

/* 'open', 'wrong' or 'wiped'; `then(raw, lid)` wraps the data key anew, and the lid it gives is kept. */
export async function unlock(pin, then) {
  const lid = await get('meta', 'lid');
  if (!lid) return 'wiped';
  const used = await change('meta', 'tries', (n) => (n || 0) + 1);
  if (used > TRIES) { await wipe(); return 'wiped'; }
  let raw;
  try { raw = await back(await ofPin(pin, lid.salt), lid.box, lid.device, 'pin'); } catch (e) {
    if (used >= TRIES) { await wipe(); return 'wiped'; }
    return 'wrong';
  }
  key = await aes(raw);
  const acts = [['meta', 'tries', 0]];
  if (then) acts.push(['meta', 'lid', await then(raw, lid)]);
  raw.fill(0);
  await write(...acts);
  return 'open';
}

export const again = async (old, pin) => await unlock(old, async (raw, lid) => ({ ...lid, ...await wrapped(pin, raw, lid.device) })) === 'open';

/* The second way: the data key wrapped once more by what a passkey gives for `salt` (passkey.js). The PIN stays. */
async function ofSecret(secret) {
  const raw = await S.importKey('raw', secret, 'HKDF', false, ['deriveKey']);
  return S.deriveKey({ name: 'HKDF', hash: 'SHA-256', salt: new Uint8Array(32), info: enc.encode('minqing passkey 1') }, raw, { name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt']);
}
export const pass = async () => { const lid = await get('meta', 'lid'); return lid && lid.pass || null; };
export const addPass = (pin, { id, salt, secret }) => unlock(pin, async (raw, lid) => ({ ...lid, pass: { id, salt, box: await twice(await ofSecret(secret), raw, lid.device, 'passkey') } }));
export async function dropPass() { const { pass: gone, ...lid } = await get('meta', 'lid'); await write(['meta', 'lid', lid]); }
export async function openBy(secret) {
  const lid = await get('meta', 'lid'), raw = await back(await ofSecret(secret), lid.pass.box, lid.device, 'passkey');
  key = await aes(raw); raw.fill(0);
  await write(['meta', 'tries', 0]);
}

/* Records, drafts and keys go; what is sealed for the server stays until the server has it. */
export async function wipe() {
  key = null;
  await write(...await everything(), ['meta', 'lid'], ['meta', 'tries', 0]);
}
