/**
 * Where the agents of a chain stand: layers from left to right, as Sugiyama, Tagawa and Toda describe (1981).
 *
 * Arrows that close a loop are turned round while layers are found; long arrows get a bend in each layer that they pass; the order in
 * a layer follows the medians of the neighbours; heights are the least-squares fit to the neighbours that keeps the order, found by
 * pooling adjacent violators. A library would do more and weigh twenty times as much; chains are small, and a layer of very many
 * agents is folded into columns, which the libraries do not do.
 */
import type { Arrow } from "./arrows";

export const NODE = { width: 172, height: 50 };
const GAP = { x: 52, y: 18, bend: 10 };
/** More agents than this in one layer stand in several columns. */
const TALLEST = 14;
const SWEEPS = 12;

export interface Placed {
  id: string;
  x: number;
  y: number;
}

export interface Path {
  arrow: Arrow;
  /** An SVG path from the right of one node to the left of another. */
  d: string;
  /** Where its name stands. */
  label: { x: number; y: number };
  isBack: boolean;
}

export interface Layout {
  nodes: Placed[];
  paths: Path[];
  width: number;
  height: number;
}

interface Cell {
  id: string;
  layer: number;
  isBend: boolean;
  y: number;
  before: Cell[];
  after: Cell[];
}

/** The same for equal input, whatever the order of time. */
export function layoutOf(ids: string[], arrows: Arrow[]): Layout {
  const forward = arrows.filter((arrow) => arrow.from !== arrow.to);
  const back = loopClosing(ids, forward);
  const layerOf = layersOf(ids, forward, back);
  const columns = foldedColumns(ids, layerOf, forward);
  const { layers, chains } = cellsOf(ids, columns, forward, back);
  order(layers);
  const crowded = layers.some((layer) => layer.length > 60);
  for (let sweep = 0; sweep < (crowded ? 4 : SWEEPS); sweep += 1) settle(layers, sweep % 2 === 0);
  return drawn(layers, chains, arrows, back);
}

/** Arrows that lead back to where a walk from the beginning came from. */
function loopClosing(ids: string[], arrows: Arrow[]): Set<Arrow> {
  const out = new Map<string, Arrow[]>(ids.map((id) => [id, []]));
  const entered = new Set(arrows.map((arrow) => arrow.to));
  for (const arrow of arrows) out.get(arrow.from)?.push(arrow);
  const found = new Set<Arrow>();
  const done = new Set<string>();
  for (const root of [...ids.filter((id) => !entered.has(id)), ...ids]) walk(root, out, done, found);
  return found;
}

/** Not recursive: a chain may be long. */
function walk(root: string, out: Map<string, Arrow[]>, done: Set<string>, found: Set<Arrow>): void {
  if (done.has(root)) return;
  const way = new Set([root]);
  const stack = [{ id: root, next: 0 }];
  while (stack.length > 0) {
    const top = stack[stack.length - 1]!;
    const arrow = out.get(top.id)?.[top.next];
    top.next += 1;
    if (!arrow) {
      way.delete(top.id);
      done.add(top.id);
      stack.pop();
    } else if (way.has(arrow.to)) found.add(arrow);
    else if (!done.has(arrow.to)) {
      way.add(arrow.to);
      stack.push({ id: arrow.to, next: 0 });
    }
  }
}

/** The longest way from the beginning; an agent that leads to others stands just before the first of them. */
function layersOf(ids: string[], arrows: Arrow[], back: Set<Arrow>): Map<string, number> {
  const ahead = arrows.filter((arrow) => !back.has(arrow));
  const layerOf = new Map(ids.map((id) => [id, 0]));
  const waiting = new Map(ids.map((id) => [id, 0]));
  const out = new Map<string, string[]>(ids.map((id) => [id, []]));
  for (const { from, to } of ahead) {
    waiting.set(to, waiting.get(to)! + 1);
    out.get(from)!.push(to);
  }
  const ready = ids.filter((id) => waiting.get(id) === 0);
  for (const id of ready) {
    for (const to of out.get(id)!) {
      layerOf.set(to, Math.max(layerOf.get(to)!, layerOf.get(id)! + 1));
      waiting.set(to, waiting.get(to)! - 1);
      if (waiting.get(to) === 0) ready.push(to);
    }
  }
  const entered = new Set(ahead.map((arrow) => arrow.to));
  for (const id of ids) {
    const nearest = Math.min(...out.get(id)!.map((to) => layerOf.get(to)!));
    if (!entered.has(id) && Number.isFinite(nearest)) layerOf.set(id, nearest - 1);
  }
  return layerOf;
}

