/** Between what stands in a form and what a chain's input takes. */
import type { Input } from "../api/types";

/** What a control holds: text, or whether a box is ticked. */
export type Text = string | boolean;

/** What stands in the control at first. */
export function firstText(input: Input): Text {
  if (input.type === "boolean") return input.default === true;
  if (input.default === null || input.default === undefined) return input.type === "choice" && input.required ? (input.options[0] ?? "") : "";
  return typeof input.default === "string" && input.type !== "json" ? input.default : JSON.stringify(input.default);
}

/** The value to send; undefined leaves it to the chain. Raises Error with what to do about a text that is none. */
export function valueOf(input: Input, text: Text): unknown {
  if (typeof text === "boolean") return text;
  if (text === "") return input.type === "string" && input.required ? "" : undefined;
  switch (input.type) {
    case "integer":
    case "number":
      return numberOf(input, text);
    case "json":
      return jsonOf(input, text);
    default:
      return text;
  }
}

function numberOf(input: Input, text: string): number {
  const value = Number(text);
  if (!Number.isFinite(value)) throw new Error(`${input.name} has to be a number`);
  return value;
}

function jsonOf(input: Input, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (fault) {
    throw new Error(`${input.name} has to be JSON: ${(fault as Error).message}`);
  }
}
