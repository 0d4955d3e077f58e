/* Small delegated behaviours for the desk. Invariants: every page works without this file; nothing is written to
   browser storage (a window PC is shared, and a draft is somebody's life); no inline code, no eval, no other origin.

   Markup it listens to (README.md has the table): data-row-link, data-panel-close, data-confirm, data-copy, data-guard,
   data-pref, data-upload, data-undo-left, data-check-all, data-submit-on-change, data-help, details.menu, #live, #toasts.
   Events a response may send by HX-Trigger: {"toast": {"text", "tone"}}, {"say": "text"}, {"panel-close": true}. */
(() => {
'use strict';
const $ = (q, el = document) => el.querySelector(q);
const $$ = (q, el = document) => [...el.querySelectorAll(q)];
const on = (name, f, opt) => document.addEventListener(name, f, opt);
const root = document.documentElement;
const word = (key) => (document.body.dataset[key] || '');
const csrf = () => { try { return JSON.parse(document.body.getAttribute('hx-headers:inherited'))['X-CSRFToken']; } catch { return ''; } };
const typing = (el) => el.closest && el.closest('input:not([type=checkbox]):not([type=radio]),textarea,select,[contenteditable]');

/* live region: what changed without a page load is said aloud once */
const say = (text) => { const live = $('#live'); if (live && text) { live.textContent = ''; setTimeout(() => { live.textContent = text; }, 60); } };
const toast = (text, tone) => {
  const box = $('#toasts'); if (!box || !text) return;
  const t = document.createElement('div'); t.className = 'toast ' + (tone || '');
  const s = document.createElement('span'); s.textContent = text;
  const x = document.createElement('button'); x.type = 'button'; x.textContent = '✕'; x.setAttribute('aria-label', word('close'));
  x.onclick = () => t.remove(); t.append(s, x); box.append(t); say(text);
  setTimeout(() => { if (!t.matches(':hover,:focus-within')) t.remove(); }, 8000);
};
on('toast', (e) => toast(e.detail.text || e.detail.value, e.detail.tone));
on('say', (e) => say(e.detail.text || e.detail.value));

/* side panel */
const split = () => $('.main.split');
let opener = null;
const closePanel = () => {
  const s = split(); if (!s || !s.classList.contains('open')) return false;
  const link = $('#panel [data-panel-close]');
  if (dirty($('#panel')) && !window.confirm(word('leave'))) return true;
  clean($('#panel')); $('#panel').replaceChildren(); s.classList.remove('open'); $$('.t tr.on').forEach(unmark);
  if (link && link.href) history.replaceState({ htmx: true }, '', link.href);
  if (opener && opener.isConnected) opener.focus(); else $('#main').focus();
  return true;
};
const unmark = (tr) => { tr.classList.remove('on'); const a = $('.hd', tr); if (a) a.removeAttribute('aria-current'); };
on('panel-close', closePanel);
on('htmx:before:request', (e) => {
  const ctx = e.detail.ctx || {}, target = ctx.target;
  if (!target || !ctx.sourceElement || target.contains(ctx.sourceElement.closest('form'))) return;
  if (dirty(target) && !window.confirm(word('leave'))) e.preventDefault(); else clean(target);
});
on('htmx:after:swap', (e) => {
  const p = $('#panel'), s = split(), target = (e.detail.ctx || {}).target;
  if (p && s) s.classList.toggle('open', !!p.firstElementChild);
  if (p && target && target.id === 'panel' && p.firstElementChild) {
    const h = $('h2', p); if (h) { h.tabIndex = -1; h.focus({ preventScroll: true }); } p.scrollTop = 0;
  }
  if (target && target.id === 'help' && target.firstElementChild) { const h = $('h2', target); if (h) { h.tabIndex = -1; h.focus(); } }
  ready(document);
  const a = $('[data-announce]', target || document); if (a) say(a.dataset.announce || a.textContent.trim());
});
on('htmx:error', () => toast(word('offline'), 'cin'));
on('htmx:response:error', (e) => { const c = e.detail.ctx; if (c && c.response.status >= 500) toast(word('broken'), 'cin'); });

/* rows: click anywhere, arrows walk, Enter opens (a link does that by itself), Space ticks */
const rows = () => $$('tr[data-row-link]');
on('click', (e) => {
  const el = e.target; if (!(el instanceof Element)) return;
  const tr = el.closest('tr[data-row-link]');
  if (tr) {
    const own = el.closest('a,button,input,label,select,summary,details,form'), a = $('.hd', tr);
    if (a && (!own || own === a) && a.getAttribute('hx-target') === '#panel') { rows().forEach(unmark); tr.classList.add('on'); a.setAttribute('aria-current', 'true'); opener = a; }
    if (a && !own && !String(getSelection())) a.click();
  }
  const close = el.closest('[data-panel-close]'); if (close && split()) { e.preventDefault(); closePanel(); return; }
  if (el.closest('[data-help-close]')) { e.preventDefault(); closeHelp(); return; }
  const drawer = el.closest('[data-drawer]'); if (drawer) { e.preventDefault(); toggleNav(drawer.dataset.drawer === 'open', drawer); return; }
  if (el.closest('[data-print]')) window.print();
  const copy = el.closest('[data-copy]'); if (copy) { copyText(copy.dataset.copy).then(() => toast(word('copied'))); }
  $$('details.menu[open],details.from[open]').forEach((d) => { if (!d.contains(el)) d.open = false; });
  if (el.closest('dialog') && el.matches('dialog')) el.close();
});
const copyText = async (text) => {
  if (navigator.clipboard && window.isSecureContext) return navigator.clipboard.writeText(text);
  const t = document.createElement('textarea'); t.value = text; t.className = 'sr'; document.body.append(t); t.select(); document.execCommand('copy'); t.remove();
};

/* keyboard */
let navOpener = null;
const toggleNav = (open, from) => {
  const nav = $('#nav'); if (!nav) return;
  nav.classList.toggle('open', open);
  if (open) { navOpener = from; const a = $('a', nav); if (a) a.focus(); } else { if (location.hash === '#nav') history.replaceState(history.state, '', location.pathname + location.search); if (navOpener) navOpener.focus(); }
};
let helpOpener = null;
const closeHelp = () => { const h = $('#help'); if (!h || !h.firstElementChild) return false; h.replaceChildren(); if (helpOpener) helpOpener.focus(); return true; };
on('focusin', (e) => { if (e.target.matches('.help-link')) helpOpener = e.target; });
on('keydown', (e) => {
  if (e.isComposing || e.ctrlKey || e.metaKey || e.altKey) return;
  const el = e.target;
  if (e.key === 'Escape') {
    if ($('dialog[open]')) return;
    const open = $$('details.menu[open],details.from[open],details.confirm[open]').pop();
    if (open) { open.open = false; $('summary', open).focus(); return; }
    if ($('#nav.open')) { toggleNav(false); return; }
    if (closeHelp()) return;
    if (typing(el) && el.name === 'q') { el.blur(); return; }
    closePanel(); return;
  }
  if (typing(el)) return;
  if (e.key === '/' && root.dataset.keys !== 'off') { const q = $('#search'); if (q) { e.preventDefault(); q.focus(); q.select(); } return; }
  if (el.closest('details.menu[open]') && /^Arrow(Up|Down)$/.test(e.key)) {
    const items = $$('.pop a,.pop button', el.closest('details.menu')), i = items.indexOf(el); e.preventDefault();
    (items[i + (e.key === 'ArrowDown' ? 1 : -1)] || items[0]).focus(); return;
  }
  if (/^(ArrowDown|ArrowUp|Home|End)$/.test(e.key)) {
    const table = el.closest('.tw') || (el === document.body || el.id === 'main' ? document : null); if (!table) return;
    const list = $$('tr[data-row-link]', table); if (!list.length) return;
    const i = list.indexOf(el.closest('tr[data-row-link]'));
    const j = e.key === 'Home' ? 0 : e.key === 'End' ? list.length - 1 : Math.max(0, Math.min(list.length - 1, i + (e.key === 'ArrowDown' ? 1 : -1)));
    const a = $('.hd', list[j]); if (a) { e.preventDefault(); a.focus(); list[j].scrollIntoView({ block: 'nearest' }); }
  } else if (e.key === ' ' && el.matches('.hd')) {
    const box = $('.pick input', el.closest('tr')); if (box) { e.preventDefault(); box.click(); }
  }
});

/* forms: unsaved words, confirm, once only, change submits, tick all */
const touched = new Set();
const dirty = (scope) => scope && [...touched].some((f) => f.isConnected && (scope === document || scope.contains(f)));
const clean = (scope) => touched.forEach((f) => { if (!f.isConnected || scope.contains(f)) touched.delete(f); });
on('input', (e) => { const f = e.target.closest && e.target.closest('form[data-guard]'); if (f) touched.add(f); });
on('reset', (e) => touched.delete(e.target));
addEventListener('beforeunload', (e) => { if (dirty(document)) { e.preventDefault(); e.returnValue = ''; } });
on('change', (e) => {
  const el = e.target;
  if (el.matches('[data-check-all]')) $$('.pick input', el.closest('table')).forEach((b) => { b.checked = el.checked; });
  const n = $('[data-picked]'); if (n && el.closest('.pick')) { const k = $$('tbody .pick input:checked').length; n.textContent = k; const bar = n.closest('[data-picked-bar]'); if (bar) bar.hidden = !k; }
  const f = el.closest('form[data-submit-on-change]'); if (f) f.requestSubmit ? f.requestSubmit() : f.submit();
});
const ask = (text, go, button) => {
  const d = $('#confirm'); if (!d || !d.showModal) { if (window.confirm(text)) go(); return; }
  $('p', d).textContent = text; const ok = $('[value=yes]', d); ok.textContent = (button && button.dataset.confirmLabel) || (button && button.textContent.trim()) || word('yes');
  d.onclose = () => { d.onclose = null; if (d.returnValue === 'yes') go(); else if (button) button.focus(); };
  d.returnValue = ''; d.showModal();
};
on('submit', (e) => {
  const f = e.target, b = e.submitter, src = b && b.dataset.confirm ? b : f.dataset.confirm ? f : null;
  if (f.dataset.sure !== '1' && src) {
    e.preventDefault(); e.stopImmediatePropagation();
    ask(src.dataset.confirm, () => { f.dataset.sure = '1'; f.requestSubmit ? f.requestSubmit(b || undefined) : f.submit(); }, b); return;
  }
  delete f.dataset.sure;
  if (f.matches('[data-pref]')) { pref(e, f, b); return; }
  if (f.matches('[data-upload]')) { upload(e, f); return; }
  touched.delete(f);
  if (f.method === 'post' && !f.hasAttribute('hx-post')) { if (f.dataset.sent) { e.preventDefault(); return; } f.dataset.sent = '1'; setTimeout(() => { delete f.dataset.sent; }, 4000); }
}, true);
on('htmx:confirm', (e) => { const c = e.detail.ctx.confirm; if (!c) return; e.preventDefault(); ask(c, () => e.detail.issueRequest(), e.target); });

/* large type, night, keys: the cookie is the server's; the page changes at once */
const pref = (e, f, b) => {
  if (!b || !['theme', 'type', 'keys'].includes(b.name)) return;
  e.preventDefault();
  const data = new FormData(f); data.set(b.name, b.value);
  fetch(f.action, { method: 'POST', body: data, headers: { 'X-CSRFToken': csrf(), 'X-Requested-With': 'fetch' } }).then((r) => {
    if (!r.ok) throw r; if (b.value === 'auto') delete root.dataset[b.name]; else root.dataset[b.name] = b.value;
    $$('form[data-pref] button[name=' + b.name + ']').forEach((x) => { if (x.hasAttribute('aria-pressed')) x.setAttribute('aria-pressed', String(x.value === b.value)); });
    $$('form[data-pref] button[data-flip]').forEach((x) => { if (x.name === b.name) { const v = x.value; x.value = x.dataset.flip; x.dataset.flip = v; const l = $('span', x), w = x.dataset.word; if (l && w) { x.dataset.word = l.textContent; l.textContent = w; } } });
  }).catch(() => { f.submit(); });
};

/* upload with progress; the server answers with a redirect or with the form and its errors */
const upload = (e, f) => {
  if (!window.XMLHttpRequest || !window.FormData) return;
  e.preventDefault(); touched.delete(f);
  const bar = $('progress', f), out = $('[data-upload-text]', f), x = new XMLHttpRequest();
  $$('[type=submit]', f).forEach((s) => { s.disabled = true; });
  x.open('POST', f.action || location.href); x.setRequestHeader('X-Requested-With', 'fetch');
  x.upload.onprogress = (p) => { if (!p.lengthComputable) return; if (bar) { bar.hidden = false; bar.max = p.total; bar.value = p.loaded; } if (out) out.textContent = Math.floor(100 * p.loaded / p.total) + '%'; };
  const fail = () => { $$('[type=submit]', f).forEach((s) => { s.disabled = false; }); toast(word('offline'), 'cin'); };
  x.onerror = fail; x.onabort = fail;
  x.onload = () => {
    // the redirect has been followed and its one-time message spent: show that answer, do not fetch the page a second time
    const page = new DOMParser().parseFromString(x.responseText, 'text/html'), app = $('.app', page);
    if (!app) { fail(); return; }
    $('.app').replaceWith(app); document.title = page.title;
    if (x.responseURL && x.responseURL !== location.href) history.pushState({ htmx: true }, '', x.responseURL);
    if (window.htmx) window.htmx.process(app);
    ready(app); scrollTo(0, 0); $('#main').focus({ preventScroll: true });
  };
  x.send(new FormData(f));
};
on('dragover', (e) => { const d = e.target.closest && e.target.closest('.drop'); if (d) { e.preventDefault(); d.classList.add('over'); } });
on('dragleave', (e) => { const d = e.target.closest && e.target.closest('.drop'); if (d) d.classList.remove('over'); });
on('drop', (e) => {
  const d = e.target.closest && e.target.closest('.drop'); if (!d) return;
  e.preventDefault(); d.classList.remove('over'); const i = $('input[type=file]', d);
  if (i && e.dataTransfer.files.length) { i.files = e.dataTransfer.files; i.dispatchEvent(new Event('change', { bubbles: true })); }
});

/* undo: the countdown is told in minutes, in seconds only at the end; it is not a live region (it would chatter) */
const tick = () => $$('[data-undo-left]').forEach((u) => {
  u.until = u.until || Date.now() + 1000 * u.dataset.undoLeft;
  const s = Math.round((u.until - Date.now()) / 1000), out = $('.left', u);
  if (s <= 0) { u.remove(); return; }
  if (out) out.textContent = s >= 60 ? word('minutes').replace('#', Math.ceil(s / 60)) : word('seconds').replace('#', s);
});
setInterval(tick, 1000);

const ready = (scope) => {
  tick();
  /* a row of tabs or segments wider than the phone: the current one stands in sight */
  $$('.tabs,.seg', scope).forEach((row) => {
    const here = $('[aria-current]', row); if (!here || row.scrollWidth <= row.clientWidth) return;
    const a = here.getBoundingClientRect(), b = row.getBoundingClientRect();
    if (a.right > b.right || a.left < b.left) row.scrollLeft += a.left - b.left - (b.width - a.width) / 2;
  });
  const err = $('.errors', scope); if (err && !err.dataset.seen) { err.dataset.seen = '1'; err.focus(); }
};
ready(document);
/* forty items are longer than a screen: the one that is open stands in sight */
{ const nav = $('#nav'), here = nav && $('[aria-current]', nav); if (here && here.offsetTop + here.offsetHeight > nav.clientHeight) nav.scrollTop = here.offsetTop - nav.clientHeight / 2; }
})();
