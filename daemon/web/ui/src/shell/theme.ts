/** Dark or light: what the machine prefers, unless the person has chosen. */

export type Theme = "dark" | "light" | "auto";

const KEY = "chainwright.theme";
const prefersLight = () => matchMedia("(prefers-color-scheme: light)").matches;
const listeners = new Set<() => void>();

export function chosenTheme(): Theme {
  const kept = localStorage.getItem(KEY);
  return kept === "dark" || kept === "light" ? kept : "auto";
}

/** The theme that is shown now. */
export function shownTheme(): "dark" | "light" {
  const chosen = chosenTheme();
  return chosen === "auto" ? (prefersLight() ? "light" : "dark") : chosen;
}

export function applyTheme(): void {
  document.documentElement.dataset["theme"] = shownTheme();
  listeners.forEach((listener) => listener());
}

export function chooseTheme(theme: Theme): void {
  if (theme === "auto") localStorage.removeItem(KEY);
  else localStorage.setItem(KEY, theme);
  applyTheme();
}

export function onTheme(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

matchMedia("(prefers-color-scheme: light)").addEventListener("change", applyTheme);
