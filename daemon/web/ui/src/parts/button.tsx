/** Things to press. An action that takes time shows that it does, and its refusal is told where everybody sees it. */
import { useState, type ButtonHTMLAttributes, type ReactNode } from "react";

import { Icon, type IconName } from "./icon";
import { sayProblem } from "./notices";

type Look = "plain" | "primary" | "danger" | "ghost";

interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  look?: Look;
  icon?: IconName;
  children?: ReactNode;
}

export function Button({ look = "plain", icon, children, className = "", ...rest }: ButtonProps) {
  return (
    <button type="button" className={`button ${look} ${className}`} {...rest}>
      {icon && <Icon name={icon} size={14} />}
      {children}
    </button>
  );
}

/** A button that is only a picture; `label` is what it does. */
export function IconButton({ icon, label, className = "", ...rest }: { icon: IconName; label: string } & ButtonHTMLAttributes<HTMLButtonElement>) {
  return (
    <button type="button" className={`icon-button ${className}`} aria-label={label} title={label} {...rest}>
      <Icon name={icon} />
    </button>
  );
}

interface ActionProps extends ButtonProps {
  /** What is done; a refusal is shown as a notice. */
  act: () => Promise<unknown>;
}

export function Action({ act, disabled, children, ...rest }: ActionProps) {
  const [isBusy, setBusy] = useState(false);
  const press = async () => {
    setBusy(true);
    try {
      await act();
    } catch (fault) {
      sayProblem(fault);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Button {...rest} disabled={disabled || isBusy} aria-busy={isBusy} onClick={() => void press()}>
      {children}
    </Button>
  );
}
