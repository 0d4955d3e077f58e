/* The visit as it is written down at the door. Invariants: every keystroke goes into an encrypted draft at once; the draft ends only in the
   transaction that puts the visit into the outbox; only what is missing or has changed is asked. */
import { S, household, draft, queue, ended, dropDraft, opened, attaching, mediaOf } from './store.js';
import { h, ic, t, now, clock, toast, age, day } from './dom.js';
import { ASK, choices, kept, error, areas, wrongs, tooLong, danger } from './form.js';
import { headName, place, usual, undo, replaced } from './screens.js';
import { block, dropOf, hasVoice, endRecording } from './media.js';
import { sync } from './sync.js';
import { uuid } from './vault.js';
import { go, back } from './app.js';

const LABEL = { caution: '上门提示', difficulties: '困难' }, FIELD = { caution: '上门提示', phone: '电话', living_elsewhere: '外出地', workplace: '工作单位' };
/* Where the copy of a person has what the file shows of a field. */
const HELD = { phone: 'phone', living_elsewhere: 'away' };
const shown = (d, field, person) => { if (!person) return d[field] || ''; const i = (d.members || []).findIndex((m) => m.id === person), asked = (d.ask || []).find((a) => a[0] === i && a[1] === field); return (i >= 0 && d.members[i][HELD[field]]) || (asked && asked[3]) || ''; };

const fresh = () => ({ v: 1, visit: uuid(), at: now(), how: 'door', met: [], topics: [], checklist: {}, words: '', wish: '', wisher: '', note: '', fix: {} });
/* A visit that was refused comes back into the form as it was typed. */
function again(entry) {
  const d = entry.op.data, w = (d.wishes || [])[0] || {};
  return { ...fresh(), at: entry.op.at, how: d.how, met: d.met || [], topics: d.topics || [], checklist: d.checklist || {}, words: d.words || '', note: d.note || '', wish: w.words || '', wisher: w.person || '',
    fix: Object.fromEntries((d.corrections || []).map((c) => [c.person ? c.field + ':' + c.person : c.field, c.value])), of: entry.op.id, gone: entry.gone || [] };
}

/* What goes to the server of a draft: nothing that is empty, nothing that is as the file has it. */
export function recorded(f, d, voice) {
  const data = { visit: f.visit, how: f.how }, put = (k, v) => { if (v.length) data[k] = v; };
  if (f.how !== 'unreached') {
    put('met', f.met); put('topics', f.topics);
    const checks = Object.entries(f.checklist).filter(([p, c]) => f.met.includes(p) && Object.keys(c).length);
    if (checks.length) data.checklist = Object.fromEntries(checks);
  }
  put('words', f.words.trim()); put('note', f.note.trim());
  const wish = f.wish.trim() || (voice ? t('（录音，请听附件）') : '');
  if (wish) data.wishes = [{ words: wish, person: f.wisher || (f.how !== 'unreached' && f.met.length === 1 ? f.met[0] : null) }];
  const fixes = [];
  for (const [k, v] of Object.entries(f.fix)) {
    const [field, person = null] = k.split(':'), seen = shown(d, field, person);
    if (v.trim() !== seen && (v.trim() || !person)) fixes.push({ field, value: v.trim(), person, seen });
  }
  put('corrections', fixes);
  return data;
}

