/** An address at which there is no screen. */
import { Page } from "../parts/page";
import { Empty } from "../parts/shown";
import { Link } from "../router";

export function NotFound() {
  return (
    <Page title="Not found">
      <Empty icon="search" title="There is no such screen">
        <p>
          <Link to="/">Home</Link>, or search with <kbd>Ctrl</kbd> <kbd>K</kbd>.
        </p>
      </Empty>
    </Page>
  );
}
