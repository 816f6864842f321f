/**
 * What an agent's output may not do to the person who looks at it, and what a person's terminal may not say to the agent.
 *
 * A terminal answers some sequences by itself (where is the cursor, what are you). On a view that only shows, and while old output is
 * played back, such an answer would be typing that nobody did, so the questions are dropped before the terminal sees them. Links may
 * lead to https only; the clipboard, titles and device control strings are dropped always.
 */
import type { IDisposable, Terminal } from "@xterm/xterm";

/** OSC numbers that do something outside of the screen: title, icon, folder, notification, clipboard, marks of shells. */
const DROPPED_OSC = [0, 1, 2, 7, 9, 52, 99, 133, 633, 777, 1337];
/** OSC numbers that ask for colours when their text is `?`. */
const COLOUR_OSC = [4, 10, 11, 12];
/** CSI sequences that are questions: prefix, what stands between, end. */
const QUESTIONS: { prefix?: string; intermediates?: string; final: string }[] = [
  { final: "c" },
  { prefix: ">", final: "c" },
  { prefix: "=", final: "c" },
  { final: "n" },
  { prefix: "?", final: "n" },
  { prefix: ">", final: "q" },
  { prefix: "?", final: "u" },
  { intermediates: "$", final: "p" },
  { prefix: "?", intermediates: "$", final: "p" },
  { final: "t" },
  { final: "x" },
];
const DEVICE_STRINGS: { intermediates?: string; final: string }[] = [
  { intermediates: "$", final: "q" },
  { intermediates: "+", final: "q" },
  { intermediates: "+", final: "p" },
  { final: "q" },
  { final: "p" },
];

/** Make `terminal` harmless. `mayAnswer` tells whether a question of the agent may be answered just now. */
export function makeInert(terminal: Terminal, mayAnswer: () => boolean): IDisposable {
  const { parser } = terminal;
  const drop = () => true;
  const unlessAllowed = () => !mayAnswer();
  const held = [
    ...DROPPED_OSC.map((number) => parser.registerOscHandler(number, drop)),
    ...COLOUR_OSC.map((number) => parser.registerOscHandler(number, (text) => text.includes("?") && !mayAnswer())),
    parser.registerOscHandler(8, (text) => !leadsToHttps(text)),
    ...QUESTIONS.map((question) => parser.registerCsiHandler(question, unlessAllowed)),
    ...DEVICE_STRINGS.map((string) => parser.registerDcsHandler(string, drop)),
  ];
  return { dispose: () => held.forEach((one) => one.dispose()) };
}

/** Whether the text of an OSC 8 (`params;address`) ends a link or begins one to https. */
export function leadsToHttps(text: string): boolean {
  const address = text.slice(text.indexOf(";") + 1);
  if (address === "") return true;
  try {
    return new URL(address).protocol === "https:";
  } catch {
    return false;
  }
}
