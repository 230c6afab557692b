// Keeps the session doctor for when there is no network. Its scope is /doctor/: it sees what that page loads, and nothing of the rest of the
// site. All files of one build are kept together and served together; another build comes in whole, when the page says so.

/* global doctor */
importScripts('/assets/edgeseal/files.js');

const PREFIX = 'edgeseal-doctor-';
const NAME = PREFIX + doctor.version;

self.addEventListener('install', (event) => {
  // Past the browser's own cache, which may hold files of the build before.
  const requests = doctor.addresses.map((address) => new Request(address, { cache: 'reload' }));
  event.waitUntil(caches.open(NAME).then((cache) => cache.addAll(requests)));
});

self.addEventListener('activate', (event) => {
  event.waitUntil(removeOthers());
});

self.addEventListener('fetch', (event) => {
  const { origin, pathname } = new URL(event.request.url);
  if (event.request.method !== 'GET' || origin !== self.location.origin || !doctor.addresses.includes(pathname)) return;
  event.respondWith(kept(pathname, event.request));
});

// The page asks for it when the person does: it loads itself again then.
self.addEventListener('message', (event) => {
  if (event.data === 'take over') self.skipWaiting();
});

/** A browser short of space may have dropped the cache. */
async function kept(pathname, request) {
  const cache = await caches.open(NAME);
  return (await cache.match(pathname)) ?? fetch(request);
}

async function removeOthers() {
  const names = await caches.keys();
  await Promise.all(names.filter((name) => name.startsWith(PREFIX) && name !== NAME).map((name) => caches.delete(name)));
}
