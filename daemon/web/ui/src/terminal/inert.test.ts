import { expect, test } from "vitest";

import { leadsToHttps } from "./inert";

test("a link leads to https, or is none", () => {
  expect(leadsToHttps(";https://example.org/a;b")).toBe(true);
  expect(leadsToHttps("id=1;https://example.org")).toBe(true);
  expect(leadsToHttps(";")).toBe(true);
});

test("other schemes and what is no address are dropped", () => {
  const others = [";javascript:alert(1)", ";http://example.org", ";file:///etc/passwd", ";data:text/html,x", ";nonsense", ";//host/x"];

  expect(others.filter(leadsToHttps)).toEqual([]);
});
