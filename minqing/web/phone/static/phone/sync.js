/* The phone and the server (minqing/sync/README.md). Invariants: one round at a time; first what was typed goes up, then what changed comes
   down; whatever breaks off in the middle is tried again and applied once, because ids are made here. */
import { S, save, settle, take, dropRows, changed, onWay, bytesOf, keepMedia, dropMedia, hex } from './store.js';
import { wipe, open } from './vault.js';
import { all, get, keys, write } from './base.js';
import { now, t } from './dom.js';

const API = '/phone/api/', SCHEMA = 1, BATCH = 50, WANT = 500, WAIT = 30000, SLOW = 180000;
export const PART = 256 * 1024;
/* Answers by which a scope has become none for a phone: what it held goes. */
const GONE = ['too_wide', 'too_many'];
let running = null, more = false;
/* Operations that were on their way: the server may have done them, also where its answer was lost. */
export const sent = new Set();
/* What the last round said: '', 'off', 'login', 'other', 'error', 'revoked', 'lost', 'old'. */
export const net = { state: '', busy: false, msg: '' };

export class Answer extends Error { constructor(status, body) { super(body.msg || body.error || status); this.status = status; this.body = body; } }

export async function call(path, body, csrf) {
  const raw = body instanceof Uint8Array, stop = new AbortController(), timer = setTimeout(() => stop.abort(), raw ? SLOW : WAIT);
  try {
    const r = await fetch(API + path, { method: raw ? 'PUT' : body ? 'POST' : 'GET', cache: 'no-store', credentials: 'same-origin', redirect: 'error', signal: stop.signal,
      headers: body ? { 'Content-Type': raw ? 'application/octet-stream' : 'application/json', ...(csrf ? { 'X-CSRFToken': csrf } : {}) } : {}, body: raw ? body : body ? JSON.stringify(body) : undefined });
    const data = await r.json().catch(() => ({}));
    if (!r.ok) throw new Answer(r.status, data);
    return data;
  } finally { clearTimeout(timer); }
}

export const hello = () => call('hello');

async function digest() {
  const lines = [...S.rows.values()].map((r) => r.id + ':' + r.rev).sort(), hash = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(lines.join('\n')));
  return hex(hash).slice(0, 32);
}

async function push(csrf) {
  const tried = new Set();
  for (;;) {
    const batch = S.out.filter((e) => !e.refused && !tried.has(e.op.id)).slice(0, BATCH);
    if (!batch.length) return;
    batch.forEach((e) => { tried.add(e.op.id); sent.add(e.op.id); });
    const { results } = await call('push', { device: S.device, schema: SCHEMA, clock: now(), ops: batch.map((e) => e.op) }, csrf);
    const by = new Map(results.map((r) => [r.id, r]));
    await settle(batch.filter((e) => by.has(e.op.id)).map((e) => [e, by.get(e.op.id)]));
  }
}

async function obey(word) {
  if (word === 'lost') { await sendBoxes(true); await wipe(); sendFiles().catch(() => {}); net.state = 'lost'; return true; }
  if (word === 'revoked') { await dropRows(); net.state = 'revoked'; return true; }
  return false;
}

async function pull(csrf) {
  const ask = async (more) => call('pull', { device: S.device, schema: SCHEMA, cursor: S.cursor, digest: await digest(), ids: false, ...more }, csrf);
  let a = await ask({});
  if (await obey(a.wipe)) return;
  await take(a);
  for (let i = 0; i < 12 && await digest() !== a.digest; i++) {
    const held = await ask({ ids: true });
    if (await obey(held.wipe)) return;
    if (!held.ids) { await take(held); a = held; continue; }
    const gone = [...S.rows.keys()].filter((id) => !(id in held.ids));
    await take(held, gone);
    const want = Object.keys(held.ids).filter((id) => !S.rows.has(id) || S.rows.get(id).rev !== held.ids[id]).slice(0, WANT);
    a = held;
    if (want.length) { a = await ask({ want }); if (await obey(a.wipe)) return; await take(a); }
  }
}

/* Photos and recordings: after the operation they belong to, part by part; one that breaks off goes on where it was. */
const link = () => navigator.connection && navigator.connection.type;
export const sends = () => S.send || (link() ? 'wifi' : 'always');
const allowed = () => sends() === 'always' || (sends() === 'wifi' && /wifi|ethernet/.test(link())) || pressed;
let pressed = false;
export const sendMedia = () => { pressed = true; return sync(); };
/* Held back by the setting, not by the network. */
export const held = () => !allowed() && onWay().some((m) => !m.sent);

