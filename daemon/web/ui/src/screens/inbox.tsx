/** Everything that waits for a person, answered from the list: j and k go through it, a approves, r rejects, Enter opens the run. */
import { useEffect, useMemo, useState } from "react";

import { useGet } from "../api/use";
import { answer, ApprovalCard, approvalKey } from "../parts/approval-card";
import { sayProblem } from "../parts/notices";
import { Page } from "../parts/page";
import { runPath } from "../parts/run-facts";
import { Empty, Shown } from "../parts/shown";
import { go } from "../router";
import { useKeys, type Keys } from "../shell/keys";

export default function Inbox() {
  const approvals = useGet("/api/v1/approvals");
  const items = useMemo(() => approvals.data?.items ?? [], [approvals.data]);
  const [chosen, setChosen] = useState(0);
  const at = Math.min(chosen, items.length - 1);
  const keys = useMemo<Keys>(() => {
    const one = items[at];
    const say = (verdict: "approve" | "reject") => one && void answer(one, verdict, "").catch(sayProblem);
    return {
      j: () => setChosen(Math.min(items.length - 1, at + 1)),
      k: () => setChosen(Math.max(0, at - 1)),
      a: () => say("approve"),
      r: () => say("reject"),
      Enter: () => one && go(runPath({ id: one.run_id })),
    };
  }, [items, at]);
  useKeys(keys);
  useEffect(() => {
    document.querySelector(".approval.at")?.scrollIntoView({ block: "nearest" });
  }, [at]);
  return (
    <Page title="Inbox" facts={<Hint />}>
      <Shown of={approvals}>
        {() =>
          items.length === 0 ? (
            <Empty icon="check" title="Nothing waits for you">
              <p>Approvals, and limits that were reached, appear here.</p>
            </Empty>
          ) : (
            items.map((approval, index) => <ApprovalCard key={approvalKey(approval)} approval={approval} isAt={index === at} />)
          )
        }
      </Shown>
    </Page>
  );
}

function Hint() {
  return (
    <span className="wide-only">
      <kbd>j</kbd> <kbd>k</kbd> next and previous, <kbd>a</kbd> approve, <kbd>r</kbd> reject, <kbd>Enter</kbd> the run
    </span>
  );
}
