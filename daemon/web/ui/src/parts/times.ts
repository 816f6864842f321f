/** Times for people. In: seconds since the epoch, or seconds. */

const UNITS: [number, string][] = [
  [86_400, "d"],
  [3_600, "h"],
  [60, "m"],
];

/** 0.14 → "140ms", 1.44 → "1.4s", 75 → "1m 15s", 7_300 → "2h 1m". */
export function duration(seconds: number): string {
  if (seconds <= 0) return "0s";
  if (seconds < 0.9995) return `${Math.max(1, Math.round(seconds * 1000))}ms`;
  if (seconds < 10) return `${seconds.toFixed(1)}s`;
  let rest = Math.round(seconds);
  for (const [index, [size, unit]] of UNITS.entries()) {
    if (rest < size) continue;
    const whole = Math.floor(rest / size);
    rest -= whole * size;
    const [below, name] = UNITS[index + 1] ?? [1, "s"];
    const part = Math.floor(rest / below);
    return part ? `${whole}${unit} ${part}${name}` : `${whole}${unit}`;
  }
  return `${rest}s`;
}

/** How long ago, or how long until: "now", "12s ago", "in 3h". */
export function distance(at: number, now: number): string {
  const seconds = now - at;
  const size = Math.abs(seconds);
  if (size < 2) return "now";
  const text = short(size);
  return seconds > 0 ? `${text} ago` : `in ${text}`;
}

function short(seconds: number): string {
  for (const [size, unit] of UNITS) if (seconds >= size) return `${Math.floor(seconds / size)}${unit}`;
  return `${Math.floor(seconds)}s`;
}

const DAY = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short" });
const DATED = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
const WHOLE = new Intl.DateTimeFormat(undefined, { dateStyle: "full", timeStyle: "long" });
const CLOCK = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" });
const SHORT_CLOCK = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });

const date = (at: number) => new Date(at * 1000);

export const day = (at: number) => DAY.format(date(at));
export const dated = (at: number) => DATED.format(date(at));
export const whole = (at: number) => WHOLE.format(date(at));
export const clock = (at: number) => CLOCK.format(date(at));
export const shortClock = (at: number) => SHORT_CLOCK.format(date(at));

/** 1_536 → "1.5 KiB". */
export function bytes(size: number): string {
  const names = ["B", "KiB", "MiB", "GiB"];
  let value = size;
  let step = 0;
  while (value >= 1024 && step < names.length - 1) {
    value /= 1024;
    step += 1;
  }
  return step === 0 ? `${value} B` : `${value < 10 ? value.toFixed(1) : Math.round(value)} ${names[step]}`;
}
