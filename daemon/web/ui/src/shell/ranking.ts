/** How well an entry fits what was typed: letters in order, better when together, at the beginning of words, and early. */

/** Higher is better; null does not fit. */
export function score(text: string, typed: string): number | null {
  const hay = text.toLowerCase();
  const needle = typed.toLowerCase().replace(/\s+/g, "");
  let at = -1;
  let points = 0;
  for (const letter of needle) {
    const next = hay.indexOf(letter, at + 1);
    if (next < 0) return null;
    if (next === at + 1) points += 4;
    if (next === 0 || /[\s/_.#-]/.test(hay[next - 1]!)) points += 3;
    points -= Math.min(3, (next - at - 1) * 0.2);
    at = next;
  }
  return points - hay.length * 0.01;
}

/** Those that fit, the best first; all of them in their order when nothing was typed. */
export function ranked<T>(entries: readonly T[], textOf: (entry: T) => string, typed: string, most: number): T[] {
  if (!typed.trim()) return entries.slice(0, most);
  return entries
    .map((entry) => ({ entry, points: score(textOf(entry), typed) }))
    .filter((one): one is { entry: T; points: number } => one.points !== null)
    .sort((a, b) => b.points - a.points)
    .slice(0, most)
    .map(({ entry }) => entry);
}
