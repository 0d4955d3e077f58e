/* Fields that every form of the phone uses. `keep` is called at every keystroke and every choice. */
import { h, ic, t } from './dom.js';

export const ASK = JSON.parse(document.body.dataset.asking);

/* One box of a group; `on`: chosen. */
export const choices = (keep) => (type, name, value, on, label, set) => {
  const box = h('input', { type, name, value, checked: on, onchange: () => { for (const l of (type === 'radio' ? box.closest('.pick').querySelectorAll('label') : [box.parentNode])) l.classList.toggle('on', l.querySelector('input').checked); set(box.checked); keep(); } });
  return h('label', { class: on ? 'on' : '' }, box, type === 'checkbox' ? ic('check') : '', label);
};
/* What lies on disk: [its line, to mark it kept, to put something newer away]. The line is empty while a newer stroke is on its way: it never says more than is true. */
export function kept(put, n = 0) {
  const line = h('p', { class: 'sv', role: 'status' }), mark = () => line.replaceChildren(ic('check'), t('已存手机'));
  return [line, mark, () => { const mine = n += 1; line.replaceChildren(); put().then(() => { if (mine === n) mark(); }, () => line.replaceChildren(t('没存成，请别离开'))); }];
}
export const error = (where) => h('span', { class: 'er', id: 'er-' + where, role: 'alert' });
export const areas = (f, keep) => (name, label, hint, rows) => h('div', { class: 'fl' }, h('label', { for: 'v-' + name }, label, hint ? h('small', null, hint) : ''), error(name), h('textarea', { id: 'v-' + name, rows, value: f[name], oninput: (e) => { f[name] = e.target.value; keep(); }, 'aria-describedby': 'er-' + name }));
/* Shows what is wrong, [where, sentence, element or its id]; the first of them is gone to. */
export function wrongs(names, wrong) {
  for (const k of names) { const el = document.getElementById('er-' + k); if (el) el.textContent = (wrong.find((w) => w[0] === k) || [])[1] || ''; }
  if (!wrong.length) return false;
  const at = typeof wrong[0][2] === 'string' ? document.getElementById(wrong[0][2]) : wrong[0][2];
  if (at) { at.focus(); at.scrollIntoView({ block: 'center' }); }
  return true;
}
export const tooLong = (text, most) => t('最多 {most} 个字，写了 {n} 个，请缩短', { most, n: text.length });

/* Words of danger in what is being typed: whom to call, before anything else. */
const urgent = ASK.urgent ? new RegExp(ASK.urgent, 'g') : null;
export function danger(box, text) {
  const found = [...new Set(urgent ? text.match(urgent) || [] : [])], calls = [...new Set(found.map((w) => ASK.doors[w[0]] || '110'))];
  const said = calls.join(' ');
  if (box.dataset.said === said) return;
  box.dataset.said = said;
  box.replaceChildren(...(calls.length ? [h('div', { class: 'p-note stop' }, ic('alert-triangle'), h('div', null, t('有危险先打电话，再记：'), calls.map((n) => h('a', { class: 'dial', href: 'tel:' + n }, n))))] : []));
}
