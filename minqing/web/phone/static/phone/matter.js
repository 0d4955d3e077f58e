/* What is taken down at a door or on the road: a matter, the words for the door, a photo to something that is open already. Invariants: every
   keystroke is a draft on disk at once; a draft ends only in the transaction that puts it into the outbox; danger is answered first. */
import { S, household, draft, queue, ended, dropDraft, expired, opened, attaching, mediaOf } from './store.js';
import { h, ic, t, now, toast, day, clock } from './dom.js';
import { ASK, choices, kept, error, areas, wrongs, tooLong, danger } from './form.js';
import { index, find } from './find.js';
import { headName, place, withdraw, replaced } from './screens.js';
import { block, dropOf, hasVoice, endRecording } from './media.js';
import { sync, sent } from './sync.js';
import { uuid } from './vault.js';
import { tonight, ending } from './evening.js';
import { go, back } from './app.js';

const MOST_ASK = 6, PHRASES = ['有狗，先打电话', '耳背，敲门重一点', '白天在地里，晚上七点后来', '走后门', '门口台阶滑'];
const grids = () => S.areas.filter((a) => a.code.length > 12 && !a.code.endsWith('000'));

/* Around every form: what is kept, the head, the two buttons. */
function sheet({ key, f, before, title, sub, entry, bodies, finish, label, full }) {
  let dirty = !!before;
  const [saved, mark, put] = kept(() => draft(key, f)), keep = () => { dirty = true; put(); };
  const done = h('button', { type: 'button', class: 'big pri', onclick: async () => { done.disabled = true; try { await endRecording(); await finish(() => saved.replaceChildren(t('没存成，请再点一次'))); } finally { done.disabled = false; } } }, label);
  const drop = h('button', { type: 'button', class: 'big danger', onclick: async () => { if ((!dirty && !mediaOf(key).length) || confirm(t('这次记的都不要了？'))) { await endRecording(); await dropOf(key); await dropDraft(key); back(); } } }, t('不记了'));
  const el = h('main', null, h('header', { class: 'vh' }, h('button', { type: 'button', 'aria-label': t('返回，草稿留着'), onclick: back }, ic('chevron-left')), h('div', null, h('h1', { tabindex: '-1' }, title), h('p', { class: 'sub' }, sub)), saved),
    bodies(keep), h('div', { class: 'sec' }, drop), h('div', { class: 'bar2' }, done, full ? h('p', null, t('没有信号也能存，回到有网处自动上传')) : ''));
  if (before) mark();
  if (entry && !before) keep();
  return { el, bar: true, visit: true, leave: endRecording };
}
const fresh = () => ({ v: 1, at: now(), words: '', kind: 'help', spot: '', place: '', persons: [], names: [{ name: '', phone: '' }] });
function again(entry) {
  const d = entry.op.data;
  return { ...fresh(), at: entry.op.at, words: d.words || '', kind: d.kind || 'help', spot: d.spot || '', place: d.place || '', persons: d.persons || [], names: d.names && d.names.length ? d.names : [{ name: '', phone: '' }], of: entry.op.id, gone: entry.gone || [] };
}

