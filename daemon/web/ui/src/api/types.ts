/** Names for the shapes of the API. All of them come from its OpenAPI; only the compiled chain, which it leaves open, is written here. */
import type { components, paths } from "./schema";

type Schemas = components["schemas"];

export type Run = Schemas["RunSummary"];
export type RunDetail = Schemas["RunDetail"];
export type AgentOfRun = Schemas["AgentView"];
export type Turn = Schemas["TurnView"];
export type Attempt = Schemas["AttemptView"];
export type RunEvent = Schemas["EventView"];
export type JournalEntry = Schemas["JournalEntry"];
export type Approval = Schemas["ApprovalView"];
export type ChainSummary = Schemas["ChainSummary"];
export type Deployment = Schemas["DeploymentView"];
export type DeploymentRecord = Schemas["DeploymentRecord"];
export type Schedule = Schemas["ScheduleDetail"];
export type Fire = Schemas["FireView"];
export type Delivery = Schemas["DeliveryView"];
export type Session = Schemas["SessionView"];
export type Artifact = Schemas["ArtifactView"];
export type ProblemBody = Schemas["Problem"];

/** Of a run an entry of its journal, without its large parts; of other topics what changed. The stream is no JSON: the OpenAPI is silent. */
export interface Change {
  topic: string;
  subject: string;
  run_id: string;
  seq: number;
  at: number;
  kind: string;
  agent: string | null;
  data: Record<string, unknown>;
}

/** Paths that can be read, and what they answer. */
export type Readable = {
  [P in keyof paths]: paths[P] extends { get: { responses: { 200: { content: { "application/json": unknown } } } } } ? P : never;
}[keyof paths];

export type Answer<P extends Readable> = paths[P] extends {
  get: { responses: { 200: { content: { "application/json": infer Body } } } };
}
  ? Body
  : never;

export interface Input {
  name: string;
  type: "string" | "number" | "integer" | "boolean" | "choice" | "json" | "file";
  required: boolean;
  default: unknown;
  options: string[];
  pattern: string | null;
  min: number | null;
  max: number | null;
  description: string;
}

/** An agent as its chain defines it: what the dashboard reads of the compiled form. */
export interface AgentDefinition {
  id: string;
  name: string;
  needs: string[];
  listens: { mode: "any" | "all" | "quorum" | "first"; names: string[]; count: number } | null;
  condition: string | null;
  script: string | null;
  steps: { id: string; name: string; script: string }[];
  prompt: string | null;
  uses: string | null;
  calls: { chain: string } | null;
  emits: Record<string, unknown>;
  outputs: Record<string, string>;
  max_turns: number | null;
  timeout_s: number;
  strategy: { matrix: Record<string, unknown> | string } | null;
  approval: { by: string[]; count: number; message: string } | null;
  retry: { max: number };
  continue_on_error: boolean;
}

export interface Webhook {
  id: string;
  verify: {
    scheme: "github" | "gitea" | "forgejo" | "gitlab" | "slack" | "stripe" | "standard" | "hmac" | "token";
    secrets: readonly string[];
    header: string | null;
    algorithm: "sha256" | "sha512";
    encoding: "hex" | "base64";
    prefix: string;
    id_header: string | null;
  };
}

export interface Chain {
  id: string;
  name: string;
  description: string;
  path: string;
  manual: boolean;
  schedules: { id: string; cron: string; timezone: string }[];
  webhooks: Webhook[];
  inputs: Input[];
  outputs: Record<string, string>;
  events: Record<string, unknown>;
  agents: Record<string, AgentDefinition>;
}
