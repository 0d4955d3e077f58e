/* The pages of the phone. Each gives {el, update?, tab?, bar?}: `update` is called when something changed underneath; without it the page stays
   as it is (somebody is typing). Lists say "到期" and a date, never why. */
import { S, household, settle, queue, opened, dropDraft, draft, ended, attaching, takeBack, dropMedia, mediaOf, onWay, save } from './store.js';
import { h, ic, t, when, day, daysTo, age, clock, today, toast } from './dom.js';
import { index, find } from './find.js';
import { net, sync, sent, confirmBox, written, held as heldBack, sends, sendMedia } from './sync.js';
import { block, thumb, hear, mediaWords, failed, dropOf, hasVoice, endRecording } from './media.js';
import { danger } from './form.js';
import { uuid } from './vault.js';
import { ending, reopening, rounds } from './evening.js';
import { go, back, refreshNow, waitingWorker, takeOver } from './app.js';

export const unsent = () => S.out.filter((e) => e.about && !e.about.part && !e.refused);
/* What attaches a photo stands with what it belongs to, never alone. */
export const refused = () => S.out.filter((e) => e.refused && !(e.about && e.about.part));
const travelling = () => onWay().filter((m) => !m.sent && !S.out.some((e) => e.op.id === m.op && e.refused));
/* Photos that were not taken, where nothing else says why. */
const unfit = () => [...failed(), ...onWay().filter((m) => S.out.some((e) => e.op.id === m.op && e.refused) && !S.out.some((e) => e.op.id === m.parent && e.refused))];
export const waitingMedia = () => travelling().length;
/* Refused, and no more in this outbox: of a box, or of a phone before this one. */
const elsewhere = () => S.waiting.filter((w) => w.s === 'refused' && !S.out.some((e) => e.op.id === w.id || e.op.target === w.id) && !failed().some((m) => m.op === w.id) && ![...S.drafts.values()].some((f) => (f.gone || []).includes(w.id)));
/* Begun at a door that has left the phone since: what was typed is still to be read. */
const door = (key) => key.replace(/^\w:/, '');
const there = (key) => (key.startsWith('a:') ? [...S.rows.values()].some((r) => (r.data.matters || []).some((m) => m.id === door(key))) : S.rows.has(door(key)));
const stranded = () => [...new Map([...[...S.media.values()].filter((m) => m.of).map((m) => [m.of, {}]), ...S.drafts])].filter(([key]) => door(key) && !there(key));
/* Forms that are begun: with words, or with a photo alone. */
export const forms = () => new Set([...S.drafts.keys(), ...[...S.media.values()].filter((m) => m.of).map((m) => m.of)]).size;
const begun = (id) => ['', 'w:', 'm:'].some((k) => S.drafts.has(k + id));
const helper = () => S.me && S.me.helper;

/* --- around every page --- */
export function pill() {
  const n = unsent().length + waitingMedia(), more = n ? t(' · 待传 {n}', { n }) : '';
  const [cls, icon, text] = net.busy ? ['', 'refresh', t('正在同步')] : net.state === 'login' ? ['off', 'lock', t('请登录')] : net.state === 'off' ? ['off', 'cloud-off', t('离线可用')] : net.state ? ['off', 'alert-triangle', t('没有同步成')] : S.synced ? ['ok', 'circle-check', t('{at} 已同步', { at: when(S.synced).replace(t('今天') + ' ', '') })] : ['', 'cloud-off', t('还没同步')];
  return h('button', { type: 'button', class: 'pill ' + cls, onclick: () => go('outbox') }, ic(icon), h('span', null, text + more));
}
export function tabs(current) {
  const items = helper() ? [['list', 'walk', t('看望')], ['outbox', 'cloud-upload', t('待传')], ['me', 'user', t('我的')]] : [['list', 'walk', t('走访')], ['find', 'search', t('找户')], ['matters', 'list-check', t('事项')], ['outbox', 'cloud-upload', t('待传')], ['me', 'user', t('我的')]];
  if (moving().length) items.unshift(['transfer', 'alert-triangle', t('转移')]);
  const n = unsent().length + waitingMedia() + refused().length + unfit().length + elsewhere().length + stranded().length + S.asks.length + S.boxes.length;
  return h('nav', { class: 'p-tab', 'aria-label': t('主要页面') }, items.map(([to, icon, label]) => h('button', { type: 'button', 'aria-current': to === current ? 'page' : null, onclick: () => go(to) }, ic(icon), label, to === 'outbox' && n ? h('b', null, h('span', { class: 'sr' }, ' '), n) : '')));
}
/* A call to move is open: who is still to be brought to safety. */
const moving = () => [...S.rows.values()].filter((r) => r.k === 'transfer');
function alarm() {
  const all = moving(), c = all.length ? (S.rows.get(all[0].data.call) || { data: {} }).data : {};
  return all.length ? h('div', { class: 'p-note stop' }, ic('alert-triangle'), h('div', null, (c.drill ? t('演练') + ' · ' : '') + (c.level || ''), ' ', t('正在转移，您的名单上 {n} 人', { n: all.length }), ' ', h('button', { type: 'button', onclick: () => go('transfer') }, t('打开名单')))) : '';
}
let shown = null;
function evening() {
  if (!rounds().length) return '';
  if (!shown) import('./round.js').then((m) => { shown = m; here.update(); }, () => {});
  return shown ? shown.home() : '';
}
export function notice() {
  const notes = [];
  if (net.state === 'login') notes.push(h('div', { class: 'p-note' }, ic('lock'), h('div', null, t('登录已过期，能看能记，传不出去。'), ' ', h('a', { href: document.body.dataset.login }, t('去登录')))));
  if (net.state === 'other') notes.push(h('div', { class: 'p-note stop' }, ic('alert-triangle'), h('div', null, net.msg || t('这部手机登记的是{name}，现在登录的是别人。没有同步；请换回本人登录。', { name: S.me ? S.me.name : '' }))));
  if (net.state === 'revoked') notes.push(h('div', { class: 'p-note stop' }, ic('alert-triangle'), h('div', null, t('这部手机已停用，档案已删去。没传的还在，请联系乡镇管理员。'))));
  if (net.state === 'old') notes.push(h('div', { class: 'p-note' }, ic('refresh'), h('div', null, t('程序太旧，要更新后才能同步；没传的不会丢。'), ' ', h('button', { type: 'button', onclick: refreshNow }, t('现在更新')))));
  if (net.state === 'error') notes.push(h('div', { class: 'p-note stop' }, ic('alert-triangle'), h('div', null, net.msg || t('服务器没有收下，过一会儿自动再试；没传的还在手机上。'))));
  return notes;
}
export const top = (title, sub) => h('header', { class: 'p-bar' }, h('div', { class: 'p-top' }, h('div', null, h('h1', { tabindex: '-1' }, title), h('p', { class: 'sub' }, sub)), pill()));
export const head = (title, sub, right) => h('header', { class: 'vh' }, h('button', { type: 'button', 'aria-label': t('返回'), onclick: back }, ic('chevron-left')), h('div', null, h('h1', { tabindex: '-1' }, title), h('p', { class: 'sub' }, sub)), right || '');
export const empty = (icon, text) => h('div', { class: 'p-empty' }, ic(icon), h('p', null, text));

