import { expect, test } from "vitest";

import { monthOf } from "./month";

const now = new Date(2026, 11, 15, 12);
const at = (day: number, hour: number) => new Date(2026, 11, day, hour).getTime() / 1000;

test("a month is whole weeks from Monday on", () => {
  const days = monthOf(new Date(2026, 11, 1), [], now);

  expect(days.length % 7).toBe(0);
  expect(days[0]!.date.getDay()).toBe(1);
  expect(days.filter((day) => day.isInMonth).length).toBe(31);
  expect(days.filter((day) => day.isToday).map((day) => day.date.getDate())).toEqual([15]);
});

test("a month that begins on a Monday and has 28 days is four weeks", () => {
  expect(monthOf(new Date(2027, 1, 1), [], now).length).toBe(28);
});

test("what is due stands on its day, the earlier first, and what was is past", () => {
  const due = [at(15, 18), at(15, 6), at(16, 6)].map((time) => ({ at: time, chain: "c", isPaused: false }));
  const days = monthOf(new Date(2026, 11, 1), due, now);
  const fifteenth = days.find((day) => day.isToday)!;

  expect(fifteenth.due.map((one) => [one.at, one.isPast])).toEqual([
    [at(15, 6), true],
    [at(15, 18), false],
  ]);
});
