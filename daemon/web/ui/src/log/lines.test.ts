import { expect, test } from "vitest";

import { found, LogLines } from "./lines";

function texts(...pieces: string[]): string[] {
  const log = new LogLines();
  for (const piece of pieces) log.take(piece);
  return log.lines.map(LogLines.shown);
}

test("lines are what stands between ends of lines", () => {
  expect(texts("a\r\nb\nc")).toEqual(["a", "b", "c"]);
});

test("colours, titles, links and device strings are no text", () => {
  const output = "\x1b[1;31mred\x1b[0m \x1b]0;title\x07\x1b]8;;https://x\x1b\\link\x1b]8;;\x1b\\ \x1bP$qm\x1b\\end\n";

  expect(texts(output)).toEqual(["red link end"]);
});

test("it may be cut anywhere", () => {
  const output = "a\x1b[1;31mb\x1b[0m\r\n\x1b]0;title\x07c\x1b]52;c;aGk=\x1b\\d\r\n";

  expect(texts(...output)).toEqual(texts(output));
});

test("a line that is written over is kept in its last form", () => {
  expect(texts("10 %\r20 %\r", "done\n")).toEqual(["done"]);
  expect(texts("50 %\r")).toEqual(["50 %"]);
});

test("an empty line is a line", () => {
  expect(texts("a\n\nb\n")).toEqual(["a", "", "b"]);
});

test("a line has the time at which it began", () => {
  const log = new LogLines();
  log.take("a", 1);
  log.take("b\nc", 2);

  expect(log.lines.map((line) => line.at)).toEqual([1, 2]);
});

test("what is sought is found whatever its case", () => {
  const log = new LogLines();
  log.take("Error: one\nfine\nERROR two\n");

  expect(found(log.lines, "error")).toEqual([0, 2]);
  expect(found(log.lines, "")).toEqual([]);
});
