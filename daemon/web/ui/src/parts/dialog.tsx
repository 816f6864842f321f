/** A window over the page: the browser's own, which keeps the focus inside, closes on Escape and gives the focus back. */
import { useEffect, useId, useRef, type ReactNode } from "react";

import { IconButton } from "./button";

/** What has the focus at first: something to fill in, else what does what the window is for. */
const FIRST = ".dialog-content :is(input, select, textarea), footer .button:last-child";

interface DialogProps {
  title: string;
  onClose: () => void;
  children: ReactNode;
  /** Buttons below. */
  actions?: ReactNode;
  isWide?: boolean;
}

export function Dialog({ title, onClose, children, actions, isWide = false }: DialogProps) {
  const ref = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => {
    const dialog = ref.current!;
    dialog.showModal();
    dialog.querySelector<HTMLElement>(FIRST)?.focus();
    return () => dialog.close();
  }, []);
  return (
    <dialog
      ref={ref}
      className={`dialog ${isWide ? "wide" : ""}`}
      aria-labelledby={id}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onClick={(event) => event.target === ref.current && onClose()}
    >
      <div className="dialog-body">
        <header>
          <h2 id={id}>{title}</h2>
          <IconButton icon="close" label="Close" onClick={onClose} />
        </header>
        <div className="dialog-content">{children}</div>
        {actions && <footer>{actions}</footer>}
      </div>
    </dialog>
  );
}
