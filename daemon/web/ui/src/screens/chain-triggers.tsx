/** What starts a chain: people, schedules, webhooks with a request that can be tried. */
import type { Chain, ChainSummary, Webhook } from "../api/types";
import { useGet } from "../api/use";
import { CopyButton } from "../parts/copy";
import { Section } from "../parts/page";
import { Empty, Loading } from "../parts/shown";
import { Ago } from "../parts/time";
import { dated } from "../parts/times";
import { Link } from "../router";
import { signedRequest } from "./signed-request";

export function ChainTriggers({ chain, summary }: { chain: Chain; summary: ChainSummary | undefined }) {
  const schedules = useGet("/api/v1/schedules", { query: { chain: chain.id } }).data?.items ?? [];
  const paths = new Map(summary?.webhooks.map(({ id, path }) => [id, path]));
  const { webhooks } = chain;
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
        <Section key={webhook.id} title={`Webhook ${webhook.id}`} aside={webhook.verify.scheme}>
          <Signed path={paths.get(webhook.id)} webhook={webhook} />
        </Section>
      ))}
    </div>
  );
}

/** A request that can be tried; the secret stays a variable of the shell. */
function Signed({ path, webhook }: { path: string | undefined; webhook: Webhook }) {
  if (path === undefined) return <Loading rows={4} />;
  const text = signedRequest(`${location.origin}${path}`, webhook.verify);
  return (
    <>
      <p className="faint said-before">
        With <code>SECRET</code> set to {webhook.verify.secrets.join(" or ")}:
      </p>
      <div className="snippet">
        <pre className="json" tabIndex={0}>
          {text}
        </pre>
        <CopyButton text={text} />
      </div>
    </>
  );
}
