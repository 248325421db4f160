export { infoNce } from "./info-nce.ts";
