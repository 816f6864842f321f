/** Reading the API by the path that its OpenAPI has for it: a path that it does not have, or another shape, does not compile. */
import { useAnswer, type Resource } from "./cache";
import { address, API } from "./client";
import type { Answer, Readable } from "./types";

type Values = Record<string, string | number | boolean | null | undefined>;

interface Asked {
  path?: Record<string, string | number>;
  query?: Values;
  /** Whether to ask at all. */
  when?: boolean;
}

/** The address of `template` with the parts of its path filled in; slashes of a chain's id stay. */
export function filled(template: string, parts: Record<string, string | number> = {}): string {
  return template.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = parts[name];
    if (value === undefined) throw new Error(`${template} needs ${name}`);
    return String(value).split("/").map(encodeURIComponent).join("/");
  });
}

export function useGet<P extends Readable>(template: P, { path, query, when = true }: Asked = {}): Resource<Answer<P>> {
  return useAnswer<Answer<P>>(when ? address(filled(template, path).slice(API.length), query) : null);
}
