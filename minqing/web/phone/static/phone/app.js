/* Start, lock, pages. Invariants: one window holds the phone's store at a time; it locks after five minutes without a touch or one minute
   out of sight, half an hour while a visit is open (whose draft is on disk anyway); a new version takes over only at the lock. */
import { S, load, forget, watch, expired, save } from './store.js';
import { h, ic, t, toast, day } from './dom.js';
import * as vault from './vault.js';
import { get, write } from './base.js';
import { net, sync, hello, sendSealed, sealedCount } from './sync.js';
import * as screens from './screens.js';
import { tonight } from './evening.js';

const root = document.getElementById('app'), IDLE = 5 * 60e3, HIDDEN = 60e3, VISIT = 30 * 60e3, EVERY = 60e3;
const MAX_AT = 200;
let here = null, trail = [], touched = Date.now(), away = 0, registration = null, leaving = false;

/* --- pages --- */
/* A page whose module comes when it is first opened; the worker holds it, so without a network as well. */
const later = (load, name) => (...given) => load().then((m) => m[name](...given), () => { toast(t('这一页还没取到，连上网再开一次')); return null; });
const visiting = () => import('./visit.js'), taking = () => import('./matter.js'), moving = () => import('./transfer.js'), evening = () => import('./round.js');
const PAGES = { list: screens.list, find: screens.search, matters: screens.matters, outbox: screens.outbox, file: screens.file, visit: async (id, entry) => later(visiting, 'visit')(id, entry, tonight(id) ? await evening().then((m) => m.result, () => null) : null), matter: later(taking, 'matter'), words: later(taking, 'words'), attach: later(taking, 'attach'), transfer: later(moving, 'transfer'), round: later(evening, 'round'), stop: later(evening, 'stop'), me: () => screens.me({ lock: () => shut(), pin: newPin, wipe: leave, pass: () => (passOn || (passAble && !S.noPass) ? turnPass : null), passOn: () => passOn }) };
const TABS = new Set(['list', 'find', 'matters', 'outbox', 'me']), FILES = new Set(['list', 'find', 'matters', 'file', 'visit', 'words', 'attach', 'transfer', 'round', 'stop']), holds = (name, arg) => FILES.has(name) || (name === 'matter' && !!arg);

/* The browser writes titles into its history, in clear: they name no one. */
const TITLE = { list: '走访', find: '找户', matters: '事项', outbox: '待传', file: '户情单', visit: '记走访', matter: '记一件事', words: '上门提示', attach: '添照片或录音', transfer: '转移', round: '夜访', stop: '夜访', me: '我的' };

function draw(page) {
  if (here && here.leave) here.leave();
  here = page;
  screens.setHere(page);
  root.replaceChildren(page.el, ...(page.bar || !page.tab ? [] : [screens.tabs(page.tab)]));
  document.body.classList.toggle('with-bar', !!page.bar);
  const title = page.el.querySelector('h1');
  document.title = (TITLE[page.name] ? t(TITLE[page.name]) + ' · ' : '') + t('连心民情');
  (page.focus || title || document.body).focus({ preventScroll: true });
}
export function go(name, arg, extra) { trail.push([here && here.name, here && here.arg, window.scrollY]); if (trail.length > MAX_AT) trail.shift(); history.pushState({ name, arg: typeof arg === 'string' ? arg : '' }, '', document.body.dataset.page); show(name, arg, extra); window.scrollTo(0, 0); }
export function back() { history.back(); }
async function show(name, arg, extra) {
  if (!vault.open()) return;
  if (expired() && holds(name, arg)) { draw({ ...stale(), name, arg }); return; }
  let page = (PAGES[name] || PAGES.list)(arg, extra);
  if (page && page.then) { page = await page; if (!vault.open()) return; }
  page = page || PAGES.list();
  draw(Object.assign(page, { name, arg }));
}
window.addEventListener('popstate', (e) => { const s = e.state || { name: 'list' }, last = trail.pop(); if (vault.open()) { show(s.name || 'list', s.arg); if (last) window.scrollTo(0, last[2] || 0); } });
watch(() => {
  if (net.state === 'lost' && here) { setup(t('已清空。')); return; }  // the files are gone from the disk: from the screen as well
  if (!vault.open() || !here) return;
  if (here.visit) return;
  if (expired() !== !!here.stale && holds(here.name, here.arg)) { show(here.name, here.arg); return; }
  const at = document.activeElement && document.activeElement.id, y = window.scrollY;
  if (here.update && !(at && at.startsWith('say-'))) {
    here.update();
    if (at === 'q' && document.getElementById('q')) document.getElementById('q').focus();
    window.scrollTo(0, y);
  }
  const bar = root.querySelector('.p-tab');
  if (bar && here.tab) bar.replaceWith(screens.tabs(here.tab));
});

