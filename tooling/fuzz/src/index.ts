export { mutatedFile } from "./mutated-file.ts";
