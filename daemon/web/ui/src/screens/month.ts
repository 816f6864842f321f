/** The days that a calendar shows for a month: whole weeks from Monday on, with what is due on each. */

export interface Due {
  at: number;
  chain: string;
  isPaused: boolean;
}

export interface Day {
  date: Date;
  isInMonth: boolean;
  isToday: boolean;
  due: (Due & { isPast: boolean })[];
}

/** `first` is the first of the month, in the zone of the person who looks. */
export function monthOf(first: Date, due: readonly Due[], now: Date): Day[] {
  const start = new Date(first.getFullYear(), first.getMonth(), 1 - ((first.getDay() + 6) % 7));
  const inMonth = new Date(first.getFullYear(), first.getMonth() + 1, 0).getDate();
  const count = Math.ceil((((first.getDay() + 6) % 7) + inMonth) / 7) * 7;
  const byDay = new Map<string, Due[]>();
  for (const one of due) {
    const key = new Date(one.at * 1000).toDateString();
    byDay.set(key, [...(byDay.get(key) ?? []), one]);
  }
  return Array.from({ length: count }, (_, index) => {
    const date = new Date(start.getFullYear(), start.getMonth(), start.getDate() + index);
    const found = byDay.get(date.toDateString()) ?? [];
    return {
      date,
      isInMonth: date.getMonth() === first.getMonth(),
      isToday: date.toDateString() === now.toDateString(),
      due: found.sort((a, b) => a.at - b.at).map((one) => ({ ...one, isPast: one.at * 1000 < now.getTime() })),
    };
  });
}