/* A page that is drawn anew whenever something changes. */
export function living(tab, draw) {
  const el = h('main', null);
  const page = { el, tab, update: () => { el.replaceChildren(...draw().flat(9).filter(Boolean)); } };
  page.update();
  return page;
}

/* --- what is known of a household --- */
export const headName = (d) => { const m = (d.members || []).find((x) => x.id === d.head) || (d.members || [])[0]; return m ? m.name : d.name || d.door || d.number || ''; };
const plate = (door) => (/^[\d-]+$/.test(door || '') ? t('{n}号', { n: door }) : door || '');  // a bare 3 beside a name says nothing
export const place = (d) => [d.hamlet, plate(d.door) || d.address].filter(Boolean).join(' ') || d.number || '';
const people = (d) => t('{n} 人', { n: (d.members || []).length });
export function dueText(id) {
  const due = S.due[id];
  if (!due || doneToday(id)) return '';
  const n = daysTo(due[0]);
  return n < 0 ? h('b', { class: 'late' }, t('到期 {n} 天了', { n: -n })) : n <= 30 ? h('b', { class: 'soon' }, n === 0 ? t('今天到期') : t('还有 {n} 天到期', { n })) : t('{d} 前', { d: day(due[0]) });
}
const doneToday = (id) => S.done[id] && today(new Date(S.done[id])) === today();
function doneMark(id) {
  const out = S.out.some((e) => e.op.target === id && /^visit\.(record|usual)$|^helper\./.test(e.op.kind));
  return h('span', { class: 'st' }, ic('circle-check'), h('span', null, clock(S.done[id]), h('br', null), out ? t('已存手机') : t('已收到')));
}

const byWay = (a, b) => (a.data.hamlet || '').localeCompare(b.data.hamlet || '', 'zh') || (a.data.number || a.data.door || '').localeCompare(b.data.number || b.data.door || '', 'zh', { numeric: true });
function grouped(rows, draw) {
  const groups = new Map();
  for (const r of rows.sort(byWay)) { const k = r.data.hamlet || t('其他'); if (!groups.has(k)) groups.set(k, []); groups.get(k).push(r); }
  return [...groups].map(([name, list]) => [h('h2', { class: 'grp' }, name, h('span', null, t('{n} 户', { n: list.length }))), h('ul', { class: 'p-card' }, list.map(draw))]);
}
function row(r, who) {
  const d = household(r.id), name = headName(d), open = S.drafts.has(r.id);
  return h('li', { class: 'hh' },
    h('button', { type: 'button', class: 'to', onclick: () => go('file', r.id) }, h('span', { class: 'n' }, name, h('small', null, who === undefined ? plate(d.door) || d.address || d.number || '' : place(d))),  // found by its door, the hamlet says which
      h('span', { class: 'm' }, who && who.name !== name ? [h('b', null, who.name), ' ', who.rel || '', ' · '] : '', people(d), dueText(r.id) ? [' · ', dueText(r.id)] : '', (d.matters || []).length ? [' · ', h('b', { class: 'soon' }, t('{n} 件没办结', { n: d.matters.length }))] : '')),
    doneToday(r.id) && !open ? doneMark(r.id) : h('button', { type: 'button', class: open ? 'go pri' : 'go', 'aria-label': (open ? t('接着记') : t('走访')) + ' ' + name, onclick: () => go('visit', r.id) }, open ? t('接着记') : t('走访')),
    d.caution ? h('p', { class: 'nt' }, ic('alert-triangle'), h('span', null, d.caution)) : '');
}

