/* Search as one types: any part of a name, pinyin, initials, door, the last digits of a phone; ？ or · stands for a character one cannot
   type. Everything is in memory, so this is a loop over strings. */
const low = (s) => (s || '').normalize('NFKC').toLowerCase();
const SPACE = /\s+/, ANY = /[?？·]/;

export function index(rows, all) {
  return rows.filter((r) => all || r.k === 'household' || r.k === 'door').map((r) => {
    const d = r.data, people = d.members || [{ name: d.name, py: d.py, phone: d.phone }];
    return { id: r.id, door: low([d.hamlet, d.door, d.address, d.number].join(' ')), people: people.map((m) => ({ m, name: low(m.name), py: low(m.py).split(SPACE), tail: (m.phone || '').replace(/\D/g, '').slice(-4) })) };
  });
}

const escape = (s) => s.replace(/[.*+^${}()|[\]\\]/g, '\\$&');
const tester = (q) => {
  if (!ANY.test(q)) return (s) => s.indexOf(q);
  const re = new RegExp(escape(q).replace(/[?？·]/g, '.'), 'u');
  return (s) => s.search(re);
};

/* 0 = best; -1 = no hit. */
function score(entry, q, at) {
  let best = 99, who = null;
  for (const p of entry.people) {
    let s = 99;
    const i = at(p.name);
    if (i === 0) s = 0; else if (i > 0) s = 2;
    else {
      const [full = '', initials = ''] = p.py;
      if (initials && initials === q) s = 1; else if (initials.indexOf(q) === 0) s = 3; else if (full.indexOf(q) === 0) s = 3;
      else if (q.length > 1 && (full.indexOf(q) > 0 || initials.indexOf(q) > 0)) s = 6;
      else if (/^\d{4}$/.test(q) && p.tail === q) s = 4; else if (/^\d{2,3}$/.test(q) && p.tail.endsWith(q)) s = 7;
    }
    if (s < best) { best = s; who = p.m; }
  }
  const i = at(entry.door);
  if (i >= 0 && best > 4) { best = 5; who = null; }
  return best === 99 ? null : { s: best, who };
}

/* [{id, who}] best first; `who` is the member that was meant when it is not plain from the door. */
export function find(list, text, most = 40) {
  const parts = low(text).split(SPACE).filter(Boolean);
  if (!parts.length) return [];
  const tests = parts.map((q) => [q, tester(q)]), hits = [];
  for (const entry of list) {
    let sum = 0, who = null, all = true;
    for (const [q, at] of tests) {
      const r = score(entry, q, at);
      if (!r) { all = false; break; }
      sum += r.s; who = who || r.who;
    }
    if (all) hits.push({ id: entry.id, who, sum });
  }
  return hits.sort((a, b) => a.sum - b.sum).slice(0, most);
}
