/** Every key of the dashboard. */
import { Dialog } from "../parts/dialog";
import { DESTINATIONS } from "./places";

const LISTS: [string, [string, string][]][] = [
  [
    "Everywhere",
    [
      ["Ctrl/⌘ K", "search and commands"],
      ["?", "this list"],
      ...DESTINATIONS.map(({ key, text }): [string, string] => [`g ${key}`, text.toLowerCase()]),
    ],
  ],
  [
    "Lists and inbox",
    [
      ["j  k", "next, previous"],
      ["Enter", "open"],
      ["a", "approve"],
      ["r", "reject"],
    ],
  ],
  [
    "Graph",
    [
      ["Tab", "from agent to agent"],
      ["← → ↑ ↓", "move"],
      ["+  −  0", "larger, smaller, show all"],
    ],
  ],
  ["Terminal", [["Ctrl ]", "give the keyboard back"]]],
];

export function KeyList({ onClose }: { onClose: () => void }) {
  return (
    <Dialog title="Keys" onClose={onClose}>
      <div className="key-lists">
        {LISTS.map(([title, keys]) => (
          <section key={title}>
            <h3>{title}</h3>
            <dl>
              {keys.map(([key, does]) => (
                <div key={key}>
                  <dt>
                    {key.split(/ (?=\S)/).map((part) => (
                      <kbd key={part}>{part}</kbd>
                    ))}
                  </dt>
                  <dd>{does}</dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </Dialog>
  );
}