function hello() {
  const n = new Date().getHours(), word = n < 5 ? t('夜深了') : n < 9 ? t('早上好') : n < 12 ? t('上午好') : n < 14 ? t('中午好') : n < 18 ? t('下午好') : t('晚上好');
  return word + (S.me ? t('，') + S.me.name : '');
}

/* --- 走访 --- */
const FILTERS = [['due', '到期', (r) => S.due[r.id] && !doneToday(r.id) && daysTo(S.due[r.id][0]) <= 30], ['open', '没记完', (r) => begun(r.id)], ['matters', '有事项', (r) => (r.data.matters || []).length], ['done', '今天走访', (r) => doneToday(r.id)], ['all', '全部', () => true]];
const grids = () => S.areas.filter((a) => a.code.length > 12 && !a.code.endsWith('000'));
let chosen = '', hamlet = '';
export function list() {
  if (helper()) return doors();
  return living('list', () => {
    const rows = [...S.rows.values()].filter((r) => r.k === 'household'), hamlets = [...new Set(rows.map((r) => r.data.hamlet).filter(Boolean))].sort((a, b) => a.localeCompare(b, 'zh'));
    if (hamlet && !hamlets.includes(hamlet)) hamlet = '';
    const inPlace = hamlet ? rows.filter((r) => r.data.hamlet === hamlet) : rows;
    const counts = Object.fromEntries(FILTERS.map(([k, , f]) => [k, inPlace.filter(f).length]));
    const filter = counts[chosen] || chosen === 'all' ? chosen : counts.due ? 'due' : 'all';  // an empty choice leads nowhere
    const shown = inPlace.filter(FILTERS.find(([k]) => k === filter)[2]);
    return [top(hello(), [grids().length ? t('{n} 个网格', { n: grids().length }) + ' · ' : '', t('{n} 户', { n: rows.length })]), alarm(), notice(), evening(),
      h('div', { class: 'p-q as' }, ic('search'), h('button', { type: 'button', onclick: () => go('find') }, t('姓名、拼音、门牌、电话尾号'))),
      h('div', { class: 'p-chips', role: 'group', 'aria-label': t('筛选') }, FILTERS.filter(([k]) => counts[k] || k === 'all').map(([k, label]) => h('button', { type: 'button', 'aria-pressed': String(k === filter), onclick: () => { chosen = k; here.update(); } }, t(label), h('span', { class: 'c' }, counts[k])))),
      hamlets.length > 1 ? h('div', { class: 'p-chips', role: 'group', 'aria-label': t('自然村') }, ['', ...hamlets].map((k) => h('button', { type: 'button', 'aria-pressed': String(k === hamlet), onclick: () => { hamlet = k; here.update(); } }, k || t('全部自然村')))) : '',
      shown.length ? grouped(shown, (r) => row(r)) : rows.length ? empty('circle-check', t('这里没有要走访的户')) : empty('cloud-off', net.busy ? t('正在取回您的各户') : t('手机里还没有档案，有网时会自动取回'))];
  });
}
let here = { update() {} };
export const setHere = (page) => { here = page; };

/* --- 看望 (helpers) --- */
const ANSWERS = [['safe', '平安'], ['something', '有事'], ['not_reached', '联系不上']];
function doors() {
  const blocks = new Map(), voice = (id) => { if (!blocks.has(id)) blocks.set(id, block(id, { photo: false })); return blocks.get(id); };
  const note = async (r, say) => { await endRecording(); const text = say.value.trim() || (hasVoice(r.id) ? t('（录音，请听附件）') : ''); if (text) { answer(r, 'something', text); return; } toast(t('请写一句有什么事')); say.focus(); };
  const answer = async (r, kind, words) => {
    const parent = uuid(), a = await attaching(r.id, parent);
    const made = await once(r.id, new Date().toISOString(), async () => queue([{ id: parent, kind: 'helper.check', target: r.id, base: 0, data: { check: uuid(), answer: kind, words: words || '' } }, ...a.ops], { title: t('看望') + ' ' + r.data.name, sub: t(ANSWERS.find(([k]) => k === kind)[1]) }, ...(S.drafts.has(r.id) ? [await ended(r.id)] : []), ...a.acts));
    if (!made) return;
    a.done(); blocks.delete(r.id);
    toast(t('已存手机，有网自动传'), t('撤回'), async () => { if (S.out.some((e) => e.op.id === parent) && !sent.has(parent)) { delete S.done[r.id]; await withdraw(made); } else toast(t('已经传到服务器，请再记一次更正')); });
    sync();
  };
  return Object.assign(living('list', () => {
    const rows = [...S.rows.values()].filter((r) => r.k === 'door');
    return [top(hello(), t('{n} 户', { n: rows.length })), alarm(), notice(), evening(),
      rows.length ? grouped(rows, (r) => {
        const open = S.drafts.get(r.id), d = r.data;
        const say = h('textarea', { id: 'say-' + r.id, value: open ? open.words : '', oninput: (e) => { danger(calls, e.target.value); draft(r.id, { ...S.drafts.get(r.id), words: e.target.value }).catch(() => toast(t('没存成，请别离开'))); } }), calls = h('div', { role: 'alert' });
        if (open) danger(calls, open.words || '');
        return h('li', { class: 'hh' }, h('div', { class: 'to' }, h('span', { class: 'n' }, d.name, h('small', null, plate(d.door))), d.phone ? h('span', { class: 'm' }, d.phone.includes('*') ? d.phone : h('a', { class: 'lk', href: 'tel:' + d.phone }, d.phone)) : ''), doneToday(r.id) ? doneMark(r.id) : '',
          open ? h('div', { class: 'say fl' }, h('label', { for: 'say-' + r.id }, t('有什么事，一句话')), calls, say, voice(r.id), h('div', { class: 'three' }, h('button', { type: 'button', class: 'pri', onclick: () => note(r, say) }, t('记下')), h('button', { type: 'button', onclick: async () => { await endRecording(); await dropOf(r.id); blocks.delete(r.id); await dropDraft(r.id); here.update(); } }, t('不记了'))))
            : h('div', { class: 'three' }, ANSWERS.map(([k, label]) => h('button', { type: 'button', class: k === 'safe' ? 'pri' : '', 'aria-label': d.name + ' ' + t(label), onclick: async () => { if (k === 'something') { await draft(r.id, { words: '' }); here.update(); document.getElementById('say-' + r.id).focus(); } else answer(r, k); } }, t(label)))));
      }) : empty('cloud-off', net.busy ? t('正在取回') : t('还没有分给您的户，请问村书记'))];
  }), { leave: endRecording });
}

