/* Photos and one sentence of voice beside what is typed. Invariants: never required; on disk, encrypted, before the form shows it; the
   modules that shrink and record come only when somebody taps. */
import { S, mediaOf, keepMedia, dropMedia, bytesOf, onWay, hex } from './store.js';
import { h, ic, t, toast, now } from './dom.js';
import { uuid, b64 } from './vault.js';

const MOST = 4;
let running = null;  // the one recording there may be
const canRecord = () => !!(window.MediaRecorder && navigator.mediaDevices && navigator.mediaDevices.getUserMedia);

async function keep(of, kind, type, bytes, seconds) {
  const sha256 = hex(await crypto.subtle.digest('SHA-256', bytes));
  await keepMedia({ id: uuid(), of, op: '', parent: '', kind, type, size: bytes.length, sha256, seconds: seconds || 0, at: now(), seq: Date.now(), name: kind === 'photo' ? t('照片') : t('录音') }, bytes);
}
const arriving = new Set();  // photos that are being made small
/* Whatever is being recorded or made small ends and is kept: the form is done, or the page is left. */
export const endRecording = async () => { if (running) await running.finish().catch(() => {}); await Promise.all([...arriving]); };
document.addEventListener('visibilitychange', () => { if (document.hidden && running) running.finish(); });  // out of sight a tab may be killed

export const mediaWords = (list) => {
  const p = list.filter((m) => m.kind === 'photo').length, v = list.length - p;
  return [p ? t('照片 {n} 张', { n: p }) : '', v ? t('录音 {n} 段', { n: v }) : ''].filter(Boolean).join(t('、'));
};
export const mediaOnWay = () => onWay();

/* The picture of one that lies on the phone. */
export function thumb(m) {
  const img = h('img', { alt: t('照片'), class: 'th' });
  bytesOf(m.id).then((b) => { img.src = 'data:image/jpeg;base64,' + b64(b); }, () => img.replaceWith(h('span', { class: 'th' }, ic('alert-triangle'))));
  return img;
}
export const hear = async (m) => { try { const { play } = await import('./voice.js'); await play(await bytesOf(m.id)); } catch (e) { toast(t('放不出来')); } };

/* The block of a form. `of` = its draft; changed() when something came or went. */
export function block(of, { photo = true, changed = () => {} } = {}) {
  const box = h('div', { class: 'shots' }), said = h('p', { class: 'er', role: 'alert' });
  const bad = (text) => { said.textContent = text; };
  const draw = () => {
    const list = mediaOf(of), full = list.length >= MOST, mine = running && running.of === of;
    box.replaceChildren(...list.map((m, i) => h('div', { class: 'one' }, m.kind === 'photo' ? thumb(m) : h('button', { type: 'button', class: 'th', onclick: () => hear(m) }, ic('microphone'), t('听 {n} 秒', { n: m.seconds })),
      h('button', { type: 'button', class: 'lnk', 'aria-label': t('删去第 {n} 个', { n: i + 1 }), onclick: async () => { await dropMedia([m.id]); draw(); changed(); } }, ic('trash'), t('删')))),
    ...(photo && !full ? [h('label', { class: 'shot' }, h('input', { type: 'file', accept: 'image/*', capture: 'environment', onchange: take }), ic('camera'), t('拍照'))] : []),
    ...(canRecord() && !list.some((m) => m.kind === 'voice') ? [h('button', { type: 'button', class: mine ? 'shot on' : 'shot', 'aria-pressed': String(!!mine), onclick: mine ? () => running.finish() : speak }, ic('microphone'), h('span', null, mine ? t('停') : t('录一句')))] : []));
  };
  function take(e) {
    const file = e.target.files[0];
    if (!file) return;
    const job = taken(file).catch(() => {}).then(() => arriving.delete(job));
    arriving.add(job);
  }
  async function taken(file) {
    bad('');
    let bytes;
    try { const { shrink } = await import('./photo.js'); bytes = await shrink(file); } catch (x) { bad(t('这张照片打不开，请重拍一张；不带照片也能记。')); draw(); return; }
    try { await keep(of, 'photo', 'image/jpeg', bytes); } catch (x) { bad(t('手机存满了，照片没存下；写的字都在。')); }
    draw(); changed();
  }
  async function speak(e) {
    const button = e.currentTarget;
    if (running || button.disabled) return;
    bad(''); button.disabled = true;
    try {
      const { record } = await import('./voice.js');
      const one = await record((n) => { const label = box.querySelector('.shot.on span'); if (label) label.textContent = t('停') + ' ' + n; });
      if (!box.isConnected) { one.ended.catch(() => {}); one.stop(); return; }  // allowed after the page was left
      const finished = one.ended.then(async (r) => { running = null; if (r.bytes.length) await keep(of, 'voice', r.type, r.bytes, r.seconds); }).catch(() => { running = null; bad(t('录音没存下，请再说一遍，或写字。')); }).then(() => { draw(); changed(); });
      running = { of, finish: () => { one.stop(); return finished; } };
    } catch (x) { bad(t('用不了话筒，请写字。')); }
    button.disabled = false;
    draw();
  }
  draw();
  return h('div', { class: 'media' }, box, said);
}

/* All of this form go with it. */
export const dropOf = (of) => dropMedia(mediaOf(of).map((m) => m.id));
export const hasVoice = (of) => mediaOf(of).some((m) => m.kind === 'voice');
export const failed = () => [...S.media.values()].filter((m) => m.refused);
