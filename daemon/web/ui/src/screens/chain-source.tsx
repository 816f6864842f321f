/** The file of a chain, and the commits that changed it. */
import { useMemo } from "react";

import { useGet } from "../api/use";
import { Button } from "../parts/button";
import { CopyButton } from "../parts/copy";
import { Section } from "../parts/page";
import { Commit } from "../parts/run-facts";
import { Empty, Shown } from "../parts/shown";
import { Table } from "../parts/table";
import { Ago } from "../parts/time";
import { go, Link, usePlace, withQuery } from "../router";
import { Patch } from "./change";
import { difference } from "./difference";

export function ChainSource({ id }: { id: string }) {
  const { query } = usePlace();
  const ref = query.get("at");
  const source = useGet("/api/v1/sources/{chain}", { path: { chain: id }, query: { ref } });
  const inForce = useGet("/api/v1/sources/{chain}", { path: { chain: id }, when: ref !== null });
  const patch = useMemo(
    () => (source.data && inForce.data ? difference(source.data.text, inForce.data.text) : null),
    [source.data, inForce.data],
  );
  return (
    <Shown of={source}>
      {(file) => (
        <>
          <Section title={file.path} aside={<Commit id={file.commit} />}>
            <div className="snippet">
              <Lines text={file.text} />
              <CopyButton text={file.text} />
            </div>
          </Section>
          {patch !== null && (
            <Section title="From there to what is in force">
              {patch ? <Patch text={patch} /> : <p className="faint pad">The file is the same.</p>}
            </Section>
          )}
        </>
      )}
    </Shown>
  );
}

function Lines({ text }: { text: string }) {
  return (
    <pre className="json source numbered" tabIndex={0}>
      {text
        .replace(/\n$/, "")
        .split("\n")
        .map((line, index) => (
          <span key={index} id={`L${index + 1}`}>
            {comment(line)}
            {"\n"}
          </span>
        ))}
    </pre>
  );
}

/** A line of YAML with its key and its comment told apart; no more, as it is for reading. */
function comment(line: string) {
  const match = /^(\s*(?:- )?)([\w.'"-]+)(:)(?=\s|$)(.*)$/.exec(line);
  if (/^\s*#/.test(line)) return <i className="faint">{line}</i>;
  if (!match) return line;
  const [, indent, key, colon, rest] = match;
  return (
    <>
      {indent}
      <b className="json-key">{key}</b>
      {colon}
      {rest}
    </>
  );
}

export function ChainVersions({ id }: { id: string }) {
  const versions = useGet("/api/v1/versions/{chain}", { path: { chain: id } });
  return (
    <Shown of={versions}>
      {({ items }) =>
        items.length === 0 ? (
          <Empty icon="commit" title="No commit has changed it" />
        ) : (
          <Table label="Versions" columns={[["Commit"], ["Message"], ["By", "wide-only"], ["When", "end"], ["Actions", "end", "silent"]]}>
            {items.map((version) => (
              <tr key={version.commit}>
                <td>
                  <Commit id={version.commit} />
                </td>
                <td className="main-cell">
                  <span className="version-name">
                    <Link className="row-link clip" to={withQuery({ view: "source", at: version.commit })}>
                      {version.message}
                    </Link>
                    {version.in_force && <span className="tag is-succeeded">in force</span>}
                  </span>
                </td>
                <td className="wide-only muted">{version.author}</td>
                <td className="end faint">
                  <Ago at={version.at} />
                </td>
                <td className="end">
                  <Button look="ghost" icon="play" onClick={() => go(withQuery({ start: "1", ref: version.commit }))} aria-label={`Run at ${version.commit.slice(0, 7)}`}>
                    Run
                  </Button>
                </td>
              </tr>
            ))}
          </Table>
        )
      }
    </Shown>
  );
}
