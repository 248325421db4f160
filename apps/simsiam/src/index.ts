export { simsiamApp } from "./app.ts";
export { type SimSiamOptions, simsiam } from "./simsiam.ts";