export function matter(id, entry) {
  const d = id ? household(id) : null;
  if (id && !d) return null;
  if (id) opened(id);
  const key = 'm:' + (id || ''), before = S.drafts.get(key), f = before || (entry && entry.op ? again(entry) : fresh()), calls = h('div', { role: 'alert' });
  if (!f.place && !id && grids().length === 1) f.place = grids()[0].code;
  const known = new Map([...S.rows.values()].flatMap((r) => (r.data.members || []).map((m) => [m.id, { m, r }])));
  const count = () => f.persons.length + f.names.filter((n) => n.name.trim() || n.phone.trim()).length;

  async function finish(failed) {
    const words = f.words.trim() || (hasVoice(key) ? t('（录音，请听附件）') : ''), names = f.names.map((n) => ({ name: n.name.trim(), phone: n.phone.trim() })).filter((n) => n.name || n.phone), wrong = [];
    if (words.length < 2) wrong.push(['words', t('请写下是什么事，或录一句'), 'v-words']);
    if (words.length > ASK.words) wrong.push(['words', tooLong(words, ASK.words), 'v-words']);
    const bad = names.find((n) => n.phone && !/^[+\d][\d\s-]{5,18}$/.test(n.phone));
    if (bad) wrong.push(['names', t('电话“{phone}”看不明白，请核对', { phone: bad.phone }), 'v-phone0']);
    if (count() > MOST_ASK) wrong.push(['names', t('一件事最多写 {n} 个人，其余写进话里', { n: MOST_ASK }), 'v-name0']);
    if (!id && !f.place) wrong.push(['place', t('请选在哪个网格'), document.querySelector('[name=place]')]);
    if (wrongs(['words', 'names', 'place'], wrong)) return;
    const parent = uuid(), a = await attaching(key, parent), data = { kind: f.kind, words, persons: f.persons, names };
    if (f.spot.trim()) data.spot = f.spot.trim();
    if (!id) data.place = f.place;
    const who = f.persons.length ? (known.get(f.persons[0]) || { m: { name: '' } }).m.name : names.length ? names[0].name : '';
    const about = { title: t('记事') + ' ' + (d ? headName(d) : who || t('路上')), sub: ASK.kinds[f.kind], household: id || '', form: 'matter' };
    let made;
    try { made = await queue([{ id: parent, kind: 'matter.open', target: id || null, base: 0, at: f.at, data }, ...a.ops, ...(id && f.door !== false ? ending(id, parent, 'matter') : [])], about, await ended(key), ...a.acts); } catch (e) { S.drafts.set(key, f); failed(); return; }
    a.done();
    await replaced(f);
    toast(t('已存手机，有网自动传'), t('撤回'), async () => { if (S.out.some((e) => e.op.id === parent) && !sent.has(parent)) { await withdraw(made); toast(t('已撤回')); } else toast(t('已经传到服务器，要撤回请在电脑上办')); });
    go('matters');
    sync();
  }

  const bodies = (keep) => {
    const choice = choices(keep), area = areas(f, () => { danger(calls, f.words); keep(); });
    const asks = h('div', null), chosen = () => asks.replaceChildren(...(f.persons.length > 1 ? [h('p', { class: 'hint' }, t('先选的{name}是答复的人', { name: (known.get(f.persons[0]) || { m: { name: '' } }).m.name }))] : []));
    const toggle = (pid) => (on) => { f.persons = on ? [...f.persons.filter((x) => x !== pid), pid] : f.persons.filter((x) => x !== pid); chosen(); };
    const box = (m, more) => choice('checkbox', 'who', m.id, f.persons.includes(m.id), [m.name, ' ', h('small', null, more)], toggle(m.id));
    const picks = h('div', { class: 'pick' });
    if (d) picks.append(...(d.members || []).map((m) => box(m, m.rel || '')));
    else picks.append(...f.persons.filter((p) => known.has(p)).map((p) => box(known.get(p).m, place(known.get(p).r.data))));
    const hits = h('ul', null), list = d || expired() ? [] : index([...S.rows.values()]);
    const looked = (e) => {
      const q = e.target.value.trim();
      hits.replaceChildren(...(q ? find(list, q, 5) : []).flatMap((x) => { const r = S.rows.get(x.id), m = x.who || (r.data.members || []).find((y) => y.id === r.data.head) || (r.data.members || [])[0]; return m && !f.persons.includes(m.id) ? [h('li', null, h('button', { type: 'button', class: 'li to', onclick: () => { f.persons.push(m.id); picks.append(box(m, place(r.data))); chosen(); keep(); e.target.value = ''; hits.replaceChildren(); e.target.focus(); } }, h('h3', null, m.name, ' ', h('small', null, place(r.data)))))] : []; }));
    };
    const others = h('div', null), other = (n, i) => h('div', { class: 'pair' }, h('div', { class: 'fl' }, h('label', { for: 'v-name' + i }, t('姓名')), h('input', { id: 'v-name' + i, value: n.name, maxlength: 40, autocomplete: 'off', oninput: (e) => { n.name = e.target.value; keep(); } })), h('div', { class: 'fl' }, h('label', { for: 'v-phone' + i }, t('电话')), h('input', { id: 'v-phone' + i, value: n.phone, maxlength: 20, inputmode: 'tel', autocomplete: 'off', oninput: (e) => { n.phone = e.target.value; keep(); } })));
    const more = h('button', { type: 'button', class: 'lnk', onclick: () => { f.names.push({ name: '', phone: '' }); others.append(other(f.names[f.names.length - 1], f.names.length - 1)); if (f.names.length + f.persons.length >= MOST_ASK) more.hidden = true; keep(); } }, t('再加一位'));
    others.append(...f.names.map(other));
    danger(calls, f.words); chosen();
    const door = id && tonight(id) ? h('section', { class: 'sec' }, h('fieldset', null, h('legend', null, t('今晚夜访的结果')), h('div', { class: 'pick' }, choice('checkbox', 'door', '1', f.door !== false, t('登记成一件事'), (on) => { f.door = on; })))) : '';
    return [calls,
      h('div', { class: 'p-card' }, h('section', { class: 'sec' }, area('words', t('什么事'), t('照老百姓说的记'), 4), block(key, { changed: keep }))),
      h('div', { class: 'p-card' }, h('section', { class: 'sec' }, h('fieldset', null, h('legend', null, t('谁提的'), h('small', null, t('可多选，不选就是不留名'))), error('names'), picks, asks,
        d ? '' : [h('div', { class: 'fl' }, h('label', { for: 'v-find' }, t('找人'), h('small', null, t('姓名、拼音、门牌'))), h('input', { id: 'v-find', autocomplete: 'off', oninput: looked })), hits])),
      h('section', { class: 'sec' }, h('fieldset', null, h('legend', null, t('档案里没有的人')), others, more))),
      h('div', { class: 'p-card' }, h('section', { class: 'sec' }, h('fieldset', null, h('legend', null, t('哪一类')), h('div', { class: 'pick' }, Object.entries(ASK.kinds).map(([k, label]) => choice('radio', 'kind', k, f.kind === k, label, () => { f.kind = k; }))))),
        !id && grids().length > 1 ? h('section', { class: 'sec' }, h('fieldset', null, h('legend', null, t('在哪个网格')), error('place'), h('div', { class: 'pick' }, grids().map((g) => choice('radio', 'place', g.code, f.place === g.code, g.name, () => { f.place = g.code; }))))) : '',
        h('section', { class: 'sec' }, h('div', { class: 'fl' }, h('label', { for: 'v-spot' }, t('具体位置'), h('small', null, t('可不写'))), h('input', { id: 'v-spot', value: f.spot, maxlength: 120, autocomplete: 'off', oninput: (e) => { f.spot = e.target.value; keep(); } }))), door)];
  };
  return sheet({ key, f, before, entry: f.of, title: t('记一件事'), sub: d ? [headName(d), place(d)].join(' · ') : day(f.at) + ' ' + clock(f.at), bodies, finish, label: t('登记这件事'), full: true });
}

