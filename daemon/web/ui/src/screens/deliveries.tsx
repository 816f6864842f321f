/** What webhooks were sent, and what became of it; what was kept can be shown and decided anew. */
import { useState } from "react";

import { outdate } from "../api/cache";
import { post } from "../api/client";
import type { Delivery } from "../api/types";
import { useGet } from "../api/use";
import { Action } from "../parts/button";
import { Dialog } from "../parts/dialog";
import { Json, Values } from "../parts/json";
import { say } from "../parts/notices";
import { Page } from "../parts/page";
import { Empty, Shown } from "../parts/shown";
import { Table } from "../parts/table";
import { Ago } from "../parts/time";
import { bytes } from "../parts/times";
import { go, Link, usePlace, withQuery } from "../router";

const FATES = ["accepted", "filtered", "unfit", "refused", "duplicate"];
const TONES: Record<string, string> = { accepted: "succeeded", filtered: "skipped", unfit: "timed_out", refused: "failed", duplicate: "cancelled" };

export default function Deliveries() {
  const { query } = usePlace();
  const fate = query.get("fate") ?? "";
  const [shown, setShown] = useState<string | null>(null);
  const deliveries = useGet("/api/v1/deliveries", { query: { fate, limit: 100 } });
  return (
    <Page
      title="Deliveries"
      actions={
        <label className="select">
          <span className="unseen">Fate</span>
          <select value={fate} onChange={(event) => go(withQuery({ fate: event.target.value }), { replace: true })}>
            <option value="">All fates</option>
            {FATES.map((one) => (
              <option key={one}>{one}</option>
            ))}
          </select>
        </label>
      }
    >
      <Shown of={deliveries}>
        {({ items }) =>
          items.length === 0 ? (
            <Empty icon="deliveries" title={fate ? "No delivery fits" : "No webhook was sent anything yet"}>
              <p>The page of a chain with a webhook has its address, and a request to try it with.</p>
            </Empty>
          ) : (
            <Table
              label="Deliveries"
              columns={[["Fate"], ["Webhook"], ["Became"], ["From", "wide-only"], ["Size", "end wide-only"], ["Came", "end"]]}
            >
              {items.map((one) => (
                <Row key={one.id} delivery={one} onShow={() => setShown(one.id)} />
              ))}
            </Table>
          )
        }
      </Shown>
      {shown && <DeliveryDialog id={shown} onClose={() => setShown(null)} />}
    </Page>
  );
}

function Row({ delivery, onShow }: { delivery: Delivery; onShow: () => void }) {
  return (
    <tr>
      <td>
        <span className={`tag is-${TONES[delivery.fate] ?? "queued"}`}>{delivery.fate}</span>
        {delivery.count > 1 && <span className="faint num"> ×{delivery.count}</span>}
      </td>
      <td className="main-cell">
        <button type="button" className="disclose" onClick={onShow}>
          {delivery.hook}
        </button>
        {delivery.reason && <span className="reason clip">{delivery.reason}</span>}
      </td>
      <td className="tight">{delivery.run_id ? <Link to={`/runs/${delivery.run_id}`}>{delivery.chain}</Link> : <span className="faint">–</span>}</td>
      <td className="wide-only muted">{delivery.remote}</td>
      <td className="end num wide-only faint">{bytes(delivery.size)}</td>
      <td className="end faint">
        <Ago at={delivery.last_at} />
      </td>
    </tr>
  );
}

function DeliveryDialog({ id, onClose }: { id: string; onClose: () => void }) {
  const delivery = useGet("/api/v1/deliveries/{delivery}", { path: { delivery: id } });
  const replay = async () => {
    const { fate } = await post<{ fate: string }>(`/deliveries/${id}/replay`);
    outdate((url) => url.includes("/deliveries"));
    say(`Decided anew: ${fate}`);
    onClose();
  };
  return (
    <Dialog
      title={`Delivery ${id}`}
      onClose={onClose}
      isWide
      actions={
        <Action icon="retry" act={replay} disabled={!delivery.data?.kept}>
          Decide anew
        </Action>
      }
    >
      <Shown of={delivery}>
        {(one) => (
          <>
            {one.reason && <p className={`said is-${TONES[one.fate] ?? "queued"}`}>{one.reason}</p>}
            <Values of={one.headers} none="Its headers are not kept." />
            {one.body !== null ? <Json value={parsed(one.body)} /> : <p className="faint pad">What was sent is not kept.</p>}
          </>
        )}
      </Shown>
    </Dialog>
  );
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
