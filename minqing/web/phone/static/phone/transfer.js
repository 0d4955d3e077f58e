/* A call to move: whom I fetch first, then everybody of my list; where each of them is. Invariants: a mark is on disk before the screen says so, and
   never rewritten: who pressed wrong presses again; what is in the outbox counts as said, by the time it was said. */
import { S, queue, settle, draft, dropDraft, ended } from './store.js';
import { h, ic, t, toast, clock, now } from './dom.js';
import { index, find } from './find.js';
import { top, notice, empty } from './screens.js';
import { sync, sent, net } from './sync.js';

const SAYS = { waiting: '未到', away: '在外，档案上写的', going: '路上', arrived: '已到', safe: '在外平安', refused: '不肯走', missing: '没找到', home: '已回家' };
/* Who refused or was not found is not there yet. */
const AS = { waiting: 'waiting', refused: 'waiting', missing: 'waiting', going: 'going', arrived: 'arrived', safe: 'safe', away: 'safe', home: 'arrived' };
const VIEWS = [['mine', '我去接的'], ['waiting', '未到'], ['going', '路上'], ['arrived', '已到'], ['safe', '在外'], ['all', '全部']];
const MORE = [['safe', '在外平安'], ['refused', '不肯走'], ['missing', '没找到']];
const TONE = { waiting: 'late', refused: 'late', missing: 'late', going: 'soon' };
const FIRST = ['missing', 'refused', 'waiting', 'away', 'going', 'arrived', 'safe', 'home'];
let view = '', by = 'who', asked = '';

/* What the server said, and after it what was marked here; of two the one that happened later. */
export function state(r) {
  let found = { state: r.data.state, at: r.data.at || '', where: r.data.where || '', kept: false };
  for (const { op, refused } of S.out) {
    if (op.kind !== 'transfer.mark' || op.target !== r.id || refused || (found.at && Date.parse(op.at) < Date.parse(found.at))) continue;
    found = { state: op.data.state, at: op.at, where: op.data.state === 'arrived' ? shelter(r, op.data.shelter) : '', kept: true };
  }
  return found;
}
const call = (r) => { const c = S.rows.get(r.data.call); return c ? c.data : {}; };
const shelter = (r, id) => { const s = (call(r).shelters || []).find((x) => x[0] === id); return s ? s[1] : r.data.to || ''; };

const busy = new Set();
async function mark(r, kind, words, place) {
  if (busy.has(r.id)) return;
  const key = 't:' + r.id, f = S.drafts.get(key);
  let made;
  busy.add(r.id);
  try { made = await queue([{ kind: 'transfer.mark', target: r.id, base: 0, at: now(), data: { state: kind, shelter: place || '', words: words || '' } }], { title: t('转移') + ' ' + r.data.name, sub: t(SAYS[kind]) }, ...(f ? [await ended(key)] : [])); } catch (e) { if (f) S.drafts.set(key, f); toast(t('没存成，请再点一次')); return; } finally { busy.delete(r.id); }
  toast(r.data.name + ' · ' + t(SAYS[kind]) + t('，已存手机'), t('撤回'), async () => { if (S.out.some((e) => e.op.id === made[0].op.id) && !sent.has(made[0].op.id)) await settle([[made[0], null]]); else toast(t('已经传到服务器，请再点一次对的')); });
  sync();
}

function line(r, redraw) {
  const d = r.data, s = state(r), key = 't:' + r.id, open = S.drafts.get(key), places = call(r).shelters || [];
  const keep = (more) => draft(key, { ...(S.drafts.get(key) || {}), ...more }).catch(() => toast(t('没存成，请别离开')));
  const say = h('input', { id: 'say-' + r.id, value: open ? open.words || '' : '', autocomplete: 'off', maxlength: 120, oninput: (e) => keep({ words: e.target.value }) });
  const told = async (kind) => { if (!say.value.trim()) { toast(t('请写一句：在哪里、谁告诉他的、他怎么说')); say.focus(); return; } await mark(r, kind, say.value.trim()); redraw(); };
  const at = (kind, label, cls) => h('button', { type: 'button', class: cls, 'aria-label': d.name + ' ' + label, onclick: async () => { await mark(r, kind, open ? say.value.trim() : '', open ? open.place : ''); redraw(); } }, label);
  return h('li', { class: 'hh' },
    h('div', { class: 'to' }, h('span', { class: 'n' }, d.name, h('small', null, d.door || '')), d.bring ? h('span', { class: 'm' }, h('b', { class: 'soon' }, d.bring)) : '', h('span', { class: 'm' }, h('b', { class: TONE[s.state] || '' }, t(SAYS[s.state])), s.at ? ' ' + clock(s.at) : '', s.kept ? ' · ' + t('已存手机') : '', s.where ? ' · ' + s.where : '', !s.where && d.to ? [' · ', t('送到'), ' ', d.to, d.place ? '（' + d.place + '）' : ''] : '', d.mine ? '' : ' · ' + (d.by || ''), d.vehicle ? ' · ' + d.vehicle : '')),
    open ? h('div', { class: 'say fl' }, h('label', { for: 'say-' + r.id }, t('一句话：在哪里、谁告诉他的、他怎么说')), say,
      h('div', { class: 'three' }, MORE.map(([k, label]) => h('button', { type: 'button', 'aria-label': d.name + ' ' + t(label), onclick: () => told(k) }, t(label)))),
      places.length > 1 ? [h('label', { for: 'to-' + r.id }, t('到了别的避灾点')), h('select', { id: 'to-' + r.id, onchange: (e) => keep({ place: e.target.value }) }, h('option', { value: '' }, d.to || t('还没有定')), places.map(([id, name]) => h('option', { value: id, selected: open.place === id }, name)))] : '',
      h('div', { class: 'three' }, at('arrived', t('已到'), 'pri'), at('home', t('已回家'), ''), h('button', { type: 'button', onclick: async () => { await dropDraft(key); redraw(); } }, t('不记了'))))
      : h('div', { class: 'three' }, at('going', t('出发'), s.state === 'waiting' || s.state === 'away' ? 'pri' : ''), at('arrived', t('已到'), s.state === 'going' ? 'pri' : ''), h('button', { type: 'button', 'aria-label': d.name + ' ' + t('其他'), onclick: async () => { await draft(key, { words: '' }); redraw(); document.getElementById('say-' + r.id).focus(); } }, t('其他'))));
}

