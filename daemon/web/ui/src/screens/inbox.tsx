/** Everything that waits for a person, answered from the list: j and k go through it, a approves, r rejects, Enter opens it. */
import { useEffect, useMemo, useState } from "react";

import { useGet } from "../api/use";
import { answer } from "../parts/approval-card";
import { InboxCard, inboxKey, terminalOf } from "../parts/inbox-card";
import { sayProblem } from "../parts/notices";
import { Page } from "../parts/page";
import { runPath } from "../parts/run-facts";
import { Empty, Shown } from "../parts/shown";
import { go } from "../router";
import { useKeys, type Keys } from "../shell/keys";

export default function Inbox() {
  const inbox = useGet("/api/v1/inbox");
  const items = useMemo(() => inbox.data?.items ?? [], [inbox.data]);
  const [chosen, setChosen] = useState(0);
  const at = Math.min(chosen, items.length - 1);
  const keys = useMemo<Keys>(() => {
    const one = items[at];
    const say = (verdict: "approve" | "reject") => one?.approval && void answer(one.approval, verdict, "").catch(sayProblem);
    return {
      j: () => setChosen(Math.min(items.length - 1, at + 1)),
      k: () => setChosen(Math.max(0, at - 1)),
      a: () => say("approve"),
      r: () => say("reject"),
      Enter: () => one && go(one.approval ? runPath({ id: one.run_id }) : terminalOf(one)),
    };
  }, [items, at]);
  useKeys(keys);
  useEffect(() => {
    document.querySelector(".approval.at")?.scrollIntoView({ block: "nearest" });
  }, [at]);
  return (
    <Page title="Inbox" facts={<Hint />}>
      <Shown of={inbox}>
        {() =>
          items.length === 0 ? (
            <Empty icon="check" title="Nothing waits for you">
              <p>Approvals, questions of agents, and limits that were reached appear here.</p>
            </Empty>
          ) : (
            items.map((item, index) => <InboxCard key={inboxKey(item)} item={item} isAt={index === at} />)
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
