/** What a run was given, what it gave, and the files among both. */
import { address } from "../api/client";
import type { RunDetail } from "../api/types";
import { useGet } from "../api/use";
import { Icon } from "../parts/icon";
import { Values } from "../parts/json";
import { Section } from "../parts/page";
import { bytes } from "../parts/times";

export function RunValues({ run }: { run: RunDetail }) {
  const artifacts = useGet("/api/v1/runs/{run}/artifacts", { path: { run: run.id } }).data?.items ?? [];
  const withOutputs = Object.entries(run.agents).flatMap(([name, agent]) => {
    const last = [...agent.turns].reverse().find((turn) => Object.keys(turn.outputs).length > 0);
    return last ? [{ name, outputs: last.outputs }] : [];
  });
  return (
    <div className="columns">
      <Section title="Inputs">
        <Values of={run.inputs} none="It was given nothing." />
      </Section>
      <Section title="Outputs">
        <Values of={run.outputs} none={run.state === "finished" ? "It gave nothing." : "Nothing yet."} />
      </Section>
      {withOutputs.map(({ name, outputs }) => (
        <Section key={name} title={`Outputs of ${name}`}>
          <Values of={outputs} none="" />
        </Section>
      ))}
      {artifacts.length > 0 && (
        <Section title="Files">
          <ul className="files">
            {artifacts.map((file) => (
              <li key={`${file.sha256} ${file.agent} ${file.field} ${file.turn} ${file.event}`}>
                <Icon name="file" size={14} />
                <a href={address(`/runs/${run.id}/artifacts/${file.sha256}`)} download={file.name}>
                  {file.name}
                </a>
                <span className="faint">{bytes(file.size)}</span>
                <span className="faint">{[file.agent ?? "input", file.event ?? file.field].join(" · ")}</span>
              </li>
            ))}
          </ul>
        </Section>
      )}
    </div>
  );
}