/** Layers with too many agents become several columns; what follows moves to the right. Neighbours in the chain stay together. */
function foldedColumns(ids: string[], layerOf: Map<string, number>, arrows: Arrow[]): Map<string, number> {
  const layers: string[][] = [];
  for (const id of ids) (layers[layerOf.get(id)!] ??= []).push(id);
  const connected = new Set(arrows.flatMap((arrow) => [arrow.from, arrow.to]));
  const columnOf = new Map<string, number>();
  let column = 0;
  for (const layer of layers) {
    const sorted = [...(layer ?? [])].sort((a, b) => Number(connected.has(b)) - Number(connected.has(a)));
    const count = Math.max(1, Math.ceil(sorted.length / TALLEST));
    const size = Math.ceil(sorted.length / count);
    for (const [index, id] of sorted.entries()) columnOf.set(id, column + Math.floor(index / size));
    column += count;
  }
  return columnOf;
}

function cellsOf(ids: string[], columns: Map<string, number>, arrows: Arrow[], back: Set<Arrow>) {
  const layers: Cell[][] = [];
  const cells = new Map<string, Cell>();
  const place = (id: string, layer: number, isBend: boolean): Cell => {
    const cell: Cell = { id, layer, isBend, y: 0, before: [], after: [] };
    (layers[layer] ??= []).push(cell);
    return cell;
  };
  for (const id of ids) cells.set(id, place(id, columns.get(id)!, false));
  for (let index = 0; index < layers.length; index += 1) layers[index] ??= [];
  const chains = new Map<Arrow, Cell[]>();
  const isCrowded = ids.length > 60;
  for (const arrow of arrows) {
    const [from, to] = back.has(arrow) ? [arrow.to, arrow.from] : [arrow.from, arrow.to];
    const chain = [cells.get(from)!];
    const end = cells.get(to)!;
    for (let layer = chain[0]!.layer + 1; layer < end.layer && !isCrowded; layer += 1) chain.push(place("", layer, true));
    chain.push(end);
    chain.slice(1).forEach((cell, index) => {
      chain[index]!.after.push(cell);
      cell.before.push(chain[index]!);
    });
    chains.set(arrow, chain);
  }
  return { layers, chains };
}

/** Fewer crossings: each layer in the order of its neighbours' middles, back and forth. */
function order(layers: Cell[][]): void {
  const rank = new Map<Cell, number>();
  const number = (layer: Cell[]) => layer.forEach((cell, index) => rank.set(cell, index));
  layers.forEach(number);
  for (let sweep = 0; sweep < SWEEPS; sweep += 1) {
    const isDown = sweep % 2 === 0;
    for (const layer of isDown ? layers : [...layers].reverse()) {
      const middle = new Map(layer.map((cell) => [cell, middleOf(isDown ? cell.before : cell.after, rank, rank.get(cell)!)]));
      layer.sort((a, b) => middle.get(a)! - middle.get(b)! || rank.get(a)! - rank.get(b)!);
      number(layer);
    }
  }
}

function middleOf(neighbours: Cell[], rank: Map<Cell, number>, own: number): number {
  if (neighbours.length === 0) return own;
  return neighbours.reduce((sum, cell) => sum + rank.get(cell)!, 0) / neighbours.length;
}

const heightOf = (cell: Cell) => (cell.isBend ? GAP.bend : NODE.height);
const spaceBetween = (above: Cell, below: Cell) => (heightOf(above) + heightOf(below)) / 2 + GAP.y;

/** Every layer moves to where its neighbours are, as near as its order and the space between allow. */
function settle(layers: Cell[][], isDown: boolean): void {
  for (const layer of isDown ? layers : [...layers].reverse()) {
    const wanted = layer.map((cell) => wish(cell, isDown));
    let offset = 0;
    const offsets = layer.map((cell, index) => (offset += index ? spaceBetween(layer[index - 1]!, cell) : 0));
    const fitted = nearestRising(wanted.map((y, index) => y - offsets[index]!));
    layer.forEach((cell, index) => (cell.y = fitted[index]! + offsets[index]!));
  }
}