/* `evening`: what a door of tonight's 夜访 is asked besides (round.js). */
export function visit(id, entry, evening) {
  const d = household(id);
  if (!d) return null;
  opened(id);
  const before = S.drafts.get(id), f = before || (entry && entry.op ? again(entry) : fresh()), members = d.members || [];
  let dirty = !!before;
  const [saved, mark, put] = kept(() => draft(id, f)), keep = () => { dirty = true; usualButton.disabled = !plain(); put(); };
  const plain = () => { const said = recorded(f, d, hasVoice(id)); return !mediaOf(id).length && f.how !== 'unreached' && !['words', 'wishes', 'note', 'topics', 'corrections'].some((k) => k in said) && !Object.values(f.checklist).some((c) => Object.keys(c).length); };
  const choice = choices(keep), calls = h('div', { role: 'alert' }), area = areas(f, () => { danger(calls, f.words + ' ' + f.wish); if (end) end.draw(); keep(); });

  const end = evening && evening({ id, f, choice, area, voice: () => hasVoice(id) });
  const asked = (d.ask || []).map(([i, field, why, now_]) => ({ m: i < 0 ? null : (d.members || [])[i], field, why, now: now_ })).filter((a) => a.m !== undefined).map((a) => ({ ...a, key: a.m ? a.field + ':' + a.m.id : a.field }));
  const isAsked = (key) => asked.some((a) => a.key === key);
  const questions = asked.map((a) => {
    const is = shown(d, a.field, a.m && a.m.id);
    return fixField(a.key, a.m ? t('{name}的{field}', { name: a.m.name, field: t(FIELD[a.field]) }) : t(FIELD[a.field]), a.why + (is && a.m ? ' · ' + t('现在是 {is}', { is }) : ''), a.m ? '' : is);
  });
  const checks = h('div', null), phones = h('div', null), wishers = h('div', null), inside = h('div', null);
  function fixField(key, label, hint, value) { return h('div', { class: 'fl' }, h('label', { for: 'v-' + key }, label, hint ? h('small', null, hint) : ''), h('input', { id: 'v-' + key, value: key in f.fix ? f.fix[key] : value, inputmode: key.startsWith('phone') ? 'tel' : null, autocomplete: 'off', oninput: (e) => { f.fix[key] = e.target.value; keep(); } })); }
  const reveal = (key, label, hint, value) => {
    const box = h('div', null);
    if (key in f.fix) box.append(fixField(key, label, hint, value));
    else box.append(h('div', { class: 'pick' }, h('button', { type: 'button', onclick: () => { box.replaceChildren(fixField(key, label, hint, key.startsWith('phone') ? '' : value)); document.getElementById('v-' + key).focus(); } }, label, ' ', h('small', null, value ? [value, ' · ', t('有变')] : t('没有写，要加')))));
    return box;
  };
  const follow = () => {
    const seen = members.filter((m) => f.met.includes(m.id));
    const old = seen.filter((m) => m.born && age(m.born) >= ASK.elder);
    checks.replaceChildren(...old.map((m) => h('section', { class: 'sec' }, h('fieldset', null, h('legend', null, t('{name}的情况', { name: m.name }), h('small', null, t('不问也行，有要留意的再点'))),
      Object.entries(ASK.checklist).map(([item, label]) => h('fieldset', null, h('legend', null, label), h('div', { class: 'pick' }, Object.entries(ASK.states).map(([s, text]) => choice('radio', item + m.id, s, (f.checklist[m.id] || {})[item] === s, text, () => { f.checklist[m.id] = { ...f.checklist[m.id], [item]: s }; })))))))));
    phones.replaceChildren(...seen.filter((m) => (age(m.born) === '' || age(m.born) >= 14) && !isAsked('phone:' + m.id)).map((m) => reveal('phone:' + m.id, t('{name}的电话', { name: m.name }), m.phone ? '' : t('档案里没有'), m.phone || '')));
    wishers.replaceChildren(...(seen.length > 1 ? [h('fieldset', null, h('legend', { class: 'sr' }, t('谁提的')), h('div', { class: 'pick' }, seen.map((m) => choice('radio', 'wisher', m.id, f.wisher === m.id, m.name + t('提的'), () => { f.wisher = m.id; }))))] : []));
    inside.hidden = checks.hidden = f.how === 'unreached';
    if (end) end.draw();
  };
  inside.append(h('section', { class: 'sec' }, h('fieldset', null, h('legend', null, t('见到谁')), error('met'), h('div', { class: 'pick' }, members.filter((m) => !m.died).map((m) => choice('checkbox', 'met', m.id, f.met.includes(m.id), [m.name, ' ', h('small', null, [m.rel, m.born ? age(m.born) : ''].filter((x) => x !== '' && x !== undefined).join(' '))], (on) => { f.met = on ? [...f.met, m.id] : f.met.filter((x) => x !== m.id); follow(); })))))  ,
    h('section', { class: 'sec' }, h('fieldset', null, h('legend', null, t('说了什么'), h('small', null, t('可多选'))), h('div', { class: 'pick' }, Object.entries(ASK.topics).map(([k, label]) => choice('checkbox', 'topic', k, f.topics.includes(k), label, (on) => { f.topics = on ? [...f.topics, k] : f.topics.filter((x) => x !== k); }))))));

  async function finish() {
    if (done.disabled) return;
    done.disabled = true;
    await endRecording();  // what is still being spoken or made small belongs to it
    const wrong = [];
    for (const [k, most] of [['words', ASK.words], ['wish', ASK.words], ['note', ASK.note]]) if (f[k].length > most) wrong.push([k, tooLong(f[k], most), 'v-' + k]);
    if (f.how !== 'unreached' && !f.met.length) wrong.push(['met', t('请选见到谁；没见到人请在上面选“没有见到”'), inside.querySelector('input')]);
    if (mediaOf(id).length && !f.wish.trim() && !hasVoice(id)) wrong.push(['wish', t('照片跟着一件事走：请写一句诉求，或把照片删去'), 'v-wish']);
    if (end) wrong.push(...end.wrong());
    if (wrongs(['words', 'wish', 'note', 'met', 'done'], wrong)) { done.disabled = false; return; }
    const parent = uuid(), data = recorded(f, d, hasVoice(id)), a = await attaching(id, parent), sub = [ASK.how[f.how], data.wishes ? t('有诉求') : '', data.corrections ? t('有更正') : ''].filter(Boolean).join(' · ');
    const stamp = S.done[id];
    S.done[id] = new Date().toISOString();
    let made;
    try { made = await queue([{ id: parent, kind: 'visit.record', target: id, base: d.v || 0, at: f.at, data }, ...a.ops, ...(end ? end.ops(parent) : [])], { title: t('走访') + ' ' + headName(d), sub, household: id, form: 'visit' }, await ended(id), ...a.acts); } catch (e) {
      S.done[id] = stamp; S.drafts.set(id, f); done.disabled = false; saved.replaceChildren(t('没存成，请再点一次')); return;
    }
    a.done();
    await replaced(f);
    toast(t('走访已存手机，有网自动传'), t('撤回'), () => undo(made[0], id, f.visit));
    go('list');
    sync();
  }
  const usualButton = h('button', { type: 'button', class: 'big', disabled: !plain(), onclick: async () => { usualButton.disabled = true; await endRecording(); if (plain()) await usual(id, f.how, f.met); usualButton.disabled = !plain(); } }, t('一切如常')), done = h('button', { type: 'button', class: 'big pri', onclick: finish }, t('完成走访'));
  const drop = h('button', { type: 'button', class: 'big danger', onclick: async () => { if ((!dirty && !mediaOf(id).length) || confirm(t('这次记的都不要了？'))) { await endRecording(); await dropOf(id); await dropDraft(id); go('list'); } } }, t('不记了'));
  const el = h('main', null,
    h('header', { class: 'vh' }, h('button', { type: 'button', 'aria-label': t('返回，草稿留着'), onclick: back }, ic('chevron-left')), h('div', null, h('h1', { tabindex: '-1' }, t('走访'), ' ', headName(d)), h('p', { class: 'sub' }, [place(d), day(f.at) + ' ' + clock(f.at)].join(' · '))), saved),
    calls,
    d.caution ? h('div', { class: 'p-note' }, ic('alert-triangle'), h('div', null, d.caution)) : '',
    h('div', { class: 'p-card' }, h('section', { class: 'sec' }, h('fieldset', null, h('legend', null, t('怎么走访的')), h('div', { class: 'pick' }, Object.entries(ASK.how).map(([k, label]) => choice('radio', 'how', k, f.how === k, label, () => { f.how = k; follow(); }))))), inside, checks),
    h('div', { class: 'p-card' }, h('section', { class: 'sec' }, area('words', t('原话'), t('照老百姓说的记'), 3)), h('section', { class: 'sec' }, area('wish', t('诉求'), t('写了就登记成一件事，有编号、有期限'), 3), wishers, block(id, { changed: () => { if (end) end.draw(); keep(); } })), end ? end.el : ''),
    h('div', { class: 'p-card' }, h('section', { class: 'sec' }, h('h2', null, t('核对'), h('small', null, t('只问缺的和变了的'))), questions, phones, Object.keys(LABEL).filter((k) => !isAsked(k)).map((k) => reveal(k, t(LABEL[k]), '', d[k] || '')), area('note', t('下次留意'), '', 2))),
    h('div', { class: 'sec' }, drop),
    h('div', { class: 'bar2' }, usualButton, done, h('p', null, t('没有信号也能存，回到有网处自动上传'))));
  follow(); danger(calls, f.words + ' ' + f.wish);
  if (before) mark();
  if (f.of && !before) keep();
  return { el, bar: true, visit: true, leave: endRecording };
}
