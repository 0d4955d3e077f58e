/* 夜访 as the visit and the matter need it; its pages are in round.js. Invariants: what lies in the outbox counts as said; what is taken down at a door
   of tonight ends it in the same transaction. */
import { S } from './store.js';
import { t, today } from './dom.js';

export const ENDS = { settled: '当场办结', matter: '登记成一件事', referred: '已说明去处', absent: '没有见到', open: '结果撤回' };
const held = (k) => [...S.rows.values()].filter((r) => r.k === k);
export const rounds = () => held('round').sort((a, b) => a.data.day.localeCompare(b.data.day));
export const stops = (id) => held('stop').filter((r) => r.data.round === id).sort((a, b) => a.data.n - b.data.n);

/* What the server said, and after it what was said here: {end, kept}; null while it is open. */
export function ended(r) {
  let found = r.data.end ? { end: r.data.end } : null;
  for (const { op, refused } of S.out) if (op.kind === 'round.end' && op.target === r.id && !refused) found = op.data.outcome === 'open' ? null : { end: op.data.outcome, kept: true };
  return found;
}
const here = (home) => held('stop').filter((r) => r.data.home === home && (S.rows.get(r.data.round) || { data: {} }).data.day === today());
/* The door of this household tonight; whoever was not met may still be met. */
export const tonight = (home) => here(home).find((r) => (ended(r) || { end: 'absent' }).end === 'absent');
export const end = (r, outcome, by, data) => ({ kind: 'round.end', target: r.id, base: 0, needs: by ? [by] : [], data: { outcome, ...data }, about: { title: t('夜访') + ' ' + r.data.name, sub: t(ENDS[outcome]), household: r.data.home || '', of: by } });
/* Ends the door of this household with the visit or matter `by`. */
export const ending = (home, by, outcome, words = '') => [tonight(home)].filter(Boolean).map((r) => end(r, outcome, by, { words, by }));
export const reopening = (home, by) => here(home).filter(ended).map((r) => end(r, 'open', by));