/* --- words for the door --- */
const FIELDS = [['caution', '上门提示', '狗、听力、几点在家', 200], ['difficulties', '困难', '', 2000], ['wishes', '心愿', '', 2000]];
export function words(id, entry) {
  const d = household(id);
  if (!d) return null;
  opened(id);
  const key = 'w:' + id, before = S.drafts.get(key), now_ = Object.fromEntries(FIELDS.map(([k]) => [k, d[k] || '']));
  const f = before || { v: 1, from: now_, ...now_, ...(entry && entry.op ? { ...Object.fromEntries(Object.entries(entry.op.data.fields).map(([k, v]) => [k, v.to])), of: entry.op.id, gone: [] } : {}) };
  async function finish(failed) {
    const fields = {};
    for (const [k] of FIELDS) if (f[k].trim() !== f.from[k]) fields[k] = { from: f.from[k], to: f[k].trim() };
    if (wrongs(FIELDS.map(([k]) => k), FIELDS.filter(([k, , , most]) => f[k].length > most).map(([k, , , most]) => [k, tooLong(f[k], most), 'v-' + k]))) return;
    if (!Object.keys(fields).length) { await dropDraft(key); toast(t('没有改动')); back(); return; }
    try { await queue([{ kind: 'household.words', target: id, base: d.v || 0, data: { fields } }], { title: t('上门提示') + ' ' + headName(d), sub: Object.keys(fields).map((k) => t(FIELDS.find((x) => x[0] === k)[1])).join(t('、')), household: id, form: 'words' }, await ended(key)); } catch (e) { S.drafts.set(key, f); failed(); return; }
    await replaced(f);
    toast(t('已存手机，有网自动传'));
    back();
    sync();
  }
  const bodies = (keep) => {
    const area = areas(f, keep), caution = () => document.getElementById('v-caution');
    return [h('div', { class: 'p-card' }, FIELDS.map(([k, label, hint]) => h('section', { class: 'sec' }, area(k, t(label), hint ? t(hint) : '', k === 'caution' ? 2 : 3),
      k === 'caution' ? h('div', { class: 'pick', role: 'group', 'aria-label': t('常用的话') }, PHRASES.map((p) => h('button', { type: 'button', onclick: () => { const said = t(p); if (f.caution.includes(said)) return; f.caution = f.caution.trim() ? f.caution.trim().replace(/[；;。]$/, '') + t('；') + said : said; caution().value = f.caution; keep(); } }, t(p)))) : '')))];
  };
  return sheet({ key, f, before, entry: f.of, title: t('上门提示、困难、心愿'), sub: [headName(d), place(d)].join(' · '), bodies, finish, label: t('存好'), full: true });
}

/* --- a photo to what is open already --- */
export function attach(id) {
  const found = [...S.rows.values()].flatMap((r) => (r.data.matters || []).map((m) => ({ m, r }))).find((x) => x.m.id === id);
  if (!found) return null;
  const key = 'a:' + id;
  async function finish(failed) {
    if (!mediaOf(key).length) { toast(t('先拍一张或录一句')); return; }
    const a = await attaching(key, id, []);
    try { await queue(a.ops, null, ...a.acts); } catch (e) { failed(); return; }
    a.done();
    toast(t('已存手机，有网自动传'));
    back();
    sync();
  }
  return sheet({ key, f: {}, before: null, title: t('添照片或录音'), sub: [found.m.title, found.m.number].filter(Boolean).join(' · '), bodies: () => [h('div', { class: 'p-card' }, h('section', { class: 'sec' }, block(key)))], finish, label: t('添上') });
}
