/* Keeps the program, never a person: only the listed files lie in the cache; every call of the API goes to the server and is not kept.
   A new version is loaded whole beside the old one and waits until the page says that nothing is open. */
const KNOWN = {{ known|safe }};
const CACHE = 'minqing-phone-' + KNOWN.version;
self.addEventListener('install', (e) => e.waitUntil(caches.open(CACHE).then((c) => c.addAll(KNOWN.files.map((f) => new Request(f, { cache: 'reload', credentials: 'same-origin' }))))));
self.addEventListener('activate', (e) => e.waitUntil(caches.keys().then((names) => Promise.all(names.filter((n) => n.startsWith('minqing-phone-') && n !== CACHE).map((n) => caches.delete(n)))).then(() => self.clients.claim())));
self.addEventListener('message', (e) => { if (e.data === 'take-over') self.skipWaiting(); });
self.addEventListener('fetch', (e) => {
  const url = new URL(e.request.url);
  if (e.request.method !== 'GET' || url.origin !== self.location.origin || url.pathname.startsWith(KNOWN.api)) return;
  const file = e.request.mode === 'navigate' && url.pathname === KNOWN.page ? KNOWN.page : url.pathname;
  if (!KNOWN.files.includes(file)) return;
  e.respondWith(caches.open(CACHE).then((c) => c.match(file)).then((hit) => hit || fetch(e.request)));
});
