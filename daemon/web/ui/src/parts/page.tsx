/** What all screens have: a heading with the way to it, actions, and the title of the window. */
import { useEffect, type ReactNode } from "react";

import { Link } from "../router";
import { Icon } from "./icon";

export interface Crumb {
  text: string;
  to: string;
}

interface PageProps {
  title: string;
  /** Before the heading: a state. */
  mark?: ReactNode;
  crumbs?: Crumb[];
  /** Facts below the heading. */
  facts?: ReactNode;
  actions?: ReactNode;
  children: ReactNode;
  isWide?: boolean;
}

export function Page({ title, mark, crumbs = [], facts, actions, children, isWide = false }: PageProps) {
  useTitle(title);
  return (
    <main id="main" className={isWide ? "page wide" : "page"} tabIndex={-1}>
      <header className="page-head">
        <div className="page-title">
          {crumbs.length > 0 && (
            <nav className="crumbs" aria-label="Way here">
              {crumbs.map((crumb) => (
                <span key={crumb.to}>
                  <Link to={crumb.to}>{crumb.text}</Link>
                  <Icon name="chevron" size={12} />
                </span>
              ))}
            </nav>
          )}
          <h1>
            {title}
            {mark}
          </h1>
          {facts && <div className="facts">{facts}</div>}
        </div>
        {actions && <div className="actions">{actions}</div>}
      </header>
      {children}
    </main>
  );
}

/** The title of the window: text, whatever it holds. */
export function useTitle(title: string): void {
  useEffect(() => {
    document.title = title ? `${title} · Chainwright` : "Chainwright";
  }, [title]);
}

export function Section({ title, aside, children, id }: { title: string; aside?: ReactNode; children: ReactNode; id?: string }) {
  return (
    <section className="section" id={id} aria-label={title}>
      <header>
        <h2>{title}</h2>
        {aside && <div className="aside">{aside}</div>}
      </header>
      {children}
    </section>
  );
}
