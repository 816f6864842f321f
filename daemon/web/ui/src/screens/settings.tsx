/** The daemon itself: who you are, what it looks after, what an operator should know. */
import { useSyncExternalStore } from "react";

import { post } from "../api/client";
import { useGet } from "../api/use";
import { Action, Button } from "../parts/button";
import { Icon } from "../parts/icon";
import { Values } from "../parts/json";
import { Page, Section } from "../parts/page";
import { Shown } from "../parts/shown";
import { dated } from "../parts/times";
import { Link } from "../router";
import { chooseTheme, chosenTheme, onTheme, type Theme } from "../shell/theme";

export default function Settings() {
  return (
    <Page title="Settings" actions={<SignOut />}>
      <div className="columns">
        <div>
          <Doctor />
          <Secrets />
        </div>
        <div>
          <You />
          <Daemon />
          <Repositories />
          <Configuration />
        </div>
      </div>
    </Page>
  );
}

function SignOut() {
  const leave = async () => {
    await post("/sign-out");
    location.assign("/sign-in");
  };
  return <Action act={leave}>Sign out</Action>;
}

function Doctor() {
  const doctor = useGet("/api/v1/doctor");
  return (
    <Section title="Doctor" aside={<Button look="ghost" icon="retry" onClick={doctor.refresh}>Look again</Button>}>
      <Shown of={doctor}>
        {({ items }) => (
          <ul className="rows boxed">
            {[...items]
              .sort((a, b) => Number(a.ok) - Number(b.ok))
              .map((check) => (
                <li key={check.check} className={`check-row is-${check.ok ? "succeeded" : "failed"}`}>
                  <Icon name={check.ok ? "check" : "close"} size={14} />
                  <span>
                    {check.check}
                    <span className="unseen">{check.ok ? " is well" : " is not well"}</span>
                    {!check.ok && <span className="muted reason">{check.detail}</span>}
                    {!check.ok && check.hint && <span className="reason">{check.hint}</span>}
                  </span>
                  {check.ok && <span className="faint">{check.detail}</span>}
                </li>
              ))}
          </ul>
        )}
      </Shown>
    </Section>
  );
}

function Secrets() {
  const secrets = useGet("/api/v1/secrets");
  return (
    <Section title="Secrets that chains ask for" aside="by name; values are never shown">
      <Shown of={secrets} rows={2}>
        {({ items }) =>
          items.length === 0 ? (
            <p className="faint pad">None.</p>
          ) : (
            <ul className="rows boxed">
              {items.map((secret) => (
                <li key={secret.name}>
                  <span className="mono">{secret.name}</span>
                  {secret.problem ? <span className="tag is-failed">{secret.problem}</span> : <span className="faint">{secret.provider}</span>}
                </li>
              ))}
            </ul>
          )
        }
      </Shown>
    </Section>
  );
}

const THEMES: [Theme, string][] = [
  ["auto", "as the machine has it"],
  ["dark", "dark"],
  ["light", "light"],
];

function You() {
  const me = useGet("/api/v1/me").data;
  const chosen = useSyncExternalStore(onTheme, chosenTheme);
  return (
    <Section title="You">
      <ul className="rows boxed">
        <li>
          <span>Signed in as</span>
          <span>{me?.name ?? "…"}</span>
        </li>
        <li>
          <span>Theme</span>
          <span className="choice">
            {THEMES.map(([theme, text]) => (
              <Button key={theme} look="ghost" aria-pressed={theme === chosen} onClick={() => chooseTheme(theme)}>
                {text}
              </Button>
            ))}
          </span>
        </li>
      </ul>
    </Section>
  );
}

function Daemon() {
  const status = useGet("/api/v1/status");
  return (
    <Section title="Daemon">
      <Shown of={status} rows={3}>
        {(told) => (
          <Values
            of={{
              version: told.version,
              home: told.home,
              address: told.listen,
              pid: told.pid,
              "up since": dated(told.started_at),
              starts: told.epoch,
              sessions: told.sessions,
            }}
            none=""
          />
        )}
      </Shown>
    </Section>
  );
}

function Repositories() {
  const repositories = useGet("/api/v1/repositories");
  return (
    <Section title="Repositories" aside={<Link to="/deployments">Deployments</Link>}>
      <Shown of={repositories} rows={2}>
        {({ items }) => (
          <ul className="rows boxed">
            {items.map((one) => (
              <li key={one.name}>
                <span>
                  {one.name} <span className="tag is-queued">{one.kind}</span>
                </span>
                <span className="mono faint clip">{one.url || one.path}</span>
              </li>
            ))}
          </ul>
        )}
      </Shown>
    </Section>
  );
}

function Configuration() {
  const settings = useGet("/api/v1/settings");
  return (
    <Section title="Configuration" aside="and who says so, where it is no default">
      <Shown of={settings} rows={4}>
        {({ items }) => (
          <ul className="rows boxed">
            {items.map((one) => (
              <li key={one.name}>
                <span className="mono">{one.name}</span>
                <span className="setting">
                  <code>{typeof one.value === "string" ? one.value : JSON.stringify(one.value)}</code>
                  {one.origin !== "default" && <span className="reason">{one.origin}</span>}
                </span>
              </li>
            ))}
          </ul>
        )}
      </Shown>
    </Section>
  );
}
