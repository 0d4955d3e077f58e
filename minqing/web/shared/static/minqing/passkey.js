/* Passkeys: a form with data-passkey="get" or "create" and data-options (WebAuthn options as JSON, base64url bytes)
   asks the browser, puts the answer as JSON into its field "credential" and submits itself. */
(() => {
'use strict';
const bytes = (s) => Uint8Array.from(atob(s.replace(/-/g, '+').replace(/_/g, '/')), (c) => c.charCodeAt(0));
const text = (b) => btoa(String.fromCharCode(...new Uint8Array(b))).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');
const read = (o) => {
  o = o.publicKey || o; o.challenge = bytes(o.challenge);
  if (o.user) o.user.id = bytes(o.user.id);
  ['allowCredentials', 'excludeCredentials'].forEach((k) => (o[k] || []).forEach((c) => { c.id = bytes(c.id); }));
  return o;
};
const write = (c) => {
  const r = c.response, out = { clientDataJSON: text(r.clientDataJSON) };
  ['attestationObject', 'authenticatorData', 'signature', 'userHandle'].forEach((k) => { if (r[k]) out[k] = text(r[k]); });
  return JSON.stringify({ id: c.id, rawId: text(c.rawId), type: c.type, response: out, authenticatorAttachment: c.authenticatorAttachment, clientExtensionResults: c.getClientExtensionResults() });
};
document.addEventListener('submit', async (e) => {
  const f = e.target; if (!f.dataset.passkey || f.elements.credential.value) return;
  e.preventDefault(); e.stopImmediatePropagation();
  const out = f.querySelector('[data-passkey-text]');
  try {
    const publicKey = read(JSON.parse(f.dataset.options));
    f.elements.credential.value = write(await navigator.credentials[f.dataset.passkey]({ publicKey }));
    f.submit();
  } catch (err) { if (out) out.textContent = f.dataset.failed || '没有完成：' + (err && err.message ? err.message : err); }
}, true);
if (!window.PublicKeyCredential) document.querySelectorAll('[data-passkey] button').forEach((b) => { b.disabled = true; });
})();
