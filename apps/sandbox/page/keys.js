const encode = (bytes) => btoa(String.fromCharCode(...new Uint8Array(bytes)));

const decode = (text) => Uint8Array.from(atob(text), (character) => character.charCodeAt(0));

export const Base64 = {
  encodeB64: encode,
  decodeB64: (text) => decode(text).buffer,
  encodeB64UrlSafe: (bytes) => encode(bytes).replaceAll("+", "-").replaceAll("/", "_"),
  decodeB64UrlSafe: (text) => decode(text.replaceAll("-", "+").replaceAll("_", "/")).buffer,
  decodeB64ToJsArray: (text) => [...decode(text)],
};

const randomKeyPair = () => ({
  pubKey: crypto.getRandomValues(new Uint8Array(32)).buffer,
  privKey: crypto.getRandomValues(new Uint8Array(32)).buffer,
});

/** The keys that stand in the QR. Nothing is encrypted here: they only have to be this page's and no other's. */
export function createKeys() {
  const noise = { staticKeyPair: randomKeyPair(), recoveryToken: new ArrayBuffer(16) };
  const registration = { registrationId: 1, identityKeyPair: randomKeyPair() };
  const secret = encode(crypto.getRandomValues(new Uint8Array(32)));
  const text = [encode(noise.staticKeyPair.pubKey), encode(registration.identityKeyPair.pubKey), secret].join(
    ",",
  );
  return { noise, registration, secret, text };
}
