import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readVarint } from "./decode.test.kit.ts";
import { type Bytes, bytes, float, int, join, message, text } from "./wire.ts";

fc.configureGlobal({ seed: 1 });
const hex = (parts: Bytes): string => Buffer.from(join(parts)).toString("hex");

describe("protocol-buffer fields", () => {
  // examples of the format's own guide: field 1 = 150, field 2 = "testing", field 3 = { 1: 150 }
  test("are written as the guide's examples", () => {
    expect(hex(int(1, 150))).toBe("089601");
    expect(hex(text(2, "testing"))).toBe("120774657374696e67");
    expect(hex(message(3, int(1, 150)))).toBe("1a03089601");
  });

  test("take as many bytes as a whole number needs, ten when it is negative", () => {
    expect(hex(int(1, 0))).toBe("0800");
    expect(hex(int(1, 127))).toBe("087f");
    expect(hex(int(1, 128))).toBe("088001");
    expect(hex(int(1, -1))).toBe("08ffffffffffffffffff01");
    expect(hex(int(20, 2))).toBe("a00102"); // a field number above 15
  });

  test("hold floats as four bytes, lowest first, and raw bytes as they are", () => {
    expect(hex(float(2, 1))).toBe("150000803f");
    expect(hex(float(2, -0.5))).toBe("15000000bf");
    expect(hex(bytes(9, Uint8Array.of(0, 255, 1)))).toBe("4a0300ff01");
    expect(hex(text(1, "é"))).toBe("0a02c3a9");
  });

  test("give back any 64-bit number", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), (value) => {
        const written = join(int(1, value));
        expect(BigInt.asIntN(64, readVarint(written, 1).value)).toBe(value);
      }),
    );
  });

  test("join in their order", () => {
    expect([...join([Uint8Array.of(1, 2), Uint8Array.of(), Uint8Array.of(3)])]).toEqual([1, 2, 3]);
  });
});
