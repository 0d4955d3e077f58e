/* Keys of a question: 1, 2, 3 … press the button with that data-key. Without this file the buttons are there all the same. */
(() => {
'use strict';
document.addEventListener('keydown', (e) => {
  if (e.isComposing || e.ctrlKey || e.metaKey || e.altKey || e.repeat || document.documentElement.dataset.keys === 'off') return;
  if (e.target.closest('input,textarea,select,[contenteditable]') || document.querySelector('dialog[open]')) return;
  const b = document.querySelector('[data-key="' + CSS.escape(e.key) + '"]');
  if (b) { e.preventDefault(); b.focus(); b.click(); }
});
})();
