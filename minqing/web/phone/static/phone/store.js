/* Everything the phone holds, in memory while it is open and encrypted on disk. Invariants: what was typed is on disk before a screen says
   so; an operation leaves the outbox only in the same transaction that remembers the server's answer; the sealed copies of the unsent
   work are rewritten with it. */
import { get, all, write } from './base.js';
import { seal, unseal, sealBytes, unsealBytes, uuid, open } from './vault.js';
import { boxes, fileBox } from './box.js';
import { now } from './dom.js';

const EMPTY = { me: null, device: '', registered: false, cursor: null, lease: '', areas: [], due: {}, asks: [], waiting: [], boxes: [], got: [], seen: {}, done: {}, synced: '', offset: 0, latest: 0, sealKey: '', full: false, send: '', broken: 0, noPass: false, cut: false };
const maps = () => ({ rows: new Map(), out: [], drafts: new Map(), media: new Map() });
export const S = { ...EMPTY, ...maps() };
const STATE = Object.keys(EMPTY);
const GOT = 60, AGAIN = 30 * 60e3;
let tail = Promise.resolve(), watchers = [];

export const watch = (f) => { watchers.push(f); };
export const changed = () => { for (const f of watchers) f(); };
/* One writer at a time: two writes of the state never cross. */
const serial = (f) => { const run = tail.then(f); tail = run.catch(() => {}); return run; };
const state = async () => ['meta', 'state', await seal('meta', 'state', Object.fromEntries(STATE.map((k) => [k, S[k]])))];

export function forget() { Object.assign(S, JSON.parse(JSON.stringify(EMPTY)), maps()); }

export async function load() {
  forget();
  const box = await get('meta', 'state');
  // a state that does not open costs a new registration and a whole pull, nothing else
  if (box) Object.assign(S, await unseal('meta', 'state', box).catch(() => ({})));
  if (!S.device) S.device = uuid();
  const bad = [], read = async (store, put) => { await Promise.all((await all(store)).map(async ([id, b]) => { try { put(id, await unseal(store, id, b)); } catch (e) { bad.push([store, id]); } })); };
  const files = new Map(await all('files'));
  await Promise.all([read('rows', (id, v) => S.rows.set(id, v)), read('out', (id, v) => S.out.push(v)), read('drafts', (id, v) => S.drafts.set(id, v)), read('media', (id, v) => S.media.set(id, v))]);
  S.out.sort((a, b) => a.seq - b.seq);
  await setAside(bad, files);
  // of a version before this one; one after the other: a cheap phone has little memory
  const old = [...S.media.values()].filter((x) => !x.own);
  for (const m of old) try { await keepMedia(m, await bytesOf(m.id)); } catch (e) { /* said when it is sent */ }
  if (old.length) await serial(async () => write(...await sealed(S.out), await state()));
  changed();
}
/* Records that do not open: a household is fetched anew (the digest tells); of unsent work and photos the sealed copy goes to the server instead. */
async function setAside(bad, files) {
  if (!bad.length) return;
  const acts = bad.flatMap(([store, id]) => (store === 'media' ? [['media', id], files.has(id) ? ['files', id, { ...files.get(id), of: 'aside' }] : ['bytes', id]] : [[store, id]]));
  if (bad.some(([store]) => store === 'out')) for (const [id, v] of await all('sealed')) acts.push(['sealed', id, { ...v, of: 'aside' }]);
  S.broken += bad.filter(([store]) => store !== 'rows').length;
  await write(...acts, await state());
  // what attaches a photo is made anew of the photo's own line
  const again = [...S.media.values()].filter((m) => m.op && bad.some(([store, id]) => store === 'out' && id === m.op));
  if (again.length) await queue(again.map(attachOp), null);
}

/* The clock may be set back: the latest moment ever seen counts for the lease. */
export const expired = () => !!S.lease && Math.max(Date.now(), S.latest) + S.offset > Date.parse(S.lease);

export const save = (...acts) => serial(async () => { S.latest = Math.max(S.latest, Date.now()); await write(...acts, await state()); });

