/** A mistake in a screen ends that screen, not the page: it says so, and what to tell us. */
import { Component, type ReactNode } from "react";

import { Button } from "../parts/button";
import { Empty } from "../parts/shown";

export class Boundary extends Component<{ children: ReactNode }, { fault: Error | null }> {
  override state = { fault: null };

  static getDerivedStateFromError(fault: Error) {
    return { fault };
  }

  override render() {
    const fault = this.state.fault as Error | null;
    if (!fault) return this.props.children;
    return (
      <main className="page">
        <Empty icon="bell" title="This screen has broken">
          <p>It is a mistake of ours. The daemon and the runs are not concerned.</p>
          <pre className="json">{fault.stack ?? String(fault)}</pre>
          <Button icon="retry" onClick={() => location.reload()}>
            Load the page again
          </Button>
        </Empty>
      </main>
    );
  }
}