function wish(cell: Cell, isDown: boolean): number {
  const sides = isDown ? [cell.before, cell.after] : [cell.after, cell.before];
  const neighbours = sides[0]!.length > 0 ? sides[0]! : sides[1]!;
  if (neighbours.length === 0) return cell.y;
  return neighbours.reduce((sum, one) => sum + one.y, 0) / neighbours.length;
}

/** The rising sequence that is nearest to `values` in the sense of least squares. */
export function nearestRising(values: number[]): number[] {
  const blocks: { sum: number; count: number }[] = [];
  for (const value of values) {
    blocks.push({ sum: value, count: 1 });
    for (;;) {
      const last = blocks[blocks.length - 1]!;
      const before = blocks[blocks.length - 2];
      if (!before || before.sum / before.count <= last.sum / last.count) break;
      blocks.pop();
      before.sum += last.sum;
      before.count += last.count;
    }
  }
  return blocks.flatMap(({ sum, count }) => Array.from({ length: count }, () => sum / count));
}

function drawn(layers: Cell[][], chains: Map<Arrow, Cell[]>, arrows: Arrow[], back: Set<Arrow>): Layout {
  const all = layers.flat();
  const top = Math.min(0, ...all.map((cell) => cell.y - heightOf(cell) / 2));
  for (const cell of all) cell.y -= top;
  const step = NODE.width + GAP.x;
  const paths = arrows.map((arrow) => pathOf(arrow, chains.get(arrow), step, back.has(arrow), all));
  const bottom = Math.max(NODE.height, ...all.map((cell) => cell.y + heightOf(cell) / 2));
  const loops = paths.some((path) => path.isBack);
  return {
    nodes: all.filter((cell) => !cell.isBend).map((cell) => ({ id: cell.id, x: cell.layer * step, y: cell.y - NODE.height / 2 })),
    paths,
    width: layers.length * step - GAP.x,
    height: bottom + (loops ? 44 : 0),
  };
}

function pathOf(arrow: Arrow, chain: Cell[] | undefined, step: number, isBack: boolean, all: Cell[]): Path {
  if (!chain) return loopOf(arrow, all.find((cell) => cell.id === arrow.from)!, step);
  if (isBack) return backOf(arrow, chain, step, all);
  const points: [number, number][] = [];
  for (const [index, cell] of chain.entries()) {
    const x = cell.layer * step;
    if (index > 0) points.push([x, cell.y]);
    if (index < chain.length - 1) points.push([x + NODE.width, cell.y]);
  }
  const [first, ...rest] = points;
  let d = `M${first![0]} ${first![1]}`;
  rest.forEach(([x, y], index) => {
    const [fromX, fromY] = points[index]!;
    const isBend = index % 2 === 1;
    const bow = Math.max((x - fromX) / 2, 24);
    d += isBend ? `L${x} ${y}` : `C${fromX + bow} ${fromY} ${x - bow} ${y} ${x} ${y}`;
  });
  const [x, y] = first!;
  const [toX, toY] = points[1]!;
  return { arrow, d, label: { x: (x + toX) / 2, y: (y + toY) / 2 }, isBack: false };
}

/** Below everything between its nodes, from the right one back to the left one. */
function backOf(arrow: Arrow, chain: Cell[], step: number, all: Cell[]): Path {
  const left = chain[0]!;
  const right = chain[chain.length - 1]!;
  const between = all.filter((cell) => cell.layer >= left.layer && cell.layer <= right.layer);
  const low = Math.max(...between.map((cell) => cell.y + heightOf(cell) / 2)) + 22;
  const from = { x: right.layer * step + NODE.width, y: right.y + 10 };
  const to = { x: left.layer * step + NODE.width / 2, y: left.y + NODE.height / 2 };
  const round = 14;
  const aside = from.x + 22;
  const d =
    `M${from.x} ${from.y}H${aside - round}Q${aside} ${from.y} ${aside} ${from.y + round}` +
    `V${low - round}Q${aside} ${low} ${aside - round} ${low}` +
    `H${to.x + round}Q${to.x} ${low} ${to.x} ${low - round}V${to.y}`;
  return { arrow, d, label: { x: (from.x + to.x) / 2, y: low }, isBack: true };
}

function loopOf(arrow: Arrow, cell: Cell, step: number): Path {
  const x = cell.layer * step + NODE.width;
  const d = `M${x - 40} ${cell.y + NODE.height / 2}c0 26 -46 26 -46 0`;
  return { arrow, d, label: { x: x - 63, y: cell.y + NODE.height / 2 + 24 }, isBack: true };
}