async function sealed(out) {
  const lid = await get('meta', 'lid'), [fresh, there] = await files(out, lid), mine = (await all('sealed')).filter(([, v]) => v.of === lid.id).map(([k]) => ['sealed', k]);
  // what attaches a photo goes into the box when the photo can follow it
  const made = S.sealKey ? await boxes(S.sealKey, S.device, out.filter((e) => !e.refused && (e.op.kind !== 'photo.attach' || there.has(e.op.data.blob))).map((e) => e.op), Math.round(-S.offset / 1000)) : [];
  return [...mine, ...fresh, ...made.map((b) => ['sealed', uuid(), { ...b, of: lid.id }])];
}
/* Whatever is on its way and does not lie sealed yet: its key is sealed once. The acts, and the ids of all that do. */
async function files(out, lid) {
  const there = new Set((await all('files')).map(([id]) => id)), attach = out.filter((e) => e.op.kind === 'photo.attach'), bad = attach.filter((e) => e.refused).map((e) => e.op.data.blob), acts = [];
  for (const id of new Set([...attach.map((e) => e.op.data.blob), ...onWay().map((m) => m.id)])) {
    const m = S.media.get(id);
    if (there.has(id) || bad.includes(id) || !m || !m.own || !S.sealKey) continue;
    const box = await fileBox(S.sealKey, S.device, m);
    if (box) { there.add(id); acts.push(['files', id, { ...box, of: lid.id }]); }
  }
  return [acts, there];
}

/* Put operations into the outbox; `also` are acts that stand or fall with it (a draft that ends). An operation may bring its own `about`. */
export const queue = (ops, common, ...also) => serial(async () => {
  const made = ops.map(({ about = common, ...op }, i) => ({ seq: Date.now() * 100 + i + (S.out.length ? Math.max(0, S.out[S.out.length - 1].seq - Date.now() * 100 + 1) : 0), about, op: { id: uuid(), at: now(), needs: [], ...op } }));
  const out = [...S.out, ...made];
  const acts = await Promise.all(made.map(async (e) => ['out', e.op.id, await seal('out', e.op.id, e)]));
  await write(...acts, ...also, ...await sealed(out), await state());
  S.out = out;
  changed();
  return made;
});

/* What became of operations: [[entry, result or null]] — null takes one back that was not sent. */
export const settle = (answers) => serial(async () => {
  const acts = [], gone = new Set(), keep = new Map();
  for (const [e, r] of answers) {
    if (r && r.s === 'error') continue;
    if (r && r.s === 'refused') { const kept = { ...e, refused: r.msg || '…', code: r.code || '' }; keep.set(e.op.id, kept); acts.push(['out', e.op.id, await seal('out', e.op.id, kept)], ...(e.op.kind === 'photo.attach' ? [['files', e.op.data.blob]] : [])); continue; }
    gone.add(e.op.id); acts.push(['out', e.op.id]);
    if (e.op.kind === 'photo.attach' && (!r || r.s === 'applied')) { acts.push(...lost(e.op.data.blob)); continue; }
    if (r && e.about && !e.about.part) S.got = [{ id: e.op.id, about: e.about, at: now(), s: r.s, msg: r.msg || '', ref: r.ref || null }, ...S.got].slice(0, GOT);
  }
  const out = S.out.filter((e) => !gone.has(e.op.id)).map((e) => keep.get(e.op.id) || e);
  await write(...acts, ...await sealed(out), await state());
  S.out = out;
  changed();
});

/* Rows of a pull: all of them and the cursor in one transaction. */
export const take = (answer, dropped = []) => serial(async () => {
  const rows = answer.rows || [], acts = answer.full ? [['rows']] : dropped.map((id) => ['rows', id]);
  for (const r of rows) acts.push(['rows', r.id, await seal('rows', r.id, r)]);
  const before = Object.fromEntries(['cursor', 'lease', 'due', 'areas', 'asks', 'waiting'].map((k) => [k, S[k]]));
  for (const k of ['cursor', 'lease', 'due', 'areas']) if (answer[k] !== undefined) S[k] = answer[k];
  S.asks = answer.asks || []; S.waiting = answer.waiting || []; S.cut = !!answer.more;  // whole lists; absent is empty
  S.latest = Math.max(S.latest, Date.now());
  try { await write(...acts, await state()); } catch (e) { Object.assign(S, before); throw e; }  // a cursor without its rows would pass them over
  if (!open()) return;  // locked meanwhile: it is on disk, and not in memory
  if (answer.full) S.rows.clear();
  for (const id of dropped) S.rows.delete(id);
  for (const r of rows) S.rows.set(r.id, r);
});

export const dropRows = () => serial(async () => { S.cursor = null; S.due = {}; await write(['rows'], await state()); S.rows.clear(); changed(); });

