/** Signals to an agent at work: an interrupt at once, what ends it after a question. */
import { useState } from "react";

import { post } from "../api/client";
import { Action, Button } from "../parts/button";
import { Dialog } from "../parts/dialog";
import { say } from "../parts/notices";

type Ending = "terminate" | "kill";

const ENDINGS: Record<Ending, { text: string; told: string }> = {
  terminate: { text: "Terminate", told: "It is asked to end (SIGTERM). It may still put its things in order, or go on." },
  kill: { text: "Kill", told: "Its processes end at once (SIGKILL). They cannot put anything in order." },
};

export function Signals({ session, agent }: { session: string; agent: string }) {
  const [asks, setAsks] = useState<Ending | null>(null);
  const send = async (signal: Ending | "interrupt") => {
    await post(`/sessions/${encodeURIComponent(session)}/signal`, { signal });
    say(`${agent} was sent: ${signal}`);
    setAsks(null);
  };
  return (
    <>
      <Action act={() => send("interrupt")} title="What Ctrl C sends">
        Interrupt
      </Action>
      <Button onClick={() => setAsks("terminate")}>Terminate</Button>
      <Button look="danger" icon="stop" onClick={() => setAsks("kill")}>
        Kill
      </Button>
      {asks && (
        <Dialog
          title={`${ENDINGS[asks].text} ${agent}?`}
          onClose={() => setAsks(null)}
          actions={
            <>
              <Button onClick={() => setAsks(null)}>Let it go on</Button>
              <Action look="danger" icon="stop" act={() => send(asks)}>
                {ENDINGS[asks].text} it
              </Action>
            </>
          }
        >
          <p>{ENDINGS[asks].told} What the run does then is as its chain says: it may try again.</p>
        </Dialog>
      )}
    </>
  );
}