/* --- 找户 --- */
let asked = '';
export function search() {
  const found = h('div', null), box = h('input', { type: 'search', id: 'q', value: asked, autocomplete: 'off', autocapitalize: 'off', enterkeyhint: 'search', placeholder: t('姓名、拼音、门牌、电话尾号'), 'aria-label': t('找户') });
  let list = null, size = -1, cursor = null;
  const run = () => {
    if (!list || size !== S.rows.size || cursor !== S.cursor) { list = index([...S.rows.values()]); size = S.rows.size; cursor = S.cursor; }
    asked = box.value;
    const hits = find(list, asked);
    found.replaceChildren(asked.trim() ? h('p', { class: 'grp', role: 'status' }, hits.length ? t('找到 {n} 户', { n: hits.length }) : t('没有找到')) : h('p', { class: 'p-empty' }, t('名字的任何一段、拼音或首字母都行；打不出的字用 ？ 代替')),
      ...(hits.length ? [h('ul', { class: 'p-card' }, hits.map((x) => row(S.rows.get(x.id), x.who)))] : asked.trim() ? [h('p', { class: 'p-empty' }, t('手机里只有您负责的各户。换个写法再试：少打一个字，或用拼音首字母。'))] : []));
  };
  box.addEventListener('input', run);
  const bar = h('div', null), page = { el: h('main', null, bar, h('div', { class: 'p-q' }, ic('search'), box), found), tab: 'find', focus: box };
  page.update = () => { bar.replaceChildren(top(t('找户'), t('没有信号也能找'))); run(); };
  page.update();
  return page;
}

/* --- 户情单 --- */
export function file(id) {
  opened(id);
  const page = living('', () => {
    const d = household(id);
    if (!d) return [head(t('户情单'), ''), empty('home', t('这一户已不在您的网格里'))];
    const name = headName(d), line = (k, v) => (v ? h('div', null, h('dt', null, k), h('dd', null, v)) : '');
    return [head(name, [place(d), dueText(id) ? [' · ', dueText(id)] : '']),
      d.caution ? h('div', { class: 'p-note' }, ic('alert-triangle'), h('div', null, d.caution)) : '',
      h('div', { class: 'p-card' }, h('section', { class: 'sec' }, h('h2', null, t('家里人'), h('small', null, people(d)))), h('ul', null, (d.members || []).map((m) => h('li', { class: 'li' }, h('div', { class: 'row' }, h('div', null, h('h3', null, m.name, ' ', h('small', null, [m.rel, m.born ? t('{n} 岁', { n: age(m.born) }) : ''].filter(Boolean).join(' · '))), m.home === false || m.away ? h('p', null, m.away ? t('在{where}', { where: m.away }) : t('不住在家')) : ''), m.phone ? h('span', { class: 'num muted' }, m.phone) : ''))))),
      h('div', { class: 'p-card duo' }, h('button', { type: 'button', class: 'big', onclick: () => go('matter', id) }, ic('file-plus'), S.drafts.has('m:' + id) ? t('接着记这件事') : t('记一件事')), h('button', { type: 'button', class: 'big', onclick: () => go('words', id) }, ic('pencil'), S.drafts.has('w:' + id) ? t('接着改提示') : t('改提示'))),
      (d.matters || []).length || asking(id).length ? h('div', { class: 'p-card' }, h('section', { class: 'sec' }, h('h2', null, t('没办结的事'))), h('ul', null, asking(id), (d.matters || []).map(matterLine))) : '',
      d.wishes || d.difficulties ? h('dl', { class: 'p-card kvs' }, line(t('困难'), d.difficulties), line(t('心愿'), d.wishes)) : '',
      (d.plots || []).length ? h('div', { class: 'p-card' }, h('section', { class: 'sec' }, h('h2', null, t('田地山林'))), h('ul', null, d.plots.map((p) => h('li', { class: 'li' }, h('div', { class: 'row' }, h('h3', null, p.name), h('span', { class: 'muted' }, [p.kind, p.area ? t('{n} 亩', { n: p.area }) : ''].filter(Boolean).join(' · '))))))) : '',
      h('p', { class: 'p-empty' }, t('户号 {n}。号码不全显示；您打开过这一户，会记在查看记录里。', { n: d.number || '' })),
      h('div', { class: 'bar2' }, h('button', { type: 'button', class: 'big', disabled: S.drafts.has(id) || mediaOf(id).length > 0, onclick: () => usual(id) }, t('一切如常')), h('button', { type: 'button', class: 'big pri', onclick: () => go('visit', id) }, S.drafts.has(id) ? t('接着记走访') : t('记走访')))];
  });
  page.bar = true;
  return page;
}
/* Taken down here and still on its way: nobody takes it down twice. */
const asking = (id, tag = 'h3') => unsent().flatMap((e) => ((!id || e.op.target === id) && (e.op.kind === 'matter.open' ? [e.op.data.words] : e.op.kind === 'visit.record' ? (e.op.data.wishes || []).map((w) => w.words) : []) || []).map((said) => h('li', { class: 'li' }, h(tag, null, said.slice(0, 40)), h('p', null, [e.about.title.split(' ').slice(1).join(' '), t('已存手机'), when(e.op.at)].filter(Boolean).join(' · ')))));
const matterLine = (m) => h('li', { class: 'li' }, h('h3', null, m.title || m.number), h('p', null, [m.state, m.due ? t('{d} 前', { d: day(m.due) }) : '', m.number].filter(Boolean).join(' · ')), h('button', { type: 'button', class: 'lnk', onclick: () => go('attach', m.id) }, ic('camera'), mediaOf('a:' + m.id).length ? t('有照片没添上') : t('添照片或录音')));

