import {
  computeKilled,
  damaged,
  flushed,
  fullDisk,
  hostileImages,
  killed,
  loaderDeaths,
  logs,
  outOfMemory,
  powerCut,
  quota,
  readOnly,
  rivals,
  stopped,
  type Trial,
} from "@twinview/chaos";

/** A trial that is made as often as asked for. */
export interface Campaign {
  /** How often when nothing is asked for; for `damaged` and `power-cut` the size of the checkpoint in bytes, of which every case is tried. */
  readonly times: number;
  readonly trial: (times: number) => Trial;
}

/** Every campaign by its name on the command line. */
export const campaigns: Readonly<Record<string, Campaign>> = {
  killed: { times: 200, trial: (times) => killed({ times, writing: Math.ceil(0.3 * times) }) },
  stopped: { times: 50, trial: (times) => stopped({ times }) },
  "compute-killed": { times: 30, trial: (times) => computeKilled({ times }) },
  damaged: { times: 20_000, trial: (bytes) => damaged({ bytes }) },
  "power-cut": { times: 400_000, trial: (bytes) => powerCut({ bytes }) },
  quota: { times: 1, trial: () => quota },
  "full-disk": { times: 1, trial: () => fullDisk },
  "read-only": { times: 1, trial: () => readOnly },
  rivals: { times: 20, trial: (times) => rivals({ times }) },
  "out-of-memory": { times: 1, trial: () => outOfMemory },
  logs: { times: 1, trial: () => logs },
  images: { times: 1, trial: () => hostileImages },
  flushed: { times: 1, trial: () => flushed },
  loader: { times: 100, trial: (times) => loaderDeaths({ times }) },
};
