/** The chains in force: how their last runs went, how reliable they are, when they are due. */
import { useState } from "react";

import type { ChainSummary } from "../api/types";
import { useGet } from "../api/use";
import { Bars, reliability } from "../parts/bars";
import { Button } from "../parts/button";
import { Page } from "../parts/page";
import { Empty, Shown } from "../parts/shown";
import { StateIcon } from "../parts/state";
import { standing } from "../parts/standing";
import { Table } from "../parts/table";
import { Ago } from "../parts/time";
import { escaped, go, Link } from "../router";

export default function Chains() {
  const chains = useGet("/api/v1/chains");
  const [sought, setSought] = useState("");
  return (
    <Page
      title="Chains"
      isWide
      actions={
        <label className="search">
          <span className="unseen">Filter the chains</span>
          <input type="search" placeholder="Filter" value={sought} onChange={(event) => setSought(event.target.value)} />
        </label>
      }
    >
      <Shown of={chains}>
        {({ items }) => {
          const shown = items.filter((chain) => `${chain.id} ${chain.name}`.toLowerCase().includes(sought.toLowerCase()));
          if (shown.length === 0) return <None sought={sought} />;
          return <ChainTable chains={shown} />;
        }}
      </Shown>
    </Page>
  );
}

const keyOf = (chain: ChainSummary) => `${chain.repository}/${chain.environment}/${chain.id}`;

function None({ sought }: { sought: string }) {
  return (
    <Empty icon="chains" title={sought ? `No chain fits “${sought}”` : "No chains are in force"}>
      {!sought && <p>Commit a file below workflows/ of the repository that the daemon follows.</p>}
    </Empty>
  );
}

function ChainTable({ chains }: { chains: ChainSummary[] }) {
  const hasPlaces = new Set(chains.map((chain) => `${chain.repository}/${chain.environment}`)).size > 1;
  return (
    <Table
      label="Chains"
      columns={[["Chain"], hasPlaces && ["Where"], ["Last runs", "wide-only"], ["Reliable", "end wide-only"], ["Next", "end"], ["Start", "end", "silent"]]}
    >
      {chains.map((chain) => (
        <Row key={keyOf(chain)} chain={chain} hasPlaces={hasPlaces} />
      ))}
    </Table>
  );
}

function Row({ chain, hasPlaces }: { chain: ChainSummary; hasPlaces: boolean }) {
  const runs = chain.recent;
  const last = runs[runs.length - 1];
  const share = reliability(runs);
  const next = Math.min(...chain.schedules.map((schedule) => schedule.next ?? Infinity));
  const to = `/chains/${escaped(chain.id)}`;
  return (
    <tr>
      <td className="main-cell">
        <span className="chain-name">
          <StateIcon is={last ? standing(last) : "idle"} />
          <Link to={to} className="row-link clip">
            {chain.id}
          </Link>
          {chain.name !== chain.id && <span className="faint clip wide-only">{chain.name}</span>}
        </span>
      </td>
      {hasPlaces && (
        <td className="faint tight">
          {chain.repository}/{chain.environment}
        </td>
      )}
      <td className="wide-only tight">
        <Bars runs={runs} />
      </td>
      <td className="end num wide-only">{share === null ? <span className="faint">–</span> : `${Math.round(share * 100)} %`}</td>
      <td className="end faint">{Number.isFinite(next) ? <Ago at={next} /> : "–"}</td>
      <td className="end">
        <Button look="ghost" icon="play" aria-label={`Run ${chain.id}`} onClick={() => go(`${to}?start=1`)}>
          Run
        </Button>
      </td>
    </tr>
  );
}