function stale() {
  return { tab: 'list', stale: true, el: h('main', null, h('header', { class: 'p-bar' }, h('div', { class: 'p-top' }, h('div', null, h('h1', { tabindex: '-1' }, t('档案锁上了'))), screens.pill())),
    h('div', { class: 'p-note' }, ic('lock'), h('div', null, t('这部手机到 {d} 没有再连上服务器，按规定档案锁上。没传的都还在；有网后登录、同步一次就打开。', { d: day(S.lease) }))), h('div', { class: 'sec' }, h('button', { type: 'button', class: 'big pri', onclick: sync }, ic('refresh'), t('现在同步'))), screens.notice()) };
}

/* --- lock --- */
const lockPage = (...kids) => { document.body.classList.remove('with-bar'); here = null; document.getElementById('toast').replaceChildren(); root.replaceChildren(h('main', { class: 'lock' }, h('span', { class: 'seal big', 'aria-hidden': 'true' }, '民'), ...kids)); document.title = t('连心民情'); const first = root.querySelector('input,h1'); if (first) first.focus(); };
const pinField = (id, label, extra) => [h('label', { for: id }, label), h('input', { id, type: 'password', inputmode: 'numeric', autocomplete: 'off', required: true, ...extra })];

let shutting = false;
async function shut() {
  if (shutting) return;
  shutting = true;
  if (here && here.leave) await Promise.race([here.leave(), new Promise((ok) => setTimeout(ok, 1500))]);  // a sentence being spoken is kept
  shutting = false; vault.lock(); forget(); trail = [];
  if (waitingWorker()) takeOver(); else locked();
}

async function locked(said = '') {
  const left = await vault.triesLeft(), { n, files } = await sealedCount(), second = await vault.pass(), er = h('p', { class: 'er', role: 'alert' }, said), pin = pinField('pin', t('口令'));
  const form = h('form', { onsubmit: async (e) => {
    e.preventDefault();
    const field = document.getElementById('pin'), button = form.querySelector('button');
    button.disabled = true;
    const result = await vault.unlock(field.value);
    if (result === 'open') { await opened(); return; }
    if (result === 'wiped') { emptied(); return; }
    locked(t('口令不对，还能试 {n} 次；试完档案从手机上清空，没传的不会丢。', { n: await vault.triesLeft() }));
  } }, ...pin, er, h('button', { class: 'big pri' }, t('打开')));
  lockPage(h('h1', { tabindex: '-1' }, t('连心民情')), left < vault.TRIES && !said ? h('p', null, t('还能试 {n} 次', { n: left })) : '', form,
    second ? h('button', { type: 'button', class: 'big', onclick: async (e) => { e.target.disabled = true; try { const { secret } = await import('./passkey.js'); await vault.openBy(await secret(second)); } catch (x) { locked(t('没有打开，请输口令。')); return; } await opened(); } }, ic('fingerprint'), t('用指纹或面容打开')) : '',
    n || files ? h('button', { type: 'button', class: 'big', onclick: async (e) => { e.target.disabled = true; try { const sent = await sendSealed(true); locked(sent.n || sent.files ? t('{what}已封好传给服务器，登录后请确认。', { what: lying(sent) }) : t('服务器没有收下，还在手机里，登录后再送。')); } catch (x) { locked(t('现在没有网，没传出去，还在手机里。')); } } }, ic('cloud-upload'), t('不解锁，先传出 {what}', { what: lying({ n, files }) })) : '');
}
const lying = ({ n, files }) => [n ? t('{n} 条', { n }) : '', files ? t('附件 {n} 个', { n: files }) : ''].filter(Boolean).join(t('、'));
/* The tenth wrong try: what is sealed goes at once where there is a network. */
function emptied() { setup(t('输错 10 次，手机里的档案已清空。没传的封存着，有网会自动传给服务器。')); orphans(); }

async function opened() {
  try { await load(); } catch (e) { vault.lock(); forget(); locked(t('手机里的存储读不出来，请关掉别的程序再试；没传的还在。')); return; }
  await enter();
}
async function enter() {
  passOn = !!await vault.pass();
  import('./passkey.js').then((p) => p.able()).then((yes) => { passAble = yes; if (here && here.name === 'me') here.update(); }, () => {});
  touched = Date.now();
  await save();  // the latest moment seen is on disk: a clock set back afterwards opens nothing
  const s = history.state;
  show(s && PAGES[s.name] ? s.name : 'list', s ? s.arg : undefined);
  sync();
}

