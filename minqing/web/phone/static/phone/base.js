/* IndexedDB with promises. Invariant: what must stand or fall together is written in one transaction, and a promise of `write`
   is kept only when the disk has it (durability strict where the browser knows the word). */
const NAME = 'minqing-phone', VERSION = 3;
export const STORES = ['meta', 'rows', 'out', 'drafts', 'sealed', 'media', 'bytes', 'files'];
let opened = null;

const request = (r) => new Promise((ok, no) => { r.onsuccess = () => ok(r.result); r.onerror = () => no(r.error); });

export function base() {
  if (!opened) {
    opened = new Promise((ok, no) => {
      const r = indexedDB.open(NAME, VERSION);
      r.onupgradeneeded = () => { for (const s of STORES) if (!r.result.objectStoreNames.contains(s)) r.result.createObjectStore(s); };
      r.onsuccess = () => {
        r.result.onversionchange = () => { r.result.close(); opened = null; };
        r.result.onclose = () => { opened = null; };
        ok(r.result);
      };
      r.onerror = () => { opened = null; no(r.error); };
    });
  }
  return opened;
}

export async function get(store, key) { return request((await base()).transaction(store).objectStore(store).get(key)); }
export async function keys(store) { return request((await base()).transaction(store).objectStore(store).getAllKeys()); }
export async function all(store) {
  const s = (await base()).transaction(store).objectStore(store);
  const [k, v] = await Promise.all([request(s.getAllKeys()), request(s.getAll())]);
  return k.map((key, i) => [key, v[i]]);
}

/* acts: [store, key, value] puts, [store, key] deletes, [store] empties; all of them or none. */
export async function write(...acts) {
  if (!acts.length) return;
  const db = await base(), names = [...new Set(acts.map((a) => a[0]))];
  let tx;
  try { tx = db.transaction(names, 'readwrite', { durability: 'strict' }); } catch (e) { tx = db.transaction(names, 'readwrite'); }
  const done = new Promise((ok, no) => { tx.oncomplete = ok; tx.onabort = () => no(tx.error); tx.onerror = () => no(tx.error); });
  for (const [store, key, value] of acts) {
    const s = tx.objectStore(store);
    if (key === undefined) s.clear(); else if (value === undefined) s.delete(key); else s.put(value, key);
  }
  await done;
}

/* Read and write in one step: nobody else's write comes between. change(old) gives the new value. */
export async function change(store, key, f) {
  const tx = (await base()).transaction(store, 'readwrite'), s = tx.objectStore(store);
  const done = new Promise((ok, no) => { tx.oncomplete = ok; tx.onabort = () => no(tx.error); });
  const value = f(await request(s.get(key)));
  s.put(value, key);
  await done;
  return value;
}