export function transfer() {
  const box = h('input', { type: 'search', id: 'q', value: asked, autocomplete: 'off', autocapitalize: 'off', enterkeyhint: 'search', placeholder: t('姓名、拼音、门牌'), 'aria-label': t('找人') });
  const bar = h('div', null), found = h('div', null), page = { el: h('main', null, bar, h('div', { class: 'p-q' }, ic('search'), box), found), tab: 'transfer' };
  const rows = () => [...S.rows.values()].filter((r) => r.k === 'transfer');
  const draw = () => {
    const all = rows(), counts = Object.fromEntries(VIEWS.map(([k]) => [k, all.filter((r) => fits(r, k)).length]));
    if (!view || (view === 'mine' && !counts.mine)) view = counts.mine ? 'mine' : 'waiting';
    asked = box.value;
    const hits = asked.trim() ? find(index(all, true), asked, 200).map((x) => S.rows.get(x.id)) : all.filter((r) => fits(r, view));
    const groups = new Map(), name = (r) => (by === 'who' ? r.data.by : state(r).where || r.data.to) || t('还没有定');
    const order = (r) => (r.data.mine ? '0' : '1') + name(r);
    for (const r of hits.sort((a, b) => order(a).localeCompare(order(b), 'zh') || FIRST.indexOf(state(a).state) - FIRST.indexOf(state(b).state) || (a.data.door || '').localeCompare(b.data.door || '', 'zh', { numeric: true }))) { const k = name(r); if (!groups.has(k)) groups.set(k, []); groups.get(k).push(r); }
    found.replaceChildren(
      asked.trim() ? h('p', { class: 'grp', role: 'status' }, hits.length ? t('找到 {n} 人', { n: hits.length }) : t('没有找到')) : h('div', null,
        h('div', { class: 'p-chips', role: 'group', 'aria-label': t('筛选') }, VIEWS.filter(([k]) => counts[k] || k === 'waiting').map(([k, label]) => h('button', { type: 'button', 'aria-pressed': String(k === view), onclick: () => { view = k; draw(); } }, t(label), h('span', { class: 'c' }, counts[k])))),
        h('div', { class: 'p-chips', role: 'group', 'aria-label': t('怎么排') }, [['who', t('按谁去接')], ['where', t('按避灾点')]].map(([k, label]) => h('button', { type: 'button', 'aria-pressed': String(k === by), onclick: () => { by = k; draw(); } }, label)))),
      ...(hits.length ? [...groups].flatMap(([k, list]) => [h('h2', { class: 'grp' }, k, h('span', null, t('{n} 人', { n: list.length }))), h('ul', { class: 'p-card' }, list.map((r) => line(r, draw)))]) : [all.length ? empty('circle-check', t('这里没有人')) : empty('circle-check', net.busy ? t('正在取回') : t('转移结束了'))]));
  };
  box.addEventListener('input', draw);
  page.update = () => {
    const all = rows(), c = all.length ? call(all[0]) : {}, n = (k) => all.filter((r) => fits(r, k)).length;
    bar.replaceChildren(top((c.drill ? t('演练') + ' · ' : '') + (c.level || '') + ' ' + t('转移'), t('未到 {a} · 路上 {b} · 已到 {c} · 在外 {d}', { a: n('waiting'), b: n('going'), c: n('arrived'), d: n('safe') })), ...notice());
    draw();
  };
  page.update();
  return page;
}
const fits = (r, k) => k === 'all' || (k === 'mine' ? !!r.data.mine : AS[state(r).state] === k);
