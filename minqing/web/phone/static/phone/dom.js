/* A page without a framework: h() makes elements, t() says a sentence in the page's language. Invariant: words of people are only ever
   text nodes or attribute values, never markup. */
const words = JSON.parse(document.body.dataset.words || '{}');
const icons = document.body.dataset.icons;

export const t = (text, values) => {
  let s = words[text] || text;
  if (values) for (const [k, v] of Object.entries(values)) s = s.split('{' + k + '}').join(v);
  return s;
};

export function h(tag, props, ...kids) {
  const el = document.createElement(tag);
  for (const [k, v] of Object.entries(props || {})) {
    if (v === false || v === null || v === undefined) continue;
    if (k.startsWith('on')) el.addEventListener(k.slice(2), v);
    else if (k === 'value' || k === 'checked') el[k] = v;
    else el.setAttribute(k, v === true ? '' : v);
  }
  el.append(...kids.flat(9).filter((x) => x !== null && x !== undefined && x !== false && x !== ''));
  return el;
}

export function ic(name) {
  const NS = 'http://www.w3.org/2000/svg', svg = document.createElementNS(NS, 'svg'), use = document.createElementNS(NS, 'use');
  svg.setAttribute('class', 'ic'); svg.setAttribute('aria-hidden', 'true'); svg.setAttribute('focusable', 'false');
  use.setAttribute('href', icons + '#' + name); svg.append(use);
  return svg;
}

let told = null;
/* One line at the bottom; with something to press when there is something to take back. */
export function toast(text, label, act) {
  const box = document.getElementById('toast');
  clearTimeout(told);
  box.replaceChildren(h('p', null, text), ...(label ? [h('button', { type: 'button', onclick: () => { box.replaceChildren(); act(); } }, label)] : []));
  told = setTimeout(() => box.replaceChildren(), label ? 20000 : 6000);
}

const two = (n) => String(n).padStart(2, '0');
export const today = (d = new Date()) => d.getFullYear() + '-' + two(d.getMonth() + 1) + '-' + two(d.getDate());
export const clock = (iso) => { const d = new Date(iso); return two(d.getHours()) + ':' + two(d.getMinutes()); };
export const day = (iso) => { const d = new Date(iso); return t('{m} 月 {d} 日', { m: d.getMonth() + 1, d: d.getDate() }); };
export const when = (iso) => (today(new Date(iso)) === today() ? t('今天') : day(iso)) + ' ' + clock(iso);
export const daysTo = (date) => Math.round((new Date(date + 'T12:00') - new Date(today() + 'T12:00')) / 864e5);
/* With the zone of the phone: the server sees what the officer's clock said. */
export const now = () => {
  const d = new Date(), off = -d.getTimezoneOffset(), a = Math.abs(off);
  return today(d) + 'T' + two(d.getHours()) + ':' + two(d.getMinutes()) + ':' + two(d.getSeconds()) + (off < 0 ? '-' : '+') + two(Math.floor(a / 60)) + ':' + two(a % 60);
};
export const age = (born) => { if (!born) return ''; const [y, m, d] = born.split('-').map(Number), n = new Date(); return n.getFullYear() - y - (n.getMonth() + 1 < (m || 1) || (n.getMonth() + 1 === m && n.getDate() < (d || 1)) ? 1 : 0); };