/* --- photos and recordings: a line of each in memory, its bytes only on disk. `of` = the draft it belongs to, later `op` = what attaches it. --- */
export const mediaOf = (of) => [...S.media.values()].filter((m) => m.of === of).sort((a, b) => a.seq - b.seq);
/* On their way, in words "照片 2 张": whatever has left its form. */
export const onWay = () => [...S.media.values()].filter((m) => m.op && !m.refused);
const kept = async (m) => ['media', m.id, await seal('media', m.id, m)];
export const keepMedia = (m, bytes) => serial(async () => {
  const acts = m.refused ? [['files', m.id]] : [];  // what the server does not take is this phone's alone
  if (bytes) {
    const { own, box } = await sealBytes(m.id, bytes), whole = fileBytes(box);
    m = { ...m, own, cipher: { size: whole.length, sha256: hex(await crypto.subtle.digest('SHA-256', whole)) } };
    acts.push(['bytes', m.id, box]);
  }
  await write(await kept(m), ...acts); S.media.set(m.id, m); changed();
});
export const hex = (b) => [...new Uint8Array(b)].map((x) => x.toString(16).padStart(2, '0')).join('');
/* What goes to the server of a sealed file: nonce, then the ciphertext as it lies here. */
export const fileBytes = (box) => { const whole = new Uint8Array(12 + box.d.length); whole.set(box.iv); whole.set(box.d, 12); return whole; };
export const bytesOf = async (id) => unsealBytes(id, await get('bytes', id), (S.media.get(id) || {}).own);
const lost = (id) => { S.media.delete(id); return [['media', id], ['bytes', id], ['files', id]]; };
export const dropMedia = (ids) => serial(async () => { await write(...ids.flatMap(lost)); changed(); });
/* The same whenever it is made: a sealed copy may be on its way. */
const attachOp = (m) => ({ id: m.op, at: m.at, kind: 'photo.attach', target: m.parent, base: 0, needs: m.needs, data: { blob: m.id, name: m.name }, about: { part: true, of: m.parent } });
/* What a form leaves: the operations that attach its photos to what `parent` opens, the acts that say so on disk, and `done` for afterwards. */
export async function attaching(of, parent, needs = [parent]) {
  const ops = [], acts = [], moved = [];
  for (const m of mediaOf(of)) {
    const op = uuid(), now_ = { ...m, of: '', op, parent, needs };
    ops.push(attachOp(now_));
    acts.push(await kept(now_)); moved.push(now_);
  }
  return { ops, acts, done: () => { for (const m of moved) S.media.set(m.id, m); if (moved.length) changed(); } };
}
/* Back into a form: what was on its way with an operation that was refused. */
export const takeBack = (parent, of) => serial(async () => {
  const acts = [], gone = [];
  for (const m of [...S.media.values()].filter((x) => x.parent === parent && x.op)) {
    gone.push(m.op); acts.push(['out', m.op], ['files', m.id]);
    const again = { ...m, of, op: '', parent: '', refused: '', sent: false };
    acts.push(await kept(again)); S.media.set(m.id, again);
  }
  S.out = S.out.filter((e) => !gone.includes(e.op.id));
  await write(...acts);
  return gone;
});

/* A draft: the newest text wins, every keystroke is on its way to the disk when the next one comes. */
const pending = new Map();
export async function draft(id, value) {
  S.drafts.set(id, value);
  const waiting = pending.get(id);
  if (waiting) { waiting.again = true; return waiting.done; }
  const job = { again: true };
  pending.set(id, job);
  job.done = (async () => {
    try {
      while (job.again && open()) {
        job.again = false;
        const last = S.drafts.get(id);
        if (last) await write(['drafts', id, await seal('drafts', id, last)]);
      }
    } finally { pending.delete(id); }  // after a write that failed, the next keystroke tries again
  })();
  return job.done;
}
export async function ended(id) {
  S.drafts.delete(id);
  const job = pending.get(id);
  if (job) await job.done.catch(() => {});  // the transaction that ends it counts
  return ['drafts', id];
}
export async function dropDraft(id) { await write(await ended(id)); }

/* The file as it is after what lies in the outbox. */
export function household(id) {
  const row = S.rows.get(id);
  if (!row) return null;
  let d = row.data;
  for (const { op, refused } of S.out) {
    if (refused || op.target !== id) continue;
    if (op.kind === 'household.words') d = { ...d, ...Object.fromEntries(Object.entries(op.data.fields).map(([k, v]) => [k, v.to])) };
    if (op.kind === 'visit.record') for (const c of op.data.corrections || []) if (!c.person) d = { ...d, [c.field]: c.value };
  }
  return { id, ...d };
}

/* An opening is told to the server as on the desk: once in half an hour for a household. */
export async function opened(id) {
  if (Date.now() - (S.seen[id] || 0) < AGAIN) return;
  for (const k of Object.keys(S.seen)) if (Date.now() - S.seen[k] > AGAIN) delete S.seen[k];
  S.seen[id] = Date.now();
  await queue([{ kind: 'access', target: id, base: 0, data: {} }], null);
}
