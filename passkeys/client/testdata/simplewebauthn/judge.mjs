// A relying party built with @simplewebauthn/server. It reads one ceremony a line from standard input and writes one verdict a line: what it read in
// the answer, or why it refuses. A line with "generate" asks for the options that such a site would send.
import { createInterface } from "node:readline";
import { webcrypto } from "node:crypto";

// Before Node 20 these two stood only there.
globalThis.crypto ??= webcrypto;
globalThis.SubtleCrypto ??= webcrypto.subtle.constructor;

const {
  generateAuthenticationOptions,
  generateRegistrationOptions,
  verifyAuthenticationResponse,
  verifyRegistrationResponse,
} = await import("@simplewebauthn/server");

function generate(c) {
  const known = c.known?.map((id) => ({ id, transports: ["internal", "usb"] })) ?? [];
  if (c.generate === "sign-in") {
    return generateAuthenticationOptions({ rpID: c.rpId, allowCredentials: known, userVerification: "required" });
  }
  return generateRegistrationOptions({
    rpName: "Example",
    rpID: c.rpId,
    userName: "ada@example.com",
    userID: new TextEncoder().encode(c.user),
    excludeCredentials: known,
    authenticatorSelection: { residentKey: "required", userVerification: "required" },
    attestationType: "direct",
  });
}

async function register(c) {
  const got = await verifyRegistrationResponse({
    response: c.response,
    expectedChallenge: c.challenge,
    expectedOrigin: c.origin,
    expectedRPID: c.rpId,
    requireUserVerification: c.uv,
    supportedAlgorithmIDs: [c.alg],
  });
  if (!got.verified) throw new Error("not verified");
  const r = got.registrationInfo;
  return {
    format: r.fmt,
    uv: r.userVerified,
    be: r.credentialDeviceType === "multiDevice",
    bs: r.credentialBackedUp,
    counter: r.credential.counter,
  };
}

async function signIn(c) {
  const got = await verifyAuthenticationResponse({
    response: c.response,
    expectedChallenge: c.challenge,
    expectedOrigin: c.origin,
    expectedRPID: c.rpId,
    requireUserVerification: c.uv,
    credential: { id: c.stored.id, publicKey: Buffer.from(c.stored.publicKey, "base64url"), counter: c.stored.counter },
  });
  if (!got.verified) throw new Error("not verified");
  const a = got.authenticationInfo;
  return {
    format: "",
    uv: a.userVerified,
    be: a.credentialDeviceType === "multiDevice",
    bs: a.credentialBackedUp,
    counter: a.newCounter,
  };
}

for await (const line of createInterface({ input: process.stdin })) {
  let verdict;
  try {
    const c = JSON.parse(line);
    if (c.generate) verdict = { options: await generate(c) };
    else verdict = { told: await (c.create ? register(c) : signIn(c)) };
  } catch (e) {
    verdict = { refused: String(e?.message ?? e) || "refused" };
  }
  process.stdout.write(JSON.stringify(verdict) + "\n");
}
