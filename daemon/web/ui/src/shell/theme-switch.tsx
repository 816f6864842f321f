/** Dark, light, or as the machine has it: one button that goes round. */
import { useState } from "react";

import { IconButton } from "../parts/button";
import { chooseTheme, chosenTheme, type Theme } from "./theme";

const NEXT: Record<Theme, Theme> = { auto: "dark", dark: "light", light: "auto" };
const ICONS = { auto: "auto", dark: "moon", light: "sun" } as const;

export function ThemeSwitch() {
  const [theme, setTheme] = useState(chosenTheme);
  const next = () => {
    chooseTheme(NEXT[theme]);
    setTheme(NEXT[theme]);
  };
  return <IconButton icon={ICONS[theme]} label={`Theme: ${theme}. Change to ${NEXT[theme]}`} onClick={next} />;
}
