import { decodeSafetensors } from "@twinview/checkpoint";

/** Why our reader refuses what the reference reads; each stands in docs/trust.md with its reason. */
export const stricter: readonly { readonly name: string; readonly says: RegExp }[] = [
  { name: "blanks before the header", says: /: the header does not begin with "{"$/ },
  { name: "a length above 2^53 beside a length of 0", says: /: its shape is not a list of whole numbers$/ },
  { name: "a key that appears twice", says: /appears twice$/ },
  {
    name: "numbers of a kind that twinview has no use for",
    says: /: unsupported dtype "(BOOL|F4|F6_E[23]M[23]|F8_E[458]M[0-3]|I8|I16|U16|U32|U64|C64)"/,
  },
  { name: "a kind of numbers written as a record", says: /: unsupported dtype \{"\w+":null\}/ },
];

/** What our reader says of a file: undefined where it reads it, else why not. */
export const ourVerdict = (file: Uint8Array): string | undefined => {
  const result = decodeSafetensors(file, "file", { foreign: true });
  return result._tag === "Right" ? undefined : result.left.what;
};

/** How two verdicts compare: "same", the name of a reason to be stricter, or what is wrong. */
export const compared = (ours: string | undefined, accepted: boolean): string => {
  if ((ours === undefined) === accepted) return "same";
  if (ours === undefined) return "WRONG: we read what the reference refuses";
  return stricter.find(({ says }) => says.test(ours))?.name ?? "WRONG: we refuse what the reference reads";
};