/* --- first time --- */
async function setup(said = '') {
  vault.lock(); forget();
  lockPage(h('h1', { tabindex: '-1' }, t('连心民情')), h('p', { role: 'status' }, t('正在找服务器')));
  let hi = null;
  try { hi = await hello(); } catch (e) { /* no network */ }
  const note = said ? h('p', { class: 'er', role: 'alert' }, said) : '';
  if (!hi) { lockPage(h('h1', { tabindex: '-1' }, t('连心民情')), note, h('p', null, t('第一次用要连上网，取回您负责的各户；以后没有信号也能用。')), h('button', { type: 'button', class: 'big pri', onclick: () => setup(said) }, t('再试一次'))); return; }
  if (!hi.me) { lockPage(h('h1', { tabindex: '-1' }, t('连心民情')), note, h('p', null, t('请先用工作台的账号登录，再给这部手机设一个口令。')), h('a', { class: 'big pri', href: document.body.dataset.login }, t('去登录'))); return; }
  askPin(hi, said);
}
function askPin(hi, said) {
  const er = h('p', { class: 'er', role: 'alert' }, said);
  const form = h('form', { onsubmit: async (e) => {
    e.preventDefault();
    const a = document.getElementById('pin').value, b = document.getElementById('pin2').value, why = vault.weak(a);
    er.textContent = why === 'short' ? t('口令至少 6 位') : why ? t('太容易猜，请换一个，不要连号或重复') : a !== b ? t('两次不一样，请再输一遍') : '';
    if (er.textContent) { document.getElementById(a !== b && !why ? 'pin2' : 'pin').focus(); return; }
    form.querySelector('button').disabled = true;
    await vault.create(a);
    await load();
    S.me = hi.me;
    await save();
    if (navigator.storage && navigator.storage.persist) navigator.storage.persist().catch(() => {});
    history.replaceState({ name: 'list' }, '', document.body.dataset.page);
    await enter();
  } }, ...pinField('pin', t('手机口令，至少 6 位'), { autocomplete: 'new-password' }), ...pinField('pin2', t('再输一遍'), { autocomplete: 'new-password' }), er, h('button', { class: 'big pri' }, t('设好，取回各户')));
  lockPage(h('h1', { tabindex: '-1' }, t('{name}，您好', { name: hi.me.name })), h('p', null, t('给这部手机设一个口令。它打开手机里的档案；输错 10 次，档案从手机上清空。')), form, h('p', { class: 'small' }, t('口令只在这部手机上，谁也查不到。忘了就清空重来，没传的不会丢。')));
}

function newPin() {
  const er = h('p', { class: 'er', role: 'alert' });
  const form = h('form', { onsubmit: async (e) => {
    e.preventDefault();
    const [old, a, b] = ['old', 'pin', 'pin2'].map((x) => document.getElementById(x).value), why = vault.weak(a);
    er.textContent = why === 'short' ? t('口令至少 6 位') : why ? t('太容易猜，请换一个，不要连号或重复') : a !== b ? t('两次不一样，请再输一遍') : '';
    if (er.textContent) return;
    if (await vault.again(old, a)) { toast(t('口令换好了')); show('me'); return; }
    if (!await vault.exists()) { emptied(); return; }
    er.textContent = t('原来的口令不对，还能试 {n} 次', { n: await vault.triesLeft() });
  } }, ...pinField('old', t('原来的口令')), ...pinField('pin', t('手机口令，至少 6 位')), ...pinField('pin2', t('再输一遍')), er, h('button', { class: 'big pri' }, t('换口令')), h('button', { type: 'button', class: 'big', onclick: () => show('me') }, t('不换了')));
  lockPage(h('h1', { tabindex: '-1' }, t('换口令')), form);
}

/* The second way in: asked for the PIN first, for only that opens the data key. */
let passOn = false, passAble = false;
async function turnPass() {
  if (passOn) { await vault.dropPass(); passOn = false; toast(t('已取消，只用口令打开')); show('me'); return; }
  const er = h('p', { class: 'er', role: 'alert' });
  const form = h('form', { onsubmit: async (e) => {
    e.preventDefault();
    const button = form.querySelector('button');
    button.disabled = true; er.textContent = '';
    const pin = document.getElementById('pin').value, tried = await vault.unlock(pin);
    let made = null, why = tried === 'open' ? t('没有设成，口令照样能用。') : t('口令不对，还能试 {n} 次；试完档案从手机上清空，没传的不会丢。', { n: await vault.triesLeft() });
    if (tried === 'wiped') { emptied(); return; }
    if (tried === 'open') try { const p = await import('./passkey.js'); made = await p.enrol(t('连心民情')); if (!made) { why = t('这部手机的指纹或面容给不出打开档案的钥匙，请继续用口令。'); S.noPass = true; await save(); } } catch (x) { /* said no, or nothing there */ }
    if (made) {
      await vault.addPass(pin, made);
      made.secret.fill(0); passOn = true;
      toast(t('设好了，下次可用指纹或面容打开'));
      show('me');
      return;
    }
    er.textContent = why; button.disabled = false;
  } }, ...pinField('pin', t('先输一次口令')), er, h('button', { class: 'big pri' }, t('用指纹或面容打开')), h('button', { type: 'button', class: 'big', onclick: () => show('me') }, t('不设了')));
  lockPage(h('h1', { tabindex: '-1' }, t('也用指纹或面容打开')), form, h('p', { class: 'small' }, t('只打开这部手机，不登录服务器；谁能解开这部手机的锁屏，谁就能打开档案。')));
}

