import type { CellsEvent } from "@twinview/compare";
import { eventPrinter, type Terminal } from "./output.ts";

/** Shows how cells get on: a heading and the run's own lines for each; JSON lines on standard error, where results go to the output. */
export const cellsPrinter = (terminal: Terminal, json: boolean): ((event: CellsEvent) => void) => {
  if (json) return (event) => terminal.error(`${JSON.stringify(event)}\n`);
  const show = eventPrinter(terminal, { json: false });
  return (event) => {
    switch (event.kind) {
      case "run":
        return show(event.event);
      case "cell": {
        const what = event.state === "found" ? "already trained" : "training";
        return terminal.out(`\n[${event.index + 1}/${event.count}] ${event.name}: ${what}\n`);
      }
      case "diverged":
        return terminal.out(`${event.name}: ${event.what}; that is a result too\n`);
    }
  };
};
