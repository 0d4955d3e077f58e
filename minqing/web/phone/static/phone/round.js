/* An evening on the screen: on the first page, on its own, and one door whose file is another's, settled in words of its own. Invariant: every keystroke is a draft on disk; it ends
   only in the transaction that puts the ending into the outbox. */
import { S, household, draft, queue, ended as gone, dropDraft } from './store.js';
import { h, ic, t, toast, now, today, day } from './dom.js';
import { ASK, choices, kept, error, areas, wrongs, tooLong, danger } from './form.js';
import { living, head, empty } from './screens.js';
import { ENDS, rounds, stops, ended, end as ends, ending } from './evening.js';
import { sync } from './sync.js';
import { go, back } from './app.js';

const MOST = 500;
const left = (id) => stops(id).filter((r) => !ended(r)).length;
const yesterday = () => { const d = new Date(); d.setDate(d.getDate() - 1); return today(d); };
const name = (r) => (r.data.day === today() ? t('今晚夜访') : r.data.day === yesterday() ? t('昨晚夜访') : day(r.data.day + 'T12:00') + ' ' + t('夜访'));
const meta = (r) => [r.data.from + '–' + r.data.to, r.data.place, (r.data.with || []).length ? t('同去：{who}', { who: r.data.with.join(t('、')) }) : ''].filter(Boolean).join(' · ');

/* One door: a tap opens its file or, where that is another's, the page for its ending. */
function line(r) {
  const d = r.data, home = d.home ? household(d.home) : null, end = ended(r), open = home ? S.drafts.has(d.home) : S.drafts.has('r:' + r.id), to = () => (home ? go('file', d.home) : go('stop', r.id)), act = () => (home ? go('visit', d.home) : go('stop', r.id));
  return h('li', { class: 'hh' },
    h('button', { type: 'button', class: 'to', onclick: to }, h('span', { class: 'n' }, d.name, h('small', null, d.door || '')),
      h('span', { class: 'm' }, d.at ? h('b', { class: 'soon' }, t('约 {at}', { at: d.at })) : '', [d.at && (d.asked || !home) ? ' · ' : '', d.asked ? t('家里要求的') : '', d.asked && !home ? ' · ' : '', home ? '' : t('不是您网格的户')])),
    end && !open && end.end !== 'absent' ? h('span', { class: 'st' }, ic('circle-check'), h('span', null, t(ENDS[end.end] || ENDS.settled), h('br', null), end.kept ? t('已存手机') : t('已收到')))
      : h('button', { type: 'button', class: open ? 'go pri' : 'go', 'aria-label': (open ? t('接着记') : home ? t('走访') : t('记结果')) + ' ' + d.name, onclick: act }, open ? t('接着记') : home ? t('走访') : t('记结果')),
    end && end.end === 'absent' ? h('p', { class: 'nt' }, ic('clock'), h('span', null, t('没有见到，晚些可以再去'))) : '',
    d.about ? h('p', { class: 'nt said' }, h('span', null, '“' + d.about + '”')) : '',
    home && home.caution ? h('p', { class: 'nt' }, ic('alert-triangle'), h('span', null, home.caution)) : '');
}
function walk(r, heading) {
  const list = stops(r.id), groups = new Map();
  for (const s of list) { const k = s.data.hamlet || ''; if (!groups.has(k)) groups.set(k, []); groups.get(k).push(s); }
  return list.length ? [...groups].map(([k, rows]) => [k ? h(heading, { class: 'grp' }, k, h('span', null, t('{n} 户', { n: rows.length }))) : '', h('ul', { class: 'p-card' }, rows.map((s) => line(s)))]) : h('p', { class: 'p-empty' }, t('还没有选去哪几户，在电脑上选'));
}

/* On the first page: tonight with its doors; what is coming, and what yesterday left open, in one line each. */
export function home() {
  const lines = rounds().flatMap((r) => {
    const n = stops(r.id).length, rest = left(r.id);
    if (r.data.day === today()) return [h('section', { class: 'eve' }, h('h2', { class: 'grp' }, ic('moon'), name(r), h('span', null, n ? rest ? t('还有 {n} 户', { n: rest }) : t('都有结果了') : ''), h('small', null, meta(r))), walk(r, 'h3'))];
    if (r.data.day < today() && !rest) return [];
    return [h('div', { class: 'p-note info' }, ic('moon'), h('div', null, name(r), ' · ', r.data.day < today() ? t('还有 {n} 户没记结果', { n: rest }) : [r.data.from, ' · ', t('{n} 户', { n })], ' ', h('button', { type: 'button', onclick: () => go('round', r.id) }, t('打开'))))];
  });
  return lines;
}
export function round(id) {
  return living('', () => {
    const r = S.rows.get(id);
    return r ? [head(name(r), meta(r)), r.data.subject ? h('p', { class: 'grp' }, r.data.subject) : '', walk(r, 'h2')] : [head(t('夜访'), ''), empty('moon', t('这一晚的夜访已不在您的名单里'))];
  });
}

