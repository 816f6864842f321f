/** A request to a webhook as its scheme wants it proven, for a shell: it can be pasted. The secret stays a variable, SECRET. */
import type { Webhook } from "../api/types";

type Verify = Webhook["verify"];

interface Proof {
  /** Lines of shell before the request. */
  made?: string;
  /** Headers of the request. */
  headers: string[];
}

const BODY = `body='{"action": "opened"}'`;
const mac = (signed: string, algorithm = "sha256", encoding: Verify["encoding"] = "hex") =>
  `printf %s "${signed}" | openssl dgst -${algorithm} -hmac "$SECRET" ` + (encoding === "hex" ? "-r | cut -d' ' -f1" : "-binary | openssl base64 -A");
const signature = (...of: Parameters<typeof mac>) => `signature=$(${mac(...of)})`;
const DATED = "at=$(date +%s)";

const forge = (name: string, header: string, event: string) => (): Proof => ({
  made: signature("$body"),
  headers: [header, `X-${name}-Event: ${event}`, `X-${name}-Delivery: $(date +%s%N)`],
});

const PROOFS: Record<Verify["scheme"], (verify: Verify) => Proof> = {
  github: forge("GitHub", "X-Hub-Signature-256: sha256=$signature", "push"),
  gitea: forge("Gitea", "X-Gitea-Signature: $signature", "push"),
  forgejo: forge("Forgejo", "X-Forgejo-Signature: $signature", "push"),
  gitlab: () => ({ headers: ["X-Gitlab-Token: $SECRET", "X-Gitlab-Event: Push Hook"] }),
  slack: () => ({
    made: `${DATED}\n${signature("v0:$at:$body")}`,
    headers: ["X-Slack-Request-Timestamp: $at", "X-Slack-Signature: v0=$signature"],
  }),
  stripe: () => ({ made: `${DATED}\n${signature("$at.$body")}`, headers: ["Stripe-Signature: t=$at,v1=$signature"] }),
  standard: () => ({
    made: [
      "id=msg_$(date +%s%N)",
      DATED,
      `key=$(printf %s "\${SECRET#whsec_}" | openssl base64 -d -A | od -An -vtx1 | tr -d ' \\n')`,
      `signature=$(printf %s "$id.$at.$body" | openssl dgst -sha256 -mac HMAC -macopt "hexkey:$key" -binary | openssl base64 -A)`,
    ].join("\n"),
    headers: ["webhook-id: $id", "webhook-timestamp: $at", "webhook-signature: v1,$signature"],
  }),
  hmac: ({ header, algorithm, encoding, prefix, id_header }) => ({
    made: signature("$body", algorithm, encoding),
    headers: [`${header}: ${prefix}$signature`, ...numbered(id_header)],
  }),
  token: ({ header, id_header }) => ({
    headers: [header ? `${header}: $SECRET` : "Authorization: Bearer $SECRET", ...numbered(id_header)],
  }),
};

const numbered = (header: string | null) => (header ? [`${header}: $(date +%s%N)`] : []);

/** Lines of shell that send something to `url`, proven as `verify` says. */
export function signedRequest(url: string, verify: Verify): string {
  const { made, headers } = PROOFS[verify.scheme](verify);
  const asked = [`curl '${url}'`, `-H 'Content-Type: application/json'`, ...headers.map((header) => `-H "${header}"`), `-d "$body"`];
  return [BODY, ...(made ? [made] : []), asked.join(" \\\n  ")].join("\n");
}
