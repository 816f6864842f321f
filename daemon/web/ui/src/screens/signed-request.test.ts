import { expect, test } from "vitest";

import type { Webhook } from "../api/types";
import { signedRequest } from "./signed-request";

const PLAIN = { secrets: ["S"], header: null, algorithm: "sha256", encoding: "hex", prefix: "", id_header: null } as const;
const asked = (verify: Partial<Webhook["verify"]>) => signedRequest("http://x/hook", { ...PLAIN, scheme: "github", ...verify });

test("a forge's signature stands in the header of that forge", () => {
  expect(asked({ scheme: "gitea" })).toContain(`-H "X-Gitea-Signature: $signature"`);
});

test("what a chain says of its own scheme is followed", () => {
  const request = asked({ scheme: "hmac", header: "X-Sum", algorithm: "sha512", encoding: "base64", prefix: "v1=", id_header: "X-Id" });

  expect(request).toContain("openssl dgst -sha512");
  expect(request).toContain("openssl base64 -A");
  expect(request).toContain(`-H "X-Sum: v1=$signature"`);
  expect(request).toContain(`-H "X-Id: `);
});

test("the secret is a variable, and signed ones do not send it", () => {
  expect(asked({ scheme: "token" })).toContain(`"Authorization: Bearer $SECRET"`);
  expect(asked({ scheme: "stripe" })).not.toContain(`: $SECRET`);
});