/* The refused one that was put right is given up, here and on the server. */
export async function replaced(f) {
  const old = S.out.find((e) => e.op.id === f.of);
  if (!f.of) return;
  if (old) await settle([[old, null]]);
  await queue([f.of, ...(f.gone || [])].map((target) => ({ kind: 'discard', target, base: 0, data: {} })), null);
}
/* Taken back before it was sent: with all that hangs on it. */
export const withdraw = (entries) => settle(entries.map((e) => [e, null]));
/* Photos of something that will not be: gone here, and what attached them put down on the server. */
async function giveUp(parent) {
  const gone = await takeBack(parent, 'x:' + parent);
  await dropMedia(mediaOf('x:' + parent).map((m) => m.id));
  if (gone.length) await queue(gone.map((target) => ({ kind: 'discard', target, base: 0, data: {} })), null);
}
const busy = new Set();
/* A tap that keeps something at a door: a second one before the first is on disk is none; what the disk did not take is said, and is not done. */
async function once(id, at, act) {
  if (busy.has(id)) return null;
  const stamp = S.done[id], draft_ = S.drafts.get(id);
  busy.add(id); S.done[id] = at;
  try { return await act(); } catch (e) {
    if (stamp) S.done[id] = stamp; else delete S.done[id];
    if (draft_) S.drafts.set(id, draft_);
    toast(t('没存成，请再点一次'));
    return null;
  } finally { busy.delete(id); }
}
const queueUsual = async (id, how, met, d, visit, parent = uuid()) => queue([{ id: parent, kind: 'visit.usual', target: id, base: d.v || 0, data: met.length ? { visit, how, met } : { visit, how } }, ...ending(id, parent, 'settled')], { title: t('走访') + ' ' + headName(d), sub: t('一切如常'), household: id }, ...(S.drafts.has(id) ? [await ended(id)] : []));
/* A family like always: one tap; ten minutes to take it back. */
export async function usual(id, how = 'door', met = []) {
  const d = household(id), visit = uuid();
  const made = await once(id, new Date().toISOString(), () => queueUsual(id, how, met, d, visit));
  if (!made) return;
  toast(t('一切如常，已存手机'), t('撤回'), () => undo(made[0], id, visit));
  go('list');
  sync();
}
export async function undo(entry, id, visit) {
  delete S.done[id];
  if (S.out.some((e) => e.op.id === entry.op.id) && !sent.has(entry.op.id)) await withdraw([entry, ...S.out.filter((e) => e.about && e.about.of === entry.op.id)]);
  else { const back_ = uuid(); await giveUp(entry.op.id); await queue([{ id: back_, kind: 'visit.undo', target: visit, base: 0, needs: [entry.op.id], data: {} }, ...reopening(id, back_)], { title: t('撤回走访') + ' ' + entry.about.title.split(' ').slice(1).join(' '), sub: '', household: id }); }
  toast(t('已撤回'));
  sync();
}

/* --- 事项 --- */
export function matters() {
  return living('matters', () => {
    const all = [...S.rows.values()].flatMap((r) => (r.data.matters || []).map((m) => ({ m, r }))).sort((a, b) => (a.m.due || '9').localeCompare(b.m.due || '9'));
    return [top(t('事项'), t('{n} 件没办结', { n: all.length })), notice(), h('div', { class: 'sec' }, h('button', { type: 'button', class: 'big', onclick: () => go('matter', '') }, ic('file-plus'), S.drafts.has('m:') ? t('接着记这件事') : t('路上记一件事'))), asking().length ? h('ul', { class: 'p-card' }, asking('', 'h2')) : '', all.length ? h('ul', { class: 'p-card' }, all.map(({ m, r }) => h('li', null, h('button', { type: 'button', class: 'li to', onclick: () => go('file', r.id) }, h('h2', null, m.title || m.number), h('p', null, [headName(r.data) + ' ' + place(r.data), m.state, m.due ? t('{d} 前', { d: day(m.due) }) : ''].filter(Boolean).join(' · ')))))) : empty('list-check', t('各户没有没办结的事'))];
  });
}

