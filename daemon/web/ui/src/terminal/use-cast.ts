/** The recording at an address, once it is there. */
import { useEffect, useState } from "react";

import { ask } from "../api/client";
import { castOf, type Cast } from "./cast";

export function useCast(address: string | null): { cast: Cast | null; problem: string } {
  const [known, setKnown] = useState<{ cast: Cast | null; problem: string }>({ cast: null, problem: "" });
  useEffect(() => {
    setKnown({ cast: null, problem: "" });
    if (address === null) return;
    const ending = new AbortController();
    ask(address, { signal: ending.signal })
      .then((response) => response.text())
      .then((text) => setKnown({ cast: castOf(text), problem: "" }))
      .catch((fault: unknown) => {
        if (!ending.signal.aborted) setKnown({ cast: null, problem: fault instanceof Error ? fault.message : String(fault) });
      });
    return () => ending.abort();
  }, [address]);
  return known;
}