/* As it is now: while its parts went up somebody may have taken it back, or put it aside. */
const still = (m) => { const now_ = S.media.get(m.id); return now_ && now_.op === m.op ? now_ : null; };
const noted = async (m, more) => { if (open() && still(m)) await keepMedia({ ...still(m), ...more }); };
async function upload(csrf) {
  let any = false, fault = null;
  for (const m of onWay()) {
    if (!open()) return false;
    if (!still(m) || m.sent || S.out.some((e) => e.op.id === m.op || e.op.id === m.parent)) continue;
    let bytes;
    try { bytes = await bytesOf(m.id); } catch (e) { await noted(m, { refused: t('这一个在手机里坏了，传不了。') }); continue; }
    try {
      const { have, parts } = await call('blobs', { id: m.id, size: m.size, sha256: m.sha256, type: m.type }, csrf);
      let whole = have.length === parts;
      for (let no = 0; no < parts && !whole; no++) {
        if (more || !open()) return any;  // what is typed goes first
        if (!still(m)) break;
        if (have.includes(no)) continue;
        net.part = [no + 1, parts]; changed();
        whole = (await call('blobs/' + m.id + '/' + no, bytes.slice(no * PART, (no + 1) * PART), csrf)).complete;
      }
      if (whole) { await noted(m, { sent: true }); any = true; }
    } catch (e) {
      if (e instanceof Answer && e.status >= 500 && !fault) { fault = e; continue; }  // one on which the server fails keeps no other back
      if (!(e instanceof Answer) || !e.body.error || e.status === 401 || e.status >= 500) throw e;
      await noted(m, { refused: e.body.msg || '…' });
    }
  }
  if (fault && !any) throw fault;
  pressed = false;
  return any;
}
/* The server has it and has done what it was for: only now it goes from the phone. */
async function received() {
  const named = new Map(S.waiting.map((w) => [w.id, w]));
  if (!S.cut) await dropMedia(onWay().filter((m) => m.sent && !named.has(m.op)).map((m) => m.id));
  for (const m of onWay()) { const w = named.get(m.op); if (w && w.s === 'refused') await keepMedia({ ...m, refused: w.msg || '…' }); }
}

async function round() {
  const hi = await call('hello');
  if (hi.min_schema > SCHEMA) { net.state = 'old'; return; }
  if (!hi.me || (S.me && S.me.id !== hi.me.id)) {  // a lost phone empties itself although its owner is logged in no more
    if (S.registered && await obey((await call('word', { device: S.device })).state)) return;
    net.state = hi.me ? 'other' : 'login'; return;
  }
  S.me = hi.me; S.sealKey = hi.seal_key || ''; S.offset = Date.parse(hi.now) - Date.now();
  if (!S.registered) {
    await save();  // the device's own id is on disk before the server hears it
    await call('devices', { id: S.device, name: phoneName(), public_key: '' }, hi.csrf);
    S.registered = true;
  }
  await push(hi.csrf);
  const lid = await get('meta', 'lid');
  if (lid) await sendBoxes(false, lid.id);
  await pull(hi.csrf);
  if (net.state === 'lost' || net.state === 'revoked') return;
  await received();
  if (allowed() && await upload(hi.csrf)) {
    await pull(hi.csrf);
    if (net.state === 'lost' || net.state === 'revoked') return;
    await received();
  }
  if (lid && await sendFiles(lid.id)) await pull(hi.csrf);
  S.boxes = S.waiting.some((w) => w.s === 'confirm') ? (await call('sealed/open')).boxes : [];
  S.synced = new Date().toISOString(); S.full = true;
  S.latest = Date.now();  // the server has just said what time it is: a clock that once ran wild no longer counts
  await save();
  net.state = ''; net.msg = '';
}

function phoneName() {
  const m = /\(([^)]*)\)/.exec(navigator.userAgent);
  return (m ? m[1].split(';').slice(-2).join(' ').trim() : 'phone').slice(0, 60);
}

export function sync() {
  if (running) { more = true; return running; }  // what was queued meanwhile goes in a round of its own
  net.busy = true; changed();
  running = (async () => {
    const before = net.state;
    net.state = '';
    try { await round(); } catch (e) {
      if (e instanceof Answer) { net.state = e.status === 401 ? 'login' : e.body.error === 'device_of_other' ? 'other' : 'error'; net.msg = e.body.msg || ''; if (GONE.includes(e.body.error)) await dropRows().catch(() => {}); }
      else net.state = navigator.onLine === false || e.name === 'TypeError' || e.name === 'AbortError' ? 'off' : 'error';
      if (net.state === 'off' && before === 'login') net.state = 'login';
    }
    net.busy = false; net.part = null; running = null; changed();
    if (more && !net.state) { more = false; return sync(); }
    more = false;
    return undefined;
  })();
  return running;
}

/* Sealed work of a vault that is gone, or of all when somebody asks for it: kept by the server first, deleted then. One that the server
   does not take stays and keeps no other back; without a network the rest waits. */
async function sendBoxes(everything, current) {
  let n = 0;
  for (const [id, v] of await all('sealed')) {
    if (!everything && v.of === current) continue;
    try { await call('sealed', { device: v.device, id, box: v.box }); } catch (e) { if (e instanceof Answer && e.status < 500) continue; throw e; }
    await write(['sealed', id]);
    n += v.n;
  }
  return n;
}
export const sendFiles = async (current) => ((await keys('files')).length ? (await import('./files.js')).send(current) : 0);
/* Words first. */
export async function sendSealed(everything, current) { const n = await sendBoxes(everything, current); return { n, files: await sendFiles(everything ? undefined : current) }; }
/* What was written in an operation of mine that the server has and could not do. */
export const written = (id) => call('ops/' + id);
/* What was sent sealed and waits for its author's word. */
export async function confirmBox(id, yes) {
  const hi = await call('hello');
  const { results = [] } = await call('sealed/' + id, { confirm: yes }, hi.csrf);
  S.boxes = S.boxes.filter((b) => b.id !== id);
  await save();
  return results;
}
export async function sealedCount() { return { n: (await all('sealed')).reduce((n, [, v]) => n + v.n, 0), files: (await all('files')).filter(([, v]) => !v.left).length }; }
