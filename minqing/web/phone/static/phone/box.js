/* Unsent work for the server's eyes only: it can leave the phone without the PIN, and nobody on the way or on the phone can read it.
   Format: ephemeral public key ‖ nonce ‖ AES-256-GCM; key = HKDF-SHA256(shared secret, salt = ephemeral ‖ server key). Invariant: where the
   browser cannot seal, there is no box — never a clear one. */
import { b64, unb64 } from './vault.js';

const S = crypto.subtle, enc = new TextEncoder(), LIMIT = 300000;

async function seal(key, device, said) {
  const server = unb64(key), alg = server.length === 32 ? { name: 'X25519' } : { name: 'ECDH', namedCurve: 'P-256' };
  const pair = await S.generateKey(alg, true, ['deriveBits']);
  const epk = new Uint8Array(await S.exportKey('raw', pair.publicKey)), theirs = await S.importKey('raw', server, alg, false, []);
  const shared = await S.deriveBits({ name: alg.name, public: theirs }, pair.privateKey, 256);
  const salt = new Uint8Array(epk.length + server.length); salt.set(epk); salt.set(server, epk.length);
  const aes = await S.deriveKey({ name: 'HKDF', hash: 'SHA-256', salt, info: enc.encode('minqing sealed 1') }, await S.importKey('raw', shared, 'HKDF', false, ['deriveKey']), { name: 'AES-GCM', length: 256 }, false, ['encrypt']);
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const text = enc.encode(JSON.stringify({ schema: 1, ...said }));
  const d = new Uint8Array(await S.encrypt({ name: 'AES-GCM', iv, additionalData: enc.encode(device) }, aes, text));
  const out = new Uint8Array(epk.length + 12 + d.length); out.set(epk); out.set(iv, epk.length); out.set(d, epk.length + 12);
  return b64(out);
}
const SILENT = ['access', 'photo.attach'];  // not counted: nobody typed them
async function one(key, device, ops, ahead) {
  return { box: await seal(key, device, { clock: new Date().toISOString(), ahead, ops }), device, n: ops.filter((o) => !SILENT.includes(o.kind)).length };
}

/* Of a photo or a recording only its key is sealed; null where this browser cannot. */
export async function fileBox(key, device, m) {
  try { return { box: await seal(key, device, { blob: m.id, key: m.own, size: m.size, sha256: m.sha256, type: m.type }), device, ...m.cipher }; } catch (e) { return null; }
}

/* Boxes of all ops, each below the server's limit. `ahead`: seconds by which this clock runs before the server's. */
export async function boxes(key, device, ops, ahead) {
  const parts = [];
  let part = [], size = 0;
  for (const op of ops) {
    const n = JSON.stringify(op).length * 3;
    if (part.length && size + n > LIMIT) { parts.push(part); part = []; size = 0; }
    part.push(op); size += n;
  }
  if (part.length) parts.push(part);
  try { return await Promise.all(parts.map((p) => one(key, device, p, ahead))); } catch (e) { return []; }
}
