import { expect, test } from "vitest";

import { EventParser, type Message } from "./stream";

function parsed(...pieces: string[]): Message[] {
  const parser = new EventParser();
  return pieces.flatMap((piece) => [...parser.take(piece)]);
}

test("a message is its lines up to an empty one, however it was cut", () => {
  const whole = 'id: 7\nevent: change\ndata: {"a":1}\n\n';
  const expected = [{ event: "change", id: "7", data: '{"a":1}' }];

  expect(parsed(whole)).toEqual(expected);
  expect(parsed(...whole)).toEqual(expected);
});

test("a beat is not a message", () => {
  expect(parsed(": beat\n\n: beat\n\n")).toEqual([]);
});

test("the id stays until there is another", () => {
  expect(parsed("id: 1\ndata: a\n\ndata: b\n\n").map((message) => message.id)).toEqual(["1", "1"]);
});

test("several lines of data are one text", () => {
  expect(parsed("data: a\ndata: b\n\n")[0]!.data).toBe("a\nb");
});

test("what has not ended is not told", () => {
  expect(parsed("data: a\n")).toEqual([]);
});

test("an id counts without a message: a heartbeat says how far the stream is", () => {
  const parser = new EventParser("3");

  expect([...parser.take("id: 9\n: beat\n\n")]).toEqual([]);
  expect(parser.id).toBe("9");
});
