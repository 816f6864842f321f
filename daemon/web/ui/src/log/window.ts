/**
 * Which lines of a long list are in sight. Browsers draw no element that is much higher than ten million pixels, so what is longer is
 * scrolled through in larger steps: the beginning and the end stay where they are.
 */

export const LINE = 20;
const HIGHEST = 8_000_000;

/** How high the list is for its scroll bar. */
export const heightOf = (count: number) => Math.min(HIGHEST, Math.max(count, 1) * LINE);

/** The first line in sight, and how far it is from the upper edge: some of it may be above. */
export function topOf(scroll: number, count: number, frame: number): { first: number; above: number } {
  const whole = count * LINE;
  const room = heightOf(count) - frame;
  const top = whole <= HIGHEST ? scroll : (Math.min(scroll, room) / room) * (whole - frame);
  const first = Math.floor(top / LINE);
  return { first, above: top - first * LINE };
}

/** Where to scroll to, so that a line is a third down the frame. */
export function scrollTo(line: number, count: number, frame: number): number {
  const whole = count * LINE;
  const top = Math.max(0, line * LINE - frame / 3);
  return whole <= HIGHEST ? top : Math.round((Math.min(top, whole - frame) / (whole - frame)) * (heightOf(count) - frame));
}