async function leave() {
  await sync();
  const n = screens.unsent().length + screens.waitingMedia();
  if (n) { toast(t('还有 {n} 条没传到服务器，先不清空。连上网再试。', { n })); return; }
  if (screens.forms() && !confirm(t('有 {n} 件没记完，清空就没有了。仍要清空？', { n: screens.forms() }))) return;
  await vault.wipe(); forget();
  setup(t('已清空。'));
}

/* --- versions --- */
export const waitingWorker = () => !!(registration && registration.waiting);
export function takeOver() { vault.lock(); forget(); leaving = true; if (waitingWorker()) registration.waiting.postMessage('take-over'); else location.reload(); }
export async function refreshNow() { if (registration) await registration.update().catch(() => {}); setTimeout(takeOver, 1500); }
async function versions() {
  try {
    registration = await navigator.serviceWorker.register(document.body.dataset.worker, { scope: document.body.dataset.page });
    const had = !!navigator.serviceWorker.controller;
    let gone = false;
    navigator.serviceWorker.addEventListener('controllerchange', () => { if ((had || leaving) && !gone && !vault.open()) { gone = true; location.reload(); } });
    registration.addEventListener('updatefound', () => { const w = registration.installing; w.addEventListener('statechange', () => { if (w.state !== 'installed' || !navigator.serviceWorker.controller) return; if (vault.open()) watchNow(); else if (mine) takeOver(); }); });
    if (had && registration.waiting && !vault.open() && mine) takeOver();
  } catch (e) { /* works from the network until the next start */ }
}

/* --- one window --- */
let mine = false;  // a window beside the one in use changes no program under its feet
function only(then) {
  if (!navigator.locks) { mine = true; then(); return; }
  const hold = (options) => navigator.locks.request('minqing-phone', options, (l) => { if (!l) { elsewhere(); return undefined; } mine = true; then(); return new Promise(() => {}); }).catch(() => { mine = false; vault.lock(); forget(); elsewhere(); });
  const elsewhere = () => lockPage(h('h1', { tabindex: '-1' }, t('已在另一个窗口打开')), h('p', null, t('为了不弄乱没传的，一次只用一个窗口。')), h('button', { type: 'button', class: 'big pri', onclick: () => hold({ steal: true }) }, t('改在这里用')));
  hold({ ifAvailable: true });
}

/* --- time --- */
for (const kind of ['pointerdown', 'keydown', 'input']) document.addEventListener(kind, () => { touched = Date.now(); }, { passive: true });
const tooLong = () => { const limit = here && here.visit ? VISIT : IDLE; return vault.open() && (Date.now() - touched > limit || (away && !(here && here.visit) && Date.now() - away > HIDDEN)); };
document.addEventListener('visibilitychange', () => { if (document.hidden) away = Date.now(); else { if (tooLong()) shut(); else if (vault.open()) sync(); away = 0; } });
setInterval(() => { if (tooLong()) shut(); }, 5000);
setInterval(() => { if (document.hidden) return; if (vault.open()) sync(); else orphans(); }, EVERY);
window.addEventListener('online', () => { if (vault.open()) sync(); else orphans(); });
window.addEventListener('offline', () => { if (vault.open() && !net.busy) { net.state = 'off'; watchNow(); } });
const watchNow = () => { if (here && here.update && !here.visit) here.update(); };
/* What an emptied vault left sealed goes to the server by itself. */
async function orphans() { const lid = await get('meta', 'lid'); try { await sendSealed(false, lid ? lid.id : ''); } catch (e) { /* next time */ } }
setInterval(() => { if (registration && !document.hidden) registration.update().catch(() => {}); }, 30 * 60e3);

async function start() {
  if (document.documentElement.hasAttribute('data-cannot')) return;
  versions();
  only(async () => {
    try { await write(['meta', 'probe', 1]); } catch (e) { document.getElementById('cannot').hidden = false; return; }
    orphans();
    if (await vault.exists()) locked(); else setup();
  });
}
start();
