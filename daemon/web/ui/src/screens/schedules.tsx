/** What is due and when: a calendar of a month, and every schedule with its hold. */
import { useState } from "react";

import { outdate } from "../api/cache";
import { post } from "../api/client";
import type { Run, Schedule } from "../api/types";
import { useGet } from "../api/use";
import { Action, Button, IconButton } from "../parts/button";
import { say } from "../parts/notices";
import { Page, Section } from "../parts/page";
import { Empty, Shown } from "../parts/shown";
import { standing } from "../parts/standing";
import { State } from "../parts/state";
import { Table } from "../parts/table";
import { Ago, useNow } from "../parts/time";
import { dated, shortClock, whole } from "../parts/times";
import { escaped, go, Link } from "../router";
import { monthOf, type Day } from "./month";

export default function Schedules() {
  const schedules = useGet("/api/v1/schedules");
  return (
    <Page title="Schedules">
      <Shown of={schedules}>
        {({ items }) =>
          items.length === 0 ? (
            <Empty icon="schedules" title="Nothing is scheduled">
              <p>
                <code>on: {"{schedule: [{cron: '15 6 * * 1-5', timezone: Europe/Berlin}]}"}</code> in a chain starts it every working day.
              </p>
            </Empty>
          ) : (
            <>
              <Calendar schedules={items} />
              <Section title="All schedules">
                <ScheduleTable schedules={items} />
              </Section>
            </>
          )
        }
      </Shown>
    </Page>
  );
}

const MOST_A_DAY = 4;
const MONTH = new Intl.DateTimeFormat(undefined, { month: "long", year: "numeric" });
const WEEKDAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

function Calendar({ schedules }: { schedules: Schedule[] }) {
  const [shift, setShift] = useState(0);
  const now = useNow();
  const today = new Date(now * 1000);
  const first = new Date(today.getFullYear(), today.getMonth() + shift, 1);
  const [from, until] = [weekBefore(first), weekBefore(new Date(first.getFullYear(), first.getMonth() + 1, 14))];
  const calendar = useGet("/api/v1/schedules/calendar", { query: { from, until } }).data;
  const paused = new Set(schedules.filter((schedule) => schedule.paused).map((schedule) => schedule.chain));
  const due = (calendar?.items ?? []).map(({ at, chain }) => ({ at, chain, isPaused: paused.has(chain) }));
  const days = monthOf(first, due, today);
  return (
    <Section
      title={MONTH.format(first)}
      aside={
        <span className="month-tools">
          <IconButton icon="back" label="Month before" onClick={() => setShift(shift - 1)} />
          <Button look="ghost" onClick={() => setShift(0)} disabled={shift === 0}>
            Today
          </Button>
          <IconButton icon="chevron" label="Next month" onClick={() => setShift(shift + 1)} />
        </span>
      }
    >
      <div className="calendar" role="table" aria-label={`Due in ${MONTH.format(first)}`}>
        <div role="row" className="calendar-head">
          {WEEKDAYS.map((name) => (
            <span role="columnheader" key={name}>
              {name}
            </span>
          ))}
        </div>
        {weeks(days).map((week) => (
          <div role="row" key={week[0]!.date.getTime()}>
            {week.map((one) => (
              <DayCell key={one.date.getTime()} day={one} />
            ))}
          </div>
        ))}
      </div>
    </Section>
  );
}

const weekBefore = (date: Date) => new Date(date.getFullYear(), date.getMonth(), date.getDate() - 7).getTime() / 1000;

const weeks = (days: Day[]) => Array.from({ length: days.length / 7 }, (_, week) => days.slice(week * 7, week * 7 + 7));

function DayCell({ day }: { day: Day }) {
  const more = day.due.length - MOST_A_DAY;
  return (
    <div role="cell" className={`day ${day.isInMonth ? "" : "outside"} ${day.isToday ? "today" : ""}`}>
      <span className="day-number num">{day.date.getDate()}</span>
      {day.due.slice(0, MOST_A_DAY).map((one) => (
        <Link
          key={`${one.at} ${one.chain}`}
          to={`/chains/${escaped(one.chain)}?view=triggers`}
          className={`due ${one.isPast ? "past" : ""} ${one.isPaused ? "paused" : ""}`}
          aria-label={`${shortClock(one.at)} ${one.chain}${one.isPaused ? " paused" : ""}`}
          title={`${one.chain}, ${whole(one.at)}${one.isPaused ? ", paused" : ""}`}
        >
          <span className="num">{shortClock(one.at)}</span> <span className="wide-only">{one.chain}</span>
        </Link>
      ))}
      {more > 0 && <span className="faint">and {more} more</span>}
    </div>
  );
}

function ScheduleTable({ schedules }: { schedules: Schedule[] }) {
  return (
    <Table label="Schedules" columns={[["Chain"], ["When", "wide-only"], ["Last", "wide-only"], ["Next", "end"], ["Actions", "end", "silent"]]}>
      {schedules.map((schedule) => (
        <Row key={schedule.id} schedule={schedule} />
      ))}
    </Table>
  );
}

function Row({ schedule }: { schedule: Schedule }) {
  const { chain, paused, last } = schedule;
  const hold = (verb: "pause" | "resume", done: string) => async () => {
    await post(`/schedules/${verb}`, { chain });
    outdate((url) => url.includes("/schedules"));
    say(done);
  };
  const run = async () => {
    const made = await post<Run>("/schedules/run", { chain, schedule: schedule.id });
    go(`/runs/${made.id}`);
  };
  return (
    <tr>
      <td className="half-cell">
        <Link to={`/chains/${escaped(chain)}?view=triggers`} className="row-link clip">
          {chain}
        </Link>
        <span className="reason narrow-only">{schedule.words}</span>
        {schedule.notes.map((note) => (
          <span key={note} className="reason clip">
            {note}
          </span>
        ))}
      </td>
      <td className="wide-only">
        {schedule.words}
        <span className="reason clip">
          <span className="mono">{schedule.cron}</span> {schedule.timezone}
        </span>
      </td>
      <td className="wide-only">
        {last ? (
          last.run_id ? (
            <Link to={`/runs/${last.run_id}`}>
              <State is={standing({ state: "running", outcome: last.outcome })} />
            </Link>
          ) : (
            <span className="muted" title={last.missed}>
              missed
            </span>
          )
        ) : (
          <span className="faint">–</span>
        )}
      </td>
      <td className="end faint tight">
        {paused ? (
          <span className="tag is-waiting" title={`by ${paused.actor}${paused.until ? ` until ${dated(paused.until)}` : ""}`}>
            paused
          </span>
        ) : schedule.next[0] !== undefined ? (
          <Ago at={schedule.next[0]} />
        ) : (
          "never"
        )}
      </td>
      <td className="end buttons">
        {paused ? (
          <Action look="ghost" icon="play" act={hold("resume", `${chain} is scheduled again`)}>
            Resume
          </Action>
        ) : (
          <Action look="ghost" icon="pause" act={hold("pause", `${chain} is paused`)}>
            Pause
          </Action>
        )}
        <Action look="ghost" icon="play" act={run}>
          Run now
        </Action>
      </td>
    </tr>
  );
}
