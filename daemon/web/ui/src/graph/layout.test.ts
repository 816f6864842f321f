import { expect, test } from "vitest";

import { layoutOf, nearestRising, NODE } from "./layout";
import type { Arrow } from "./arrows";

const arrow = (from: string, to: string): Arrow => ({ from, to, events: ["x"] });

function overlaps(ids: string[], arrows: Arrow[]): string[] {
  const { nodes } = layoutOf(ids, arrows);
  return nodes.flatMap((a, index) =>
    nodes
      .slice(index + 1)
      .filter((b) => Math.abs(a.x - b.x) < NODE.width && Math.abs(a.y - b.y) < NODE.height)
      .map((b) => `${a.id} ${b.id}`),
  );
}

test("what follows stands to the right", () => {
  const { nodes } = layoutOf(["a", "b", "c"], [arrow("a", "b"), arrow("b", "c"), arrow("a", "c")]);
  const x = Object.fromEntries(nodes.map((node) => [node.id, node.x]));

  expect(x["a"]! < x["b"]! && x["b"]! < x["c"]!).toBe(true);
});

test("a loop is drawn, and only the arrow that closes it leads back", () => {
  const { paths } = layoutOf(["write", "edit", "publish"], [arrow("write", "edit"), arrow("edit", "write"), arrow("edit", "publish")]);

  expect(paths.filter((path) => path.isBack).map((path) => `${path.arrow.from} ${path.arrow.to}`)).toEqual(["edit write"]);
});

test("an agent that starts itself again has an arrow too", () => {
  expect(layoutOf(["a"], [arrow("a", "a")]).paths[0]!.isBack).toBe(true);
});

test("no agent stands on another: 200 side by side, and 200 in a row", () => {
  const ids = Array.from({ length: 200 }, (_, index) => `a${index}`);
  const wide = ids.slice(1, 199).flatMap((id) => [arrow("a0", id), arrow(id, "a199")]);
  const long = ids.slice(1).map((id, index) => arrow(ids[index]!, id));

  expect(overlaps(ids, wide)).toEqual([]);
  expect(overlaps(ids, long)).toEqual([]);
});

test("a wide layer is folded, so that the picture keeps a shape that can be seen", () => {
  const ids = Array.from({ length: 200 }, (_, index) => `a${index}`);
  const { width, height } = layoutOf(ids, ids.slice(1).map((id) => arrow("a0", id)));

  expect(height / width).toBeLessThan(3);
});

test("the same chain is always drawn in the same way", () => {
  const ids = ["a", "b", "c", "d", "e"];
  const arrows = [arrow("a", "b"), arrow("a", "c"), arrow("b", "d"), arrow("c", "d"), arrow("d", "a"), arrow("d", "e")];

  expect(layoutOf(ids, arrows)).toEqual(layoutOf(ids, arrows));
});

test("a chain without agents has no picture, and no error", () => {
  expect(layoutOf([], []).nodes).toEqual([]);
});

test("the nearest rising sequence pools what falls", () => {
  expect(nearestRising([1, 3, 2, 4])).toEqual([1, 2.5, 2.5, 4]);
  expect(nearestRising([3, 2, 1])).toEqual([2, 2, 2]);
});
