/** Text that is copied by pressing it. */
import { useState } from "react";

import { Icon } from "./icon";

export async function copy(text: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const area = document.createElement("textarea"); // without https, browsers offer only this
    area.value = text;
    document.body.append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
  }
}

export function CopyText({ text, shown, what }: { text: string; shown?: string; what: string }) {
  const [isCopied, setCopied] = useState(false);
  const press = async () => {
    await copy(text);
    setCopied(true);
    setTimeout(() => setCopied(false), 1200);
  };
  return (
    <button type="button" className="copy-text" title={`Copy ${what} ${text}`} onClick={() => void press()}>
      <span className="mono">{shown ?? text}</span>
      {isCopied && <Icon name="check" size={12} />}
      <span className="unseen">{isCopied ? "copied" : `copy ${what}`}</span>
    </button>
  );
}

export function Command({ text }: { text: string }) {
  return (
    <div className="command">
      <code>{text}</code>
      <CopyButton text={text} />
    </div>
  );
}

export function CopyButton({ text, label = "Copy" }: { text: string; label?: string }) {
  const [isCopied, setCopied] = useState(false);
  return (
    <button
      type="button"
      className="icon-button"
      aria-label={isCopied ? "Copied" : label}
      title={label}
      onClick={() => void copy(text).then(() => (setCopied(true), setTimeout(() => setCopied(false), 1200)))}
    >
      <Icon name={isCopied ? "check" : "copy"} size={14} />
    </button>
  );
}
