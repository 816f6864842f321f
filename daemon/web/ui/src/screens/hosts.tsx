/** The machines that agents run on: how they are, how full; drain them and let them work again. */
import { outdate } from "../api/cache";
import { post } from "../api/client";
import type { Answer } from "../api/types";
import { useGet } from "../api/use";
import { Action } from "../parts/button";
import { Icon } from "../parts/icon";
import { say } from "../parts/notices";
import { Page } from "../parts/page";
import { Shown } from "../parts/shown";
import { Ago } from "../parts/time";

type Host = Answer<"/api/v1/hosts">["items"][number];

const TONES: Record<Host["state"], string> = {
  connected: "succeeded",
  idle: "queued",
  unreachable: "failed",
  untrusted: "waiting",
  refused: "failed",
};

export default function Hosts() {
  const hosts = useGet("/api/v1/hosts");
  return (
    <Page
      title="Hosts"
      facts={
        <span>
          <code>chainwright hosts add NAME ADDRESS</code> adds one that is reached over SSH
        </span>
      }
    >
      <Shown of={hosts}>
        {({ items }) => (
          <div className="cards">
            {items.map((host) => (
              <HostCard key={host.name} host={host} />
            ))}
          </div>
        )}
      </Shown>
    </Page>
  );
}

function HostCard({ host }: { host: Host }) {
  const change = (verb: "drain" | "resume", done: string) => async () => {
    await post(`/hosts/${encodeURIComponent(host.name)}/${verb}`);
    outdate((url) => url.includes("/hosts"));
    say(done);
  };
  const share = Math.min(1, host.sessions / Math.max(1, host.slots));
  return (
    <article className="card host" aria-label={host.name}>
      <header>
        <Icon name="hosts" />
        <h2>{host.name}</h2>
        <span className={`tag is-${host.drained ? "waiting" : TONES[host.state]}`}>{host.drained ? "drained" : host.state}</span>
      </header>
      <p className="facts">
        {host.address && <span className="mono">{host.address}</span>}
        {host.labels.map((label) => (
          <span key={label} className="label">
            {label}
          </span>
        ))}
        {host.durable === false && <span>sessions end with the connection</span>}
        {host.last_seen !== null && (
          <span>
            seen <Ago at={host.last_seen} />
          </span>
        )}
      </p>
      {host.why && <p className={`said is-${TONES[host.state]}`}>{host.why}</p>}
      {host.drained && (
        <p className="muted">
          {host.drained.actor} lets nothing new start here{host.drained.reason && `: ${host.drained.reason}`}
        </p>
      )}
      <div className="meter">
        <div aria-hidden="true">
          <span style={{ width: `${share * 100}%` }} />
        </div>
        <span className="num muted">
          {host.sessions} of {host.slots} sessions
        </span>
        {host.drained ? (
          <Action icon="play" act={change("resume", `${host.name} takes sessions again`)}>
            Resume
          </Action>
        ) : (
          <Action icon="pause" act={change("drain", `${host.name} is being drained`)}>
            Drain
          </Action>
        )}
      </div>
    </article>
  );
}
