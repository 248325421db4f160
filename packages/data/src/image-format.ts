const bytesOf = (text: string): readonly number[] => [...text].map((letter) => letter.charCodeAt(0));

/** What the files of a format have in common: some bytes at a place. */
const signatures: readonly { readonly at: number; readonly bytes: readonly number[] }[] = [
  { at: 0, bytes: [0xff, 0xd8, 0xff] }, // JPEG
  { at: 0, bytes: [0x89, ...bytesOf("PNG\r\n"), 0x1a, 0x0a] },
  { at: 8, bytes: bytesOf("WEBP") },
  { at: 0, bytes: bytesOf("GIF8") },
  { at: 4, bytes: bytesOf("ftyp") }, // AVIF, and others that its decoder refuses
];

/** Whether a file's first bytes are those of a JPEG, PNG, WebP, GIF or AVIF image, whatever its name says. */
export const looksLikeImage = (file: Uint8Array): boolean =>
  signatures.some(({ at, bytes }) => bytes.every((byte, i) => file[at + i] === byte));
