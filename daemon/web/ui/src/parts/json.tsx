/** Values as people read them: JSON with its kinds in colour, folded where it is long. */

export function Json({ value }: { value: unknown }) {
  const text = JSON.stringify(value, null, 2) ?? "null";
  return (
    <pre className="json" tabIndex={text.length > 400 ? 0 : undefined}>
      {tokens(text).map(([kind, part], index) =>
        kind ? (
          <span key={index} className={`json-${kind}`}>
            {part}
          </span>
        ) : (
          part
        ),
      )}
    </pre>
  );
}

const TOKEN = /("(?:[^"\\]|\\.)*")(\s*:)?|\b(true|false|null)\b|(-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)/g;
const LONGEST = 60_000;

function tokens(text: string): [string, string][] {
  if (text.length > LONGEST) return [["", text]];
  const found: [string, string][] = [];
  let end = 0;
  for (const match of text.matchAll(TOKEN)) {
    if (match.index > end) found.push(["", text.slice(end, match.index)]);
    const [whole, quoted, colon, word] = match;
    if (quoted) found.push([colon ? "key" : "text", quoted]);
    if (colon) found.push(["", colon]);
    if (!quoted) found.push([word ? "word" : "number", whole]);
    end = match.index + whole.length;
  }
  found.push(["", text.slice(end)]);
  return found;
}

/** Names and values, one a line; long values below their name. */
export function Values({ of, none }: { of: Record<string, unknown>; none: string }) {
  const names = Object.keys(of);
  if (names.length === 0) return <p className="faint pad">{none}</p>;
  return (
    <dl className="values">
      {names.map((name) => (
        <div key={name}>
          <dt className="mono">{name}</dt>
          <dd>{isShort(of[name]) ? <code>{shortText(of[name])}</code> : <Json value={of[name]} />}</dd>
        </div>
      ))}
    </dl>
  );
}

const isShort = (value: unknown) => value === null || typeof value !== "object";
const shortText = (value: unknown) => (typeof value === "string" ? value : JSON.stringify(value));
