/** What starts a chain: people, schedules, webhooks with a request that can be tried. */
import type { Chain, ChainSummary } from "../api/types";
import { useGet } from "../api/use";
import { CopyButton } from "../parts/copy";
import { Section } from "../parts/page";
import { Empty } from "../parts/shown";
import { Ago } from "../parts/time";
import { dated } from "../parts/times";
import { Link } from "../router";

export function ChainTriggers({ chain, summary }: { chain: Chain; summary: ChainSummary | undefined }) {
  const schedules = useGet("/api/v1/schedules", { query: { chain: chain.id } }).data?.items ?? [];
  const webhooks = summary?.webhooks ?? [];
  if (schedules.length === 0 && webhooks.length === 0) {
    return (
      <Empty icon="schedules" title={chain.manual ? "People start it" : "Nothing here starts it"}>
        <p>Schedules, webhooks and events are declared below “on” in its file.</p>
      </Empty>
    );
  }
  return (
    <div className="columns">
      {schedules.map((schedule) => (
        <Section key={schedule.id} title={schedule.words} aside={<Link to="/schedules">Schedules</Link>}>
          <ul className="rows boxed">
            <li>
              <code>{schedule.cron}</code>
              <span className="faint">{schedule.timezone}</span>
            </li>
            {schedule.next.map((at) => (
              <li key={at}>
                <span>{dated(at)}</span>
                <span className="faint">
                  <Ago at={at} />
                </span>
              </li>
            ))}
          </ul>
        </Section>
      ))}
      {webhooks.map((webhook) => (
        <Section key={webhook.id} title={`Webhook ${webhook.id}`} aside={webhook.scheme}>
          <Signed path={webhook.path} scheme={webhook.scheme} />
        </Section>
      ))}
    </div>
  );
}

/** A request as its scheme wants it signed; the secret stays a variable of the shell. */
function Signed({ path, scheme }: { path: string; scheme: string }) {
  const url = `${location.origin}${path}`;
  const text = (REQUESTS[scheme] ?? REQUESTS["hmac"]!).replaceAll("URL", url);
  return (
    <div className="snippet">
      <pre className="json" tabIndex={0}>
        {text}
      </pre>
      <CopyButton text={text} />
    </div>
  );
}

const BODY = `body='{"action": "opened"}'`;
const DIGEST = `sum=$(printf %s "$body" | openssl dgst -sha256 -hmac "$SECRET" -hex | sed 's/.* //')`;
const hub = (header: string) => `${BODY}\n${DIGEST}\ncurl URL -d "$body" -H 'Content-Type: application/json' \\\n  -H "${header}"`;

const REQUESTS: Record<string, string> = {
  github: hub("X-Hub-Signature-256: sha256=$sum").replace("  -H", "  -H 'X-GitHub-Event: push' -H"),
  gitea: hub("X-Gitea-Signature: $sum"),
  forgejo: hub("X-Forgejo-Signature: $sum"),
  hmac: hub("X-Signature: $sum"),
  gitlab: `${BODY}\ncurl URL -d "$body" -H 'Content-Type: application/json' -H "X-Gitlab-Token: $SECRET"`,
  token: `${BODY}\ncurl URL -d "$body" -H 'Content-Type: application/json' -H "Authorization: Bearer $SECRET"`,
};

