/** Asking the daemon: paths in, JSON out, refusals as values of one class. */
import type { ProblemBody } from "./types";

export const API = "/api/v1";

/** A refusal of the daemon (RFC 9457), or that it cannot be reached, which has status 0. */
export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    readonly title: string,
    readonly detail: string,
  ) {
    super(detail ? `${title}: ${detail}` : title);
  }

  get isUnreachable(): boolean {
    return this.status === 0 || this.status === 502 || this.status === 503;
  }
}

export const unreachable = () => new Problem(0, "unreachable", "the daemon does not answer", "start it: chainwright up");

type Values = Record<string, string | number | boolean | null | undefined>;

/** `path` below the API with its query; values that are null, undefined or empty are left out. */
export function address(path: string, query: Values = {}): string {
  const given = Object.entries(query).filter(([, value]) => value !== null && value !== undefined && value !== "");
  const text = new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString();
  return text ? `${API}${path}?${text}` : `${API}${path}`;
}

const signedOut = new Set<() => void>();

/** Be told when the daemon no longer knows who asks. */
export function onSignedOut(listener: () => void): () => void {
  signedOut.add(listener);
  return () => signedOut.delete(listener);
}

/** Fetch, with refusals raised. Raises Problem, and AbortError when `signal` says so. */
export async function ask(url: string, init: RequestInit = {}): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(url, { credentials: "same-origin", ...init });
  } catch (fault) {
    if (fault instanceof DOMException && fault.name === "AbortError") throw fault;
    throw unreachable();
  }
  if (response.ok) return response;
  const problem = await problemOf(response);
  if (problem.status === 401) signedOut.forEach((listener) => listener());
  throw problem;
}

async function problemOf(response: Response): Promise<Problem> {
  const text = await response.text().catch(() => "");
  try {
    const body = JSON.parse(text) as ProblemBody;
    return new Problem(response.status, body.code, body.title, body.detail ?? "");
  } catch {
    return new Problem(response.status, "unknown", response.statusText || `status ${response.status}`, "");
  }
}

/** Do something: the answer's JSON. */
export async function post<T = unknown>(path: string, body: unknown = {}, headers: Record<string, string> = {}): Promise<T> {
  const response = await ask(address(path), {
    method: "POST",
    headers: { "Content-Type": "application/json", ...headers },
    body: JSON.stringify(body),
  });
  const text = await response.text();
  return (text ? JSON.parse(text) : null) as T;
}
