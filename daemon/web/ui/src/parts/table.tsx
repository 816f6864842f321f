/** A list in columns. What stands in a row is its screen's; headings, and what becomes of columns on a narrow window, are here. */
import type { ReactNode } from "react";

type Look = "" | "end" | "wide-only" | "end wide-only";

/** A heading, how its column looks, and whether only screen readers are told. */
export type Column = readonly [text: string, look?: Look, isSilent?: "silent"];

interface TableProps {
  label: string;
  columns: readonly (Column | false)[];
  children: ReactNode;
  className?: string;
}

export function Table({ label, columns, children, className = "" }: TableProps) {
  return (
    <table className={`table ${className}`} aria-label={label}>
      <thead>
        <tr>
          {columns.map(
            (column) =>
              column && (
                <th key={column[0]} scope="col" className={column[1] || undefined}>
                  {column[2] ? <span className="unseen">{column[0]}</span> : column[0]}
                </th>
              ),
          )}
        </tr>
      </thead>
      <tbody>{children}</tbody>
    </table>
  );
}
