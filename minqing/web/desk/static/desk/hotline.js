/* The hotline's own few behaviours: the running time of a call, the waiting call in the tab's title, the caller's name into empty
   fields after the check, Ctrl+Enter, one key for each answer of a call-back. Invariant: nothing that was typed is ever overwritten. */
(() => {
'use strict';
const $ = (q, el = document) => el.querySelector(q);
const $$ = (q, el = document) => [...el.querySelectorAll(q)];
const title = document.title;
const two = (n) => String(n).padStart(2, '0');
const tick = () => {
  $$('[data-since]').forEach((el) => {
    const s = Math.max(0, Math.floor((Date.now() - Number(el.dataset.since)) / 1000));
    el.textContent = (s >= 3600 ? Math.floor(s / 3600) + ':' : '') + two(Math.floor(s / 60) % 60) + ':' + two(s % 60);
  });
  const waiting = $('#ring [data-ringing]');
  document.title = waiting ? '☎ ' + waiting.dataset.ringing + ' · ' + title : title;
};
setInterval(tick, 1000);
let typed = false;
document.addEventListener('input', (e) => { if (e.target.closest && e.target.closest('#take')) typed = true; });
const fill = () => $$('[data-fill]').forEach((el) => {
  const field = $('#take [name="' + el.dataset.fill + '"]');
  if (field && !field.value) field.value = el.dataset.value;
  el.removeAttribute('data-fill');
});
document.addEventListener('htmx:after:swap', () => {
  fill(); tick();
  const form = $('#take'); if (form && form.dataset.fresh) { typed = false; delete form.dataset.fresh; }
  /* the telephone was picked up: its call opens by itself, unless somebody is typing */
  const open = $('#ring [data-open]');
  if (open && !typed && !open.dataset.done) { open.dataset.done = '1'; open.click(); }
});
document.addEventListener('keydown', (e) => {
  if (e.isComposing) return;
  if (e.key === 'Enter' && (e.ctrlKey || e.metaKey)) {
    const form = e.target.closest('form[data-ctrl-enter]') || $('form[data-ctrl-enter]');
    if (form) { e.preventDefault(); form.requestSubmit($('[data-main]', form) || undefined); }
    return;
  }
  if (e.ctrlKey || e.metaKey || e.altKey || document.documentElement.dataset.keys === 'off' || e.target.closest('input:not([type=radio]),textarea,select')) return;
  const key = $('form.keyed [data-key="' + (window.CSS && CSS.escape ? CSS.escape(e.key.toLowerCase()) : e.key) + '"]');
  if (!key) return;
  e.preventDefault();
  if (key.type === 'radio') { key.checked = true; key.focus(); key.dispatchEvent(new Event('change', { bubbles: true })); } else key.click();
});
tick();
})();