/* --- 待传 --- */
export function outbox() {
  return living('outbox', () => {
    const wait = unsent(), bad = refused(), far = elsewhere(), begun = stranded(), views = S.out.filter((e) => !e.about).length, pics = travelling(), ill = unfit(), held = new Map(S.waiting.map((w) => [w.id, w]));
    const line = (e, sub) => h('li', { class: 'li' }, h('h3', null, e.about.title), h('p', null, [e.about.sub, when(e.op.at), sub].filter(Boolean).join(' · ')));
    return [top(t('待传'), t('手机里的都加了密')), notice(),
      h('div', { class: 'sec' }, h('button', { type: 'button', class: 'big', disabled: net.busy, onclick: sync }, ic('refresh'), net.busy ? t('正在同步') : t('现在同步'))),
      S.asks.length ? [h('h2', { class: 'grp' }, t('两个人改了同一处'), h('span', null, t('请选一个'))), h('ul', { class: 'p-card' }, S.asks.map(ask))] : '',
      S.boxes.length ? [h('h2', { class: 'grp' }, t('封着传来的'), h('span', null, t('没登录时传的，是您填的才办'))), h('ul', { class: 'p-card' }, S.boxes.map(boxLine))] : '',
      S.broken ? h('div', { class: 'p-note' }, ic('alert-triangle'), h('div', null, t('手机里有 {n} 条打不开，已放到一边；没传的那些封着传给服务器，登录后在这里确认。', { n: S.broken }), ' ', h('button', { type: 'button', onclick: async () => { S.broken = 0; await save(); here.update(); } }, t('知道了')))) : '',
      bad.length || far.length || ill.length ? [h('h2', { class: 'grp' }, t('需处理'), h('span', null, t('{n} 条', { n: bad.length + far.length + ill.length }))), h('ul', { class: 'p-card' }, bad.map(badLine), far.map(farLine), ill.map(illLine))] : '',
      begun.length ? [h('h2', { class: 'grp' }, t('没记完，这一户或这件事已不在手机里'), h('span', null, t('{n} 条', { n: begun.length }))), h('ul', { class: 'p-card' }, begun.map(begunLine))] : '',
      pics.length ? [h('h2', { class: 'grp' }, t('{what}待传', { what: mediaWords(pics) })), h('div', { class: 'p-card' }, h('div', { class: 'shots in' }, pics.map((m) => h('div', { class: 'one' }, m.kind === 'photo' ? thumb(m) : h('span', { class: 'th' }, ic('microphone'), t('{n} 秒', { n: m.seconds }))))),
        h('div', { class: 'li' }, h('p', null, net.part ? t('正在传，第 {a} 段，共 {b} 段', { a: net.part[0], b: net.part[1] }) : net.state === 'off' ? t('等信号') : heldBack() ? (sends() === 'wifi' ? t('等 Wi-Fi，也可以现在传') : t('按设置，点了才传')) : t('传完才从手机上删')), heldBack() ? h('button', { type: 'button', class: 'lnk', onclick: sendMedia }, ic('cloud-upload'), t('现在传')) : ''))] : '',
      wait.length || views ? [h('h2', { class: 'grp' }, t('已存手机，等着传'), h('span', null, t('{n} 条', { n: wait.length }))), h('ul', { class: 'p-card' }, wait.map((e) => line(e, net.state === 'off' ? t('等信号') : net.busy ? t('正在传') : '')), views ? h('li', { class: 'li' }, h('p', null, t('另有 {n} 条查看记录', { n: views }))) : '')] : pics.length ? '' : empty('cloud-upload', t('没有要传的，都到服务器了')),
      S.got.length ? [h('h2', { class: 'grp' }, t('已收到'), h('span', null, t('最近 {n} 条', { n: S.got.length }))), h('ul', { class: 'p-card' }, S.got.map((g) => { const w = held.get(g.id) || g; return h('li', { class: 'li' }, h('h3', null, g.about.title), g.ref && g.ref.number ? h('p', { class: 'num' }, t('编号 {n}', { n: g.ref.number }), g.ref.word ? ' · ' + t('口令 {w}，请告诉他，凭它查进度', { w: g.ref.word }) : '') : '', h('p', null, [g.about.sub, when(g.at), w.s === 'waiting' ? t('等前一条') : w.s === 'later' ? t('服务器先收着，更新后再办') : w.s === 'refused' ? w.msg : g.s === 'conflict' ? t('有一处别人也改了') : t('已收到')].filter(Boolean).join(' · '))); }))] : ''];
  });
}
const chosen_ = (a) => S.out.some((e) => !e.refused && e.op.kind === 'conflict.choose' && e.op.target === a.id);
async function choose(a, choice) {
  if (busy.has(a.id) || chosen_(a)) return;
  busy.add(a.id);
  try { await queue([{ kind: 'conflict.choose', target: a.id, base: 0, data: { choice } }], { title: a.label, sub: choice === 'mine' ? t('用我填的') : choice === 'theirs' ? t('用现在的') : t('都记下') }); S.asks = S.asks.filter((x) => x.id !== a.id); if (here.update) here.update(); sync(); } catch (e) { toast(t('没存成，请再点一次')); } finally { busy.delete(a.id); }
}
function ask(a) {
  const r = S.rows.get(a.household) || [...S.rows.values()].find((x) => a.person && (x.data.members || []).some((m) => m.id === a.person)), m = r && a.person && r.data.members.find((x) => x.id === a.person);
  return h('li', { class: 'li' }, h('h3', null, m ? m.name : r ? headName(r.data) : a.label, ' ', h('span', { class: 'tag' }, t('两边都改了'))), h('p', null, [a.label, r ? place(r.data) : '', a.who ? t('{who}也改过', { who: a.who }) : '', a.at ? when(a.at) : ''].filter(Boolean).join(' · ')), h('div', { class: 'two' }, h('button', { type: 'button', class: 'ab', onclick: () => choose(a, 'mine') }, h('small', null, t('我填的')), a.mine), h('button', { type: 'button', class: 'ab', onclick: () => choose(a, 'theirs') }, h('small', null, t('现在的')), a.theirs)), a.person ? '' : h('button', { type: 'button', class: 'lnk', onclick: () => choose(a, 'both') }, t('都记下')));
}
const KIND = { 'visit.record': '走访', 'visit.usual': '一切如常', 'visit.undo': '撤回走访', 'helper.check': '看望', 'transfer.mark': '转移', 'round.end': '夜访', 'conflict.choose': '选定一个说法', 'matter.open': '记事', 'household.words': '上门提示', 'photo.attach': '照片' };
function boxLine(b) {
  const lines = b.ops.filter((o) => KIND[o.kind] && o.kind !== 'photo.attach').map((o) => { const r = S.rows.get(o.target); return [t(KIND[o.kind]), r ? headName(r.data) : '', o.at ? when(o.at) : ''].filter(Boolean).join(' · '); });
  const say = async (yes) => { try { const bad = (await confirmBox(b.id, yes)).filter((r) => r.s === 'refused'); toast(bad.length ? bad[0].msg : yes ? t('已收到') : t('已放下')); sync(); } catch (e) { toast(t('现在没有网，没办成，过一会儿再点')); } };
  return h('li', { class: 'li' }, h('h3', null, t('{at} 传来 {n} 条', { at: when(b.at), n: lines.length })), lines.slice(0, 6).map((x) => h('p', null, x)), b.files ? h('p', null, b.files[0] < b.files[1] ? t('照片、录音 {n} 个，已到 {a} 个，其余到了再附上', { n: b.files[1], a: b.files[0] }) : t('照片、录音 {n} 个，都到了', { n: b.files[1] })) : '', h('div', { class: 'two' }, h('button', { type: 'button', class: 'big pri', onclick: () => say(true) }, t('是我填的')), h('button', { type: 'button', class: 'big', onclick: () => say(false) }, t('不要了'))));
}
/* Of these the server has kept nothing under this number that is this one. */
const UNKEPT = ['malformed', 'other_content'];
const KEY = { visit: '', matter: 'm:', words: 'w:' };
function badLine(e) {
  const words = saidIn(e.op.data), form = e.about && (e.about.form || (e.op.kind === 'visit.record' ? 'visit' : '')), attached = [...S.media.values()].filter((m) => m.parent === e.op.id);
  return h('li', { class: 'li' }, h('h3', null, e.about ? e.about.title : t('查看记录')), h('p', { class: 'er' }, e.refused), ...words.map((w) => h('p', null, '“' + w + '”')),
    attached.length ? h('p', null, t('连着{what}', { what: mediaWords(attached) })) : '',
    h('div', { class: 'row' }, e.op.kind === 'helper.check' && e.op.data.answer === 'something' && S.rows.has(e.op.target) ? h('button', { type: 'button', class: 'lnk', onclick: async () => {
      const gone = await takeBack(e.op.id, e.op.target);
      delete S.done[e.op.target];
      await draft(e.op.target, { words: e.op.data.words || '' }); await replaced({ of: e.op.id, gone }); go('list'); } }, t('改后再传')) : '',
    form && (S.rows.has(e.about.household) || (form === 'matter' && !e.op.target)) ? h('button', { type: 'button', class: 'lnk', onclick: async () => { const home = e.about.household, gone = await takeBack(e.op.id, KEY[form] + home); go(form, home, { ...e, gone }); } }, t('改后再传')) : '',
      h('button', { type: 'button', class: 'lnk', onclick: async () => { await giveUp(e.op.id); await settle([[e, null]]); if (!UNKEPT.includes(e.code)) await queue([{ kind: 'discard', target: e.op.id, base: 0, data: {} }], null); toast(t('已放下')); sync(); } }, t('知道了，不传了'))));
}

