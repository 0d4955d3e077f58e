/* Before the first paint: day or night, size of type (no person in them); and whether this browser can keep anything at all. */
(function () {
  var root = document.documentElement;
  try {
    var theme = localStorage.getItem('theme'), type = localStorage.getItem('type');
    if (theme === 'day' || theme === 'night') root.setAttribute('data-theme', theme);
    if (type === 'large') root.setAttribute('data-type', 'large');
  } catch (e) { /* refused: the system's choice holds */ }
  var able = 'noModule' in document.createElement('script') && window.indexedDB && navigator.serviceWorker && window.crypto && crypto.subtle && window.AbortController;
  document.addEventListener('DOMContentLoaded', function () { if (!able) { root.setAttribute('data-cannot', ''); document.getElementById('cannot').hidden = false; } });
})();
