import { expect, test } from "vitest";

import type { Input } from "../api/types";
import { firstText, valueOf } from "./input-values";

const input = (type: Input["type"], more: Partial<Input> = {}): Input => ({
  name: "n",
  type,
  required: false,
  default: null,
  options: [],
  pattern: null,
  min: null,
  max: null,
  description: "",
  ...more,
});

test("what is sent has the declared type", () => {
  expect(valueOf(input("integer"), "3")).toBe(3);
  expect(valueOf(input("number"), "0.5")).toBe(0.5);
  expect(valueOf(input("boolean"), true)).toBe(true);
  expect(valueOf(input("json"), '{"a": [1]}')).toEqual({ a: [1] });
  expect(valueOf(input("string"), "3")).toBe("3");
});

test("what is left empty is left to the chain", () => {
  expect(valueOf(input("string"), "")).toBeUndefined();
  expect(valueOf(input("integer"), "")).toBeUndefined();
});

test("the defaults of the chain stand in the form", () => {
  expect(firstText(input("string", { default: "x" }))).toBe("x");
  expect(firstText(input("integer", { default: 3 }))).toBe("3");
  expect(firstText(input("boolean", { default: true }))).toBe(true);
  expect(firstText(input("choice", { required: true, options: ["a", "b"] }))).toBe("a");
  expect(firstText(input("json", { default: "x" }))).toBe('"x"');
});

test("what is no value is refused with its name", () => {
  expect(() => valueOf(input("json"), "{")).toThrow(/^n has to be JSON/);
});