const saidIn = (d) => [d.words, d.matter_words, d.note, ...(d.wishes || []).map((w) => w.words), ...(d.corrections || []).map((c) => c.value), ...Object.values(d.fields || {}).map((c) => c.to)].filter(Boolean);
function farLine(w) {
  const words = h('div', null), show = async () => { try { const said = saidIn((await written(w.id)).data); words.replaceChildren(...(said.length ? said : [t('没有写话')]).map((x) => h('p', null, '“' + x + '”'))); } catch (e) { toast(t('现在没有网，没办成，过一会儿再点')); } };
  return h('li', { class: 'li' }, h('h3', null, KIND[w.kind] ? t(KIND[w.kind]) : t('其他')), h('p', { class: 'er' }, w.msg), words, h('div', { class: 'row' }, h('button', { type: 'button', class: 'lnk', onclick: show }, t('看写了什么')),
    h('button', { type: 'button', class: 'lnk', onclick: async () => { await queue([{ kind: 'discard', target: w.id, base: 0, data: {} }], null); toast(t('已放下')); sync(); } }, t('知道了，不传了'))));
}
/* A photo that was not taken: it stays here until somebody says what becomes of it. */
function illLine(m) {
  const why = m.refused || (S.out.find((e) => e.op.id === m.op) || {}).refused;
  return h('li', { class: 'li' }, h('h3', null, m.name), h('p', { class: 'er' }, why), m.kind === 'photo' ? thumb(m) : '', h('div', { class: 'row' }, h('button', { type: 'button', class: 'lnk', onclick: async () => {
    S.out = S.out.filter((e) => e.op.id !== m.op); await dropMedia([m.id]); await queue([{ kind: 'discard', target: m.op, base: 0, data: {} }], null, ['out', m.op]); toast(t('已放下')); sync(); } }, t('知道了，从手机上删去'))));
}
function begunLine([id, f]) {
  return h('li', { class: 'li' }, [f.words, f.wish, f.note, f.caution, f.difficulties, f.wishes, ...Object.values(f.fix || {})].filter(Boolean).map((w) => h('p', null, '“' + w + '”')), mediaOf(id).length ? h('div', { class: 'shots' }, mediaOf(id).map((m) => h('div', { class: 'one' }, m.kind === 'photo' ? thumb(m) : h('button', { type: 'button', class: 'th', onclick: () => hear(m) }, ic('microphone'), t('听 {n} 秒', { n: m.seconds }))))) : '', h('div', { class: 'row' }, h('button', { type: 'button', class: 'lnk', onclick: async () => { await dropOf(id); await dropDraft(id); here.update(); } }, t('不记了'))));
}

