/** Requests to stop that come as signals: the first asks the run to save and end, a second one within two seconds ends at once. */
export interface StopRequests {
  readonly requested: () => boolean;
  /** The exit code of a command that was asked to stop. */
  readonly exitCode: () => number;
  readonly release: () => void;
}

const impatienceMs = 2000;

/** Listens to SIGINT and SIGTERM until released. */
export const stopRequests = (say: (text: string) => void): StopRequests => {
  let signal: string | undefined;
  let at = 0;
  const onSignal = (name: NodeJS.Signals): void => {
    const now = Date.now();
    if (signal !== undefined && now - at < impatienceMs) {
      release();
      process.kill(process.pid, name); // the default action of the signal: end now; the last checkpoint stays whole
      return;
    }
    if (signal === undefined) say("\nfinishing this step and saving a checkpoint; once more within two seconds to end at once\n");
    signal = name;
    at = now;
  };
  const release = (): void => {
    process.off("SIGINT", onSignal);
    process.off("SIGTERM", onSignal);
  };
  process.on("SIGINT", onSignal);
  process.on("SIGTERM", onSignal);
  return { requested: () => signal !== undefined, exitCode: () => (signal === "SIGTERM" ? 143 : 130), release };
};
