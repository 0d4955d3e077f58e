/* A photo becomes small before it is kept. Invariants: what leaves here was drawn anew, so place, time and device that the camera wrote
   into it are gone; the long edge is at most 1600 and the whole at most 250 KB, or it is refused; nothing goes into the gallery. */
const EDGES = [1600, 1280, 1024, 800], QUALITY = [0.7, 0.55, 0.4], MOST = 250 * 1024;

const address = (file) => new Promise((ok, no) => { const r = new FileReader(); r.onload = () => ok(r.result); r.onerror = () => no(r.error); r.readAsDataURL(file); });
const picture = (src) => new Promise((ok, no) => { const i = new Image(); i.onload = () => ok(i); i.onerror = () => no(new Error('photo')); i.src = src; });
const jpeg = (canvas, quality) => new Promise((ok) => canvas.toBlob(ok, 'image/jpeg', quality));

/* File → bytes of a JPEG. Throws where it is no picture. An <img> stands upright as the camera held it; a bitmap would not everywhere. */
export async function shrink(file) {
  const img = await picture(await address(file)), w = img.naturalWidth, h = img.naturalHeight;
  if (!w || !h) throw new Error('photo');
  for (const edge of EDGES) {
    const k = Math.min(1, edge / Math.max(w, h)), canvas = document.createElement('canvas');
    canvas.width = Math.max(1, Math.round(w * k)); canvas.height = Math.max(1, Math.round(h * k));
    const pen = canvas.getContext('2d');
    pen.fillStyle = '#fff'; pen.fillRect(0, 0, canvas.width, canvas.height); pen.drawImage(img, 0, 0, canvas.width, canvas.height);
    for (const q of QUALITY) {
      const blob = await jpeg(canvas, q);
      if (blob && blob.size <= MOST) { const bytes = new Uint8Array(await blob.arrayBuffer()); canvas.width = 0; return bytes; }
    }
    canvas.width = 0;
  }
  throw new Error('photo');
}