/* --- 我的 --- */
const setLocal = (k, v, root) => { try { localStorage.setItem(k, v); } catch (e) { /* this visit only */ } document.documentElement.setAttribute(root, v); here.update(); };
export function me(leave) {
  return living('me', () => {
    const root = document.documentElement, theme = root.getAttribute('data-theme') || 'auto', type = root.getAttribute('data-type') || 'normal', skew = Math.round(S.offset / 60000);
    const choice = (label, value, options, set) => h('section', { class: 'sec' }, h('fieldset', null, h('legend', null, label), h('div', { class: 'pick' }, options.map(([v, text]) => h('label', { class: v === value ? 'on' : '' }, h('input', { type: 'radio', name: label, checked: v === value, onchange: () => set(v) }), ic('check'), text)))));
    return [top(t('我的'), S.me ? S.me.name + (S.me.title ? ' · ' + S.me.title : '') : ''), notice(),
      Math.abs(skew) > 5 ? h('div', { class: 'p-note' }, ic('clock'), h('div', null, t('手机的钟差了约 {n} 分钟，走访时间会按服务器的钟校正。', { n: Math.abs(skew) }))) : '',
      waitingWorker() ? h('div', { class: 'p-note info' }, ic('refresh'), h('div', null, t('有新版本。'), ' ', h('button', { type: 'button', onclick: takeOver }, t('锁上并更新')))) : '',
      h('dl', { class: 'p-card kvs' }, [[t('负责'), S.areas.map((a) => a.name).join('、')], [t('手机里'), t('{n} 户', { n: [...S.rows.values()].filter((r) => r.k === 'household' || r.k === 'door').length })], [t('没传的'), [t('{n} 条', { n: unsent().length }), mediaWords(travelling())].filter(Boolean).join(t('、'))], [t('上次同步'), S.synced ? when(S.synced) : t('还没有')], [t('不联网可用到'), S.lease ? day(S.lease) : '']].map(([k, v]) => v ? h('div', null, h('dt', null, k), h('dd', null, v)) : '')),
      h('div', { class: 'p-card' }, choice(t('字'), type, [['normal', t('标准')], ['large', t('大字')]], (v) => setLocal('type', v, 'data-type')), choice(t('亮度'), theme, [['auto', t('跟手机一样')], ['day', t('白天')], ['night', t('夜间')]], (v) => setLocal('theme', v, 'data-theme')), choice(t('照片和录音'), sends(), [['wifi', t('有 Wi-Fi 时传')], ['always', t('有网就传')], ['tap', t('点了才传')]], async (v) => { S.send = v; await save(); here.update(); sync(); })),
      h('ul', { class: 'p-card' }, h('li', null, h('a', { class: 'li to', href: document.body.dataset.help }, h('h2', null, ic('list-check'), ' ', t('怎么用')))), h('li', null, h('button', { type: 'button', class: 'li to', onclick: leave.lock }, h('h2', null, ic('lock'), ' ', t('现在锁上')))), h('li', null, h('button', { type: 'button', class: 'li to', onclick: leave.pin }, h('h2', null, ic('key'), ' ', t('换口令')))), leave.pass() ? h('li', null, h('button', { type: 'button', class: 'li to', onclick: leave.pass() }, h('h2', null, ic('fingerprint'), ' ', leave.passOn() ? t('不再用指纹或面容打开') : t('也用指纹或面容打开')), h('p', null, t('口令照样能用；不登录，只打开这部手机')))) : '', h('li', null, h('button', { type: 'button', class: 'li to', onclick: leave.wipe }, h('h2', null, ic('trash'), ' ', t('退出并清空这部手机')), h('p', null, unsent().length ? t('还有 {n} 条没传，先同步', { n: unsent().length }) : t('档案从手机上删去，服务器上的不动')))))];
  });
}
