/** What goes on now, and what wants something of you. */
import { useGet } from "../api/use";
import { Command } from "../parts/copy";
import { Page, Section } from "../parts/page";
import { RunTable } from "../parts/run-table";
import { Empty, Shown } from "../parts/shown";
import { Link } from "../router";

export function Home() {
  const runs = useGet("/api/v1/runs", { query: { limit: 15 } });
  return (
    <Page title="Home">
      <Shown of={runs}>
        {({ items }) =>
          items.length === 0 ? (
            <Welcome />
          ) : (
            <Section title="Latest runs" aside={<Link to="/runs">All runs</Link>}>
              <RunTable runs={items} label="Latest runs" hasKeys />
            </Section>
          )
        }
      </Shown>
    </Page>
  );
}

function Welcome() {
  return (
    <Empty icon="chains" title="Nothing has run yet">
      <p>A chain is a file in a git repository; a commit deploys it.</p>
      <Command text="chainwright init my-chains" />
      <Command text="chainwright up --repo my-chains --detach" />
      <Command text="chainwright run hello -i who=Ada --follow" />
    </Empty>
  );
}
