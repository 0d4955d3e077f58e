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
// a photo of 10 MB costs a villager money and minutes: drawn smaller here; where that fails the server does it
const small = $('[data-shrink]'), pick = small && document.getElementById(small.dataset.shrink);
if (pick && window.createImageBitmap && window.DataTransfer && HTMLCanvasElement.prototype.toBlob) {
  pick.addEventListener('change', async () => {
    const before = Array.from(pick.files), out = new DataTransfer();
    let saved = 0;
    for (const file of before) {
      let made = file;
      if (file.size > 400000) {
        try {
          const picture = await createImageBitmap(file, { imageOrientation: 'from-image' }), k = Math.min(1, 1600 / Math.max(picture.width, picture.height)), paper = document.createElement('canvas');
          paper.width = Math.round(picture.width * k); paper.height = Math.round(picture.height * k);
          paper.getContext('2d').drawImage(picture, 0, 0, paper.width, paper.height);
          const blob = await new Promise((done) => paper.toBlob(done, 'image/jpeg', .72));
          if (blob && blob.size < file.size) { made = new File([blob], file.name.replace(/\.[^.]*$/, '') + '.jpg', { type: 'image/jpeg' }); saved += file.size - blob.size; }
        } catch (e) { made = file; }
      }
      out.items.add(made);
    }
    if (saved && pick.files.length === before.length) { pick.files = out.files; small.textContent = small.dataset.done + out.files.length + ' · ' + Math.round(Array.from(out.files).reduce((n, f) => n + f.size, 0) / 1024) + ' KB'; small.hidden = false; }
  });
}
const bad = $('.errors'); if (bad) bad.focus();
})();
