/** Changes under review: what people want branches to have. */
import { useGet } from "../api/use";
import { Page } from "../parts/page";
import { Empty, Shown } from "../parts/shown";
import { Table } from "../parts/table";
import { Ago } from "../parts/time";
import { go, Link, usePlace, withQuery } from "../router";

const STATES = ["open", "merging", "merged", "closed", "all"] as const;
const TONES: Record<string, string> = { open: "running", merging: "waiting", merged: "succeeded", closed: "cancelled" };

export default function Changes() {
  const { query } = usePlace();
  const asked = query.get("state") ?? "open";
  const changes = useGet("/api/v1/changes", { query: { state: asked, limit: 100 } });
  return (
    <Page
      title="Changes"
      actions={
        <label className="select">
          <span className="unseen">State</span>
          <select value={asked} onChange={(event) => go(withQuery({ state: event.target.value }), { replace: true })}>
            {STATES.map((state) => (
              <option key={state}>{state}</option>
            ))}
          </select>
        </label>
      }
    >
      <Shown of={changes}>
        {({ items }) =>
          items.length === 0 ? (
            <Empty icon="changes" title={asked === "open" ? "No change is open" : "No change fits"}>
              <p>
                <code>git push origin HEAD:refs/for/main</code> opens one in a repository that is hosted here.
              </p>
            </Empty>
          ) : (
            <Table label="Changes" columns={[["State"], ["Change"], ["By", "wide-only"], ["To", "wide-only"], ["Changed", "end"]]}>
              {items.map((change) => (
                <tr key={change.number}>
                  <td>
                    <ChangeState state={change.state} />
                  </td>
                  <td className="main-cell">
                    <Link to={`/changes/${change.number}`} className="row-link clip">
                      <span className="faint num">#{change.number}</span> {change.title}
                    </Link>
                  </td>
                  <td className="wide-only muted">{change.author}</td>
                  <td className="wide-only muted tight">
                    {change.repository} <span className="mono">{change.branch}</span>
                  </td>
                  <td className="end faint">
                    <Ago at={change.changed_at} />
                  </td>
                </tr>
              ))}
            </Table>
          )
        }
      </Shown>
    </Page>
  );
}

export function ChangeState({ state }: { state: string }) {
  return <span className={`tag is-${TONES[state] ?? "queued"}`}>{state}</span>;
}
