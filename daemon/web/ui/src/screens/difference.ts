/** What lies between two texts, as lines of a patch: the longest common part stays, three lines around each change are shown. */

const AROUND = 3;
/** Beyond this the table of the common part would be large: then all of one and all of the other is told. */
const MOST_CELLS = 4_000_000;

/** Empty when they are equal. */
export function difference(before: string, after: string): string {
  const a = before.split("\n");
  const b = after.split("\n");
  if (before === after) return "";
  const lines = a.length * b.length > MOST_CELLS ? [...a.map((line) => `-${line}`), ...b.map((line) => `+${line}`)] : merged(a, b);
  return shortened(lines).join("\n");
}

function merged(a: string[], b: string[]): string[] {
  const width = b.length + 1;
  const common = new Uint32Array((a.length + 1) * width);
  for (let i = a.length - 1; i >= 0; i -= 1) {
    for (let j = b.length - 1; j >= 0; j -= 1) {
      common[i * width + j] =
        a[i] === b[j] ? common[(i + 1) * width + j + 1]! + 1 : Math.max(common[(i + 1) * width + j]!, common[i * width + j + 1]!);
    }
  }
  const lines: string[] = [];
  let i = 0;
  let j = 0;
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      lines.push(` ${a[i]}`);
      i += 1;
      j += 1;
    } else if (j >= b.length || (i < a.length && common[(i + 1) * width + j]! >= common[i * width + j + 1]!)) {
      lines.push(`-${a[i]}`);
      i += 1;
    } else {
      lines.push(`+${b[j]}`);
      j += 1;
    }
  }
  return lines;
}

function shortened(lines: string[]): string[] {
  const isNear = lines.map((_, index) => lines.slice(Math.max(0, index - AROUND), index + AROUND + 1).some((line) => !line.startsWith(" ")));
  return lines.flatMap((line, index) => {
    if (isNear[index]) return [line];
    return index === 0 || isNear[index - 1] ? ["@@"] : [];
  });
}
