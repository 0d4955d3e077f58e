/* Portal: read aloud, record a voice. Invariants: every page works without this file; nothing is kept in browser storage; a button
   whose engine is missing stays hidden; the microphone is asked for only after a tap. */
(() => {
'use strict';
const $ = (q) => document.querySelector(q);
const aloud = $('[data-aloud]'), say = window.speechSynthesis;
if (aloud && say) {
  const voice = () => say.getVoices().find((v) => /^zh/i.test(v.lang));
  const show = () => { if (voice()) aloud.hidden = false; };
  show(); if (say.addEventListener) say.addEventListener('voiceschanged', show);
  aloud.addEventListener('click', () => {
    if (say.speaking) { say.cancel(); return; }
    const main = $('main').cloneNode(true);
    main.querySelectorAll('[hidden],[data-quiet],.sr,script').forEach((e) => e.remove());
    (main.innerText || main.textContent).split(/[。！？\n]+/).map((t) => t.trim()).filter(Boolean).forEach((t) => {
      const u = new SpeechSynthesisUtterance(t); u.voice = voice(); u.lang = 'zh-CN'; u.rate = .9; say.speak(u);
    });
  });
  window.addEventListener('pagehide', () => say.cancel());
}
const box = $('[data-record]');
if (box && window.MediaRecorder && navigator.mediaDevices && window.DataTransfer) {
  const file = $('#' + box.dataset.record), go = box.querySelector('button'), play = box.querySelector('audio'), words = box.dataset;
  let rec = null;
  box.hidden = false;
  go.addEventListener('click', async () => {
    if (rec) { rec.stop(); return; }
    let stream;
    try { stream = await navigator.mediaDevices.getUserMedia({ audio: true }); } catch (e) { box.querySelector('[role=status]').textContent = words.refused; return; }
    const parts = []; rec = new MediaRecorder(stream);
    const limit = setTimeout(() => rec && rec.stop(), 120000);
    rec.ondataavailable = (e) => parts.push(e.data);
    rec.onstop = () => {
      clearTimeout(limit); stream.getTracks().forEach((t) => t.stop());
      const type = (rec.mimeType || 'audio/webm').split(';')[0], made = new DataTransfer();
      made.items.add(new File(parts, 'voice.' + (type.split('/')[1] || 'webm'), { type })); file.files = made.files;
      play.src = URL.createObjectURL(file.files[0]); play.hidden = false; go.querySelector('span').textContent = words.again; rec = null;
      box.querySelector('[role=status]').textContent = words.done;
    };
    rec.start(); go.querySelector('span').textContent = words.stop; box.querySelector('[role=status]').textContent = words.running;
  });
}
const bad = $('.errors'); if (bad) bad.focus();
})();