export function stop(id) {
  const r = S.rows.get(id);
  if (!r) return null;
  const d = r.data, key = 'r:' + id, before = S.drafts.get(key), f = before || { v: 1, at: now(), end: '', wish: '', words: '' }, was = ended(r), calls = h('div', { role: 'alert' });
  let dirty = !!before;
  const [saved, mark, put] = kept(() => draft(key, f)), keep = () => { dirty = true; follow(); put(); };
  const choice = choices(keep), area = areas(f, () => { danger(calls, f.wish + ' ' + f.words); keep(); }), inside = h('div', null, h('section', { class: 'sec' }, area('wish', t('什么事'), t('照老百姓说的记'), 3))), how = h('section', { class: 'sec' }, area('words', t('怎么办好的'), '', 2));
  inside.append(how);
  const follow = () => { inside.hidden = f.end !== 'settled' && f.end !== 'matter'; how.hidden = f.end !== 'settled'; };
  async function finish() {
    const wrong = [], met = f.end !== 'absent', words = f.end === 'settled' ? f.words.trim() : '';
    if (!f.end) wrong.push(['end', t('请选结果'), el.querySelector('[name=end]')]);
    if (f.end && met && f.wish.trim().length < 2) wrong.push(['wish', t('请写下是什么事'), 'v-wish']);
    if (f.end === 'settled' && words.length < 2) wrong.push(['words', t('请写怎么办好的'), 'v-words']);
    for (const k of ['wish', 'words']) if (f[k].length > (k === 'wish' ? ASK.words : MOST)) wrong.push([k, tooLong(f[k], k === 'wish' ? ASK.words : MOST), 'v-' + k]);
    if (wrongs(['end', 'wish', 'words'], wrong)) return;
    const op = ends(r, f.end, '', { words, ...(met ? { matter_words: f.wish.trim(), kind: 'help' } : {}) });
    done.disabled = true;
    try { await queue([{ ...op, at: now() }], null, await gone(key)); } catch (e) { S.drafts.set(key, f); done.disabled = false; saved.replaceChildren(t('没存成，请再点一次')); return; }
    toast(t('已存手机，有网自动传'));
    back();
    sync();
  }
  const done = h('button', { type: 'button', class: 'big pri', onclick: finish }, t('记下结果'));
  const drop = h('button', { type: 'button', class: 'big danger', onclick: async () => { if (!dirty || confirm(t('这次记的都不要了？'))) { await dropDraft(key); back(); } } }, t('不记了'));
  const el = h('main', null, h('header', { class: 'vh' }, h('button', { type: 'button', 'aria-label': t('返回，草稿留着'), onclick: back }, ic('chevron-left')), h('div', null, h('h1', { tabindex: '-1' }, t('夜访'), ' ', d.name), h('p', { class: 'sub' }, [[d.hamlet, d.door].filter(Boolean).join(' '), d.at ? t('约 {at}', { at: d.at }) : ''].filter(Boolean).join(' · '))), saved),
    calls, h('div', { class: 'p-note info' }, ic('lock'), h('div', null, t('这一户不在您的网格：手机上只有姓名、门牌和约的时间，没有户档。'))),
    was && was.end !== 'absent' ? h('p', { class: 'p-empty' }, t('已记下：{what}', { what: t(ENDS[was.end] || ENDS.settled) })) : [h('div', { class: 'p-card' }, h('section', { class: 'sec' }, h('fieldset', null, h('legend', null, t('结果')), error('end'), h('div', { class: 'pick' }, ['settled', 'matter', 'absent'].map((k) => choice('radio', 'end', k, f.end === k, t(ENDS[k]), () => { f.end = k; }))))), inside),
      h('div', { class: 'sec' }, drop), h('div', { class: 'bar2' }, done, h('p', null, t('没有信号也能存，回到有网处自动上传')))]);
  follow(); danger(calls, f.wish + ' ' + f.words);
  if (before) mark();
  return { el, bar: true, visit: true };
}

/* In the form of a visit at a door of tonight: nobody met and nothing asked say themselves; only what was asked has two endings. */
export function result({ id, f, choice, area, voice }) {
  if (!f.end) Object.assign(f, { end: 'matter', done: f.done || '' });
  const el = h('div', null), asked = () => f.wish.trim() || voice();
  const outcome = () => (f.how === 'unreached' ? 'absent' : asked() ? f.end : 'settled');
  let shape = '';
  function draw() {
    const as = f.how === 'unreached' ? 'absent' : asked() ? f.end : 'none';
    if (as === shape) return;
    shape = as;
    el.replaceChildren(h('section', { class: 'sec' }, as === f.end ? [h('fieldset', null, h('legend', null, t('今晚夜访的结果')), h('div', { class: 'pick' }, ['settled', 'matter'].map((k) => choice('radio', 'end', k, f.end === k, t(ENDS[k]), () => { f.end = k; draw(); el.querySelector('input[value=' + k + ']').focus(); })))), f.end === 'settled' ? area('done', t('怎么办好的'), t('登记后马上办结；您不能办结的，交给村里'), 2) : '']
      : [h('h2', null, t('今晚夜访的结果')), h('p', { class: 'w' }, as === 'absent' ? t('记成没有见到，晚些可以再去') : t('记成走访过了；写了诉求，再选当场办结还是登记成一件事'))]));
  }
  draw();
  return { el, draw,
    wrong: () => (outcome() !== 'settled' || !asked() ? [] : f.done.trim().length < 2 ? [['done', t('请写怎么办好的'), 'v-done']] : f.done.length > MOST ? [['done', tooLong(f.done, MOST), 'v-done']] : []),
    ops: (by) => ending(id, by, outcome(), outcome() === 'settled' && asked() ? f.done.trim() : '') };
}
