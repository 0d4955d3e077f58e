/* The phone's own lock (finger, face, its code) as a second way in. Invariants: it is offered only where a passkey gives a secret for a
   salt (WebAuthn PRF) and has just done so; the server never hears of it; it logs nobody in; the PIN stays. */
const random = (n) => crypto.getRandomValues(new Uint8Array(n));

/* Is there anything to offer? What the browser says of itself is believed only where it says no. */
export async function able() {
  try {
    const P = window.PublicKeyCredential;
    if (!P || !await P.isUserVerifyingPlatformAuthenticatorAvailable()) return false;
    const can = P.getClientCapabilities ? await P.getClientCapabilities() : {};
    return can['extension:prf'] !== false;
  } catch (e) { return false; }
}

/* The secret of a passkey for its salt. Throws where nobody answered or it has none. */
export async function secret({ id, salt }) {
  const answer = await navigator.credentials.get({ publicKey: { challenge: random(32), timeout: 60000, userVerification: 'required', allowCredentials: [{ type: 'public-key', id }], extensions: { prf: { eval: { first: salt } } } } });
  const found = answer.getClientExtensionResults().prf;
  if (!found || !found.results || !found.results.first) throw new Error('prf');
  return new Uint8Array(found.results.first);
}

/* {id, salt, secret}, or null where this phone's passkeys give no secret. */
export async function enrol(name) {
  const salt = random(32), made = await navigator.credentials.create({ publicKey: {
    challenge: random(32), timeout: 60000, rp: { name }, user: { id: random(16), name, displayName: name }, pubKeyCredParams: [{ type: 'public-key', alg: -7 }, { type: 'public-key', alg: -257 }],
    authenticatorSelection: { authenticatorAttachment: 'platform', userVerification: 'required', residentKey: 'preferred' }, attestation: 'none', extensions: { prf: {} },
  } });
  const prf = made.getClientExtensionResults().prf;
  if (!prf || !prf.enabled) return null;
  const kept = { id: new Uint8Array(made.rawId), salt };
  return { ...kept, secret: await secret(kept) };
}
