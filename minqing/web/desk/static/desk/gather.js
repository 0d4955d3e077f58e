/* Keys of a question: 1, 2, 3 … press the button with that data-key; chosen files are listed with their sizes.
   Without this file everything works all the same. */
(() => {
'use strict';
document.addEventListener('keydown', (e) => {
  if (e.isComposing || e.ctrlKey || e.metaKey || e.altKey || e.repeat || document.documentElement.dataset.keys === 'off') return;
  if (e.target.closest('input,textarea,select,[contenteditable]') || document.querySelector('dialog[open]')) return;
  const b = document.querySelector('[data-key="' + CSS.escape(e.key) + '"]');
  if (b) { e.preventDefault(); b.focus(); b.click(); }
});
document.addEventListener('change', (e) => {
  if (!e.target.matches || !e.target.matches('.drop input[type=file]')) return;
  const box = e.target.closest('.drop'), old = box.querySelector('.files-in');
  if (old) old.remove();
  const list = document.createElement('ul');
  list.className = 'files-in';
  for (const f of e.target.files) {
    const li = document.createElement('li'), size = document.createElement('small');
    li.textContent = f.name;
    size.textContent = f.size >= 1048576 ? (f.size / 1048576).toFixed(1) + ' MB' : Math.max(1, Math.round(f.size / 1024)) + ' KB';
    li.append(size); list.append(li);
  }
  box.append(list);
});
})();
