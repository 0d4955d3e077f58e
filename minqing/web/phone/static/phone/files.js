/* Photos and recordings that lie sealed, part by part, where they broke off: of all stores but the one that is in use (`current`), which sends its own when it is
   open. A file of a store that is gone leaves the phone when the server has it whole; of one that is locked, it is only marked. Returns how many. */
import { all, get, write } from './base.js';
import { call, Answer, PART } from './sync.js';
import { fileBytes } from './store.js';

let filing = null;
export const send = (current) => { filing = filing || files(current).finally(() => { filing = null; }); return filing; };
async function files(current) {
  let n = 0;
  for (const [id, v] of await all('files')) {
    if (v.left || v.of === current) continue;
    const box = await get('bytes', id), lid = await get('meta', 'lid'), here = lid && v.of === lid.id;
    if (!box) { await write(['files', id]); continue; }
    try {
      const whole = fileBytes(box);
      let a = await call('sealed/files', { device: v.device, id, box: v.box, size: v.size, sha256: v.sha256 });
      for (let no = 0; no < a.parts && !a.complete; no++) if (!a.have.includes(no)) a = await call(['sealed/files', v.device, id, no].join('/'), whole.slice(no * PART, (no + 1) * PART));
      if (!a.complete) continue;
    } catch (e) { if (e instanceof Answer && e.status < 500) continue; throw e; }
    await write(...(here ? [['files', id, { ...v, left: true }]] : [['files', id], ['bytes', id]]));
    n += 1;
  }
  return n;
}
