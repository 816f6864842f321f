/** The form of a chain's inputs, made of what the chain declares; what is sent has the declared types. */
import { useId, useRef, useState, type FormEvent } from "react";

import { address, ask, post, Problem } from "../api/client";
import type { Input, Run } from "../api/types";
import { go } from "../router";
import { Button } from "./button";
import { Dialog } from "./dialog";
import { firstText, valueOf, type Text } from "./input-values";

interface RunFormProps {
  chain: string;
  inputs: Input[];
  /** The commit that is suggested. */
  firstRef?: string;
  onClose: () => void;
}

export function RunForm({ chain, inputs, firstRef = "", onClose }: RunFormProps) {
  const form = useId();
  const [texts, setTexts] = useState<Record<string, Text>>(() => Object.fromEntries(inputs.map((input) => [input.name, firstText(input)])));
  const [files, setFiles] = useState<Record<string, File>>({});
  const [ref, setRef] = useState(firstRef);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [isBusy, setBusy] = useState(false);
  const key = useRef(crypto.randomUUID?.() ?? String(Math.random()));
  const start = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setProblem(null);
    try {
      const values: Record<string, unknown> = {};
      for (const input of inputs) {
        const file = files[input.name];
        const value = file ? await uploaded(file) : valueOf(input, texts[input.name] ?? "");
        if (value !== undefined) values[input.name] = value;
      }
      const run = await post<Run>("/runs", { chain, inputs: values, ...(ref ? { ref } : {}) }, { "Idempotency-Key": key.current });
      onClose();
      go(`/runs/${run.id}`);
    } catch (fault) {
      key.current = crypto.randomUUID?.() ?? String(Math.random());
      setProblem(fault instanceof Problem ? fault : new Problem(0, "input", "This cannot be sent", String((fault as Error).message ?? fault)));
    } finally {
      setBusy(false);
    }
  };
  return (
    <Dialog
      title={`Run ${chain}`}
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>Back</Button>
          <Button look="primary" icon="play" type="submit" form={form} disabled={isBusy} aria-busy={isBusy}>
            Run
          </Button>
        </>
      }
    >
      <form id={form} onSubmit={(event) => void start(event)}>
        {inputs.length === 0 && <p className="muted">This chain takes no inputs.</p>}
        {inputs.map((input) => (
          <Field
            key={input.name}
            input={input}
            text={texts[input.name] ?? ""}
            onText={(text) => setTexts((now) => ({ ...now, [input.name]: text }))}
            onFile={(file) => setFiles((now) => ({ ...now, [input.name]: file }))}
          />
        ))}
        <details className="more-fields" open={firstRef !== ""}>
          <summary>At another commit</summary>
          <label className="field">
            <span>Commit, branch or tag</span>
            <input className="mono" value={ref} placeholder="the one in force" onChange={(event) => setRef(event.target.value)} />
          </label>
        </details>
        {problem && (
          <p className="said is-failed" role="alert">
            {problem.title}
            {problem.detail && `: ${problem.detail}`}
          </p>
        )}
      </form>
    </Dialog>
  );
}

/** A file is kept by the daemon first; the run gets its reference. */
async function uploaded(file: File): Promise<unknown> {
  const response = await ask(address("/artifacts", { name: file.name }), { method: "POST", body: file });
  return response.json();
}

interface FieldProps {
  input: Input;
  text: Text;
  onText: (text: Text) => void;
  onFile: (file: File) => void;
}

function Field({ input, text, onText, onFile }: FieldProps) {
  const hint = useId();
  const described = input.description ? hint : undefined;
  if (input.type === "boolean") {
    return (
      <label className="check">
        <input type="checkbox" checked={text === true} aria-describedby={described} onChange={(event) => onText(event.target.checked)} />
        <span>
          <span className="mono">{input.name}</span>
          {input.description && (
            <span id={hint} className="hint">
              {" "}
              {input.description}
            </span>
          )}
        </span>
      </label>
    );
  }
  return (
    <label className="field">
      <span>
        <span className="mono">{input.name}</span>
        {input.required && <span className="faint"> required</span>}
      </span>
      <Control input={input} text={String(text)} describedBy={described} onText={onText} onFile={onFile} />
      {input.description && (
        <span id={hint} className="hint">
          {input.description}
        </span>
      )}
    </label>
  );
}

interface ControlProps {
  input: Input;
  text: string;
  describedBy: string | undefined;
  onText: (text: string) => void;
  onFile: (file: File) => void;
}

function Control({ input, text, describedBy, onText, onFile }: ControlProps) {
  const usual = { value: text, "aria-describedby": describedBy, required: input.required };
  if (input.type === "choice") {
    return (
      <select {...usual} onChange={(event) => onText(event.target.value)}>
        {!input.required && input.default === null && <option value="" />}
        {input.options.map((option) => (
          <option key={option}>{option}</option>
        ))}
      </select>
    );
  }
  if (input.type === "file") {
    return (
      <input
        type="file"
        required={input.required}
        aria-describedby={describedBy}
        onChange={(event) => event.target.files?.[0] && onFile(event.target.files[0])}
      />
    );
  }
  if (input.type === "json") {
    return <textarea {...usual} className="mono" rows={4} placeholder="{}" onChange={(event) => onText(event.target.value)} />;
  }
  const isNumber = input.type === "number" || input.type === "integer";
  return (
    <input
      {...usual}
      type={isNumber ? "number" : "text"}
      step={input.type === "number" ? "any" : undefined}
      min={input.min ?? undefined}
      max={isNumber ? (input.max ?? undefined) : undefined}
      onChange={(event) => onText(event.target.value)}
    />
  );
}
