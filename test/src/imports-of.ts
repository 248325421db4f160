/** What a source file asks for: the text between the quotes. */
export interface Import {
  readonly specifier: string;
  readonly line: number;
}

// Comments, templates and plain strings are matched so that they are stepped over: only what follows one of the words counts.
const token =
  /\/\/.*|\/\*[\s\S]*?\*\/|`(?:\\[\s\S]|[^`\\])*`|(?:\bfrom|\bimport|\b(?:import|require|require\.resolve|packageFolder)\s*\()\s*(["'])([^"'\n]+)\1|(["'])(?:\\.|(?!\3)[^\\\n])*\3/g;

/**
 * Every module a file of TypeScript or JavaScript names: imports and re-exports, of types too, dynamic imports, require, and
 * packages of data opened by packageFolder("name", ..).
 */
export const importsOf = (text: string): readonly Import[] =>
  [...text.matchAll(token)].flatMap((match) => {
    const specifier = match[2];
    return specifier === undefined ? [] : [{ specifier, line: text.slice(0, match.index).split("\n").length }];
  });
