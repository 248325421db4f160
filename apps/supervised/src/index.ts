export { supervisedApp } from "./app.ts";
