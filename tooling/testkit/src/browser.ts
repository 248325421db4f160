import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable, Writable } from "node:stream";
import { pathToFileURL } from "node:url";

/** A page open in a real browser. */
export interface OpenPage {
  /** What the page's console said, exceptions and refusals of its policy included, and dialogs. */
  readonly complaints: () => readonly string[];
  /** The addresses that the page asked for, its own and data that it holds left out. */
  readonly requests: () => readonly string[];
  /** How often something in the page called `pwned()`. */
  readonly calls: () => number;
  /** The value of an expression in the page. */
  readonly evaluate: (expression: string) => Promise<unknown>;
  /** Moves the pointer to a place of the window, in pixels. */
  readonly point: (x: number, y: number) => Promise<void>;
  /** Lays the page out for a window of a width, as high as the whole page. */
  readonly show: (width: number, options?: { readonly dark?: boolean }) => Promise<void>;
  /** The window as PNG. */
  readonly picture: () => Promise<Buffer>;
}

type Message = {
  readonly id?: number;
  readonly method?: string;
  readonly params?: never;
  readonly result?: never;
  readonly error?: unknown;
};

/** Names under which Chromium is installed; TWINVIEW_BROWSER names another. */
const names = (): readonly string[] => {
  const own = process.env.TWINVIEW_BROWSER;
  return own === undefined || own === "" ? ["chromium", "chromium-browser", "google-chrome", "chrome"] : [own];
};

const launch = async (command: string, profile: string) => {
  const flags = ["--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--no-first-run", "--remote-debugging-pipe"];
  const child = spawn(command, [...flags, `--user-data-dir=${profile}`, "about:blank"], {
    stdio: ["ignore", "ignore", "ignore", "pipe", "pipe"],
  });
  await new Promise<void>((done, fail) => {
    child.once("spawn", done);
    child.once("error", fail);
  });
  return child;
};

const start = async (profile: string) => {
  for (const name of names()) {
    try {
      return await launch(name, profile);
    } catch (error) {
      if ((error as { readonly code?: unknown }).code !== "ENOENT") throw error;
    }
  }
  throw new Error(`no browser: none of ${names().join(", ")} is installed; install chromium, or name one in TWINVIEW_BROWSER`);
};

/** The browser's own protocol over a pipe: messages are JSON texts that end with a zero. */
const protocol = (input: Writable, output: Readable, listen: (method: string, params: never) => void) => {
  const waiting = new Map<number, { readonly done: (result: never) => void; readonly fail: (error: Error) => void }>();
  let last = 0;
  let text = "";
  output.setEncoding("utf8").on("data", (piece: string) => {
    const parts = (text + piece).split("\0");
    text = parts.pop() as string;
    for (const part of parts) {
      const message = JSON.parse(part) as Message;
      if (message.id === undefined) listen(message.method as string, message.params as never);
      else if (message.error !== undefined) waiting.get(message.id)?.fail(new Error(JSON.stringify(message.error)));
      else waiting.get(message.id)?.done(message.result as never);
    }
  });
  return (method: string, params: object = {}, sessionId?: string): Promise<never> => {
    const id = ++last;
    input.write(`${JSON.stringify({ id, method, params, ...(sessionId === undefined ? {} : { sessionId }) })}\0`);
    return new Promise((done, fail) => waiting.set(id, { done, fail }));
  };
};

type Send = (method: string, params?: object) => Promise<never>;

/** What happened in a page since it was opened. */
interface Seen {
  readonly url: string;
  readonly complaints: string[];
  readonly requests: string[];
  calls: number;
  loaded: () => void;
}

const pageOf = (send: Send, seen: Seen): OpenPage => ({
  complaints: () => seen.complaints,
  requests: () => seen.requests,
  calls: () => seen.calls,
  evaluate: async (expression) => {
    const answer = (await send("Runtime.evaluate", { expression, returnByValue: true, awaitPromise: true })) as {
      readonly result: { readonly value?: unknown };
      readonly exceptionDetails?: unknown;
    };
    if (answer.exceptionDetails !== undefined) throw new Error(JSON.stringify(answer.exceptionDetails));
    return answer.result.value;
  },
  point: async (x, y) => void (await send("Input.dispatchMouseEvent", { type: "mouseMoved", x, y })),
  show: async (width, { dark = false } = {}) => {
    await send("Emulation.setEmulatedMedia", { features: [{ name: "prefers-color-scheme", value: dark ? "dark" : "light" }] });
    const size = { width, height: 1000, deviceScaleFactor: 1, mobile: false };
    await send("Emulation.setDeviceMetricsOverride", size);
    const { cssContentSize } = (await send("Page.getLayoutMetrics")) as { readonly cssContentSize: { readonly height: number } };
    await send("Emulation.setDeviceMetricsOverride", { ...size, height: Math.ceil(cssContentSize.height) });
  },
  picture: async () => {
    const { data } = (await send("Page.captureScreenshot", { format: "png" })) as { readonly data: string };
    return Buffer.from(data, "base64");
  },
});

interface EventParams {
  readonly request?: { readonly url: string };
  readonly name?: string;
}

const note = (seen: Seen, method: string, params: EventParams): void => {
  const url = params.request?.url ?? seen.url;
  if (method === "Page.loadEventFired") seen.loaded();
  if (/consoleAPICalled|exceptionThrown|entryAdded|issueAdded|javascriptDialogOpening/.test(method))
    seen.complaints.push(JSON.stringify(params));
  if (method === "Network.requestWillBeSent" && url !== seen.url && !url.startsWith("data:")) seen.requests.push(url);
  if (method === "Runtime.bindingCalled") seen.calls++;
};

/** Starts Chromium, gives a function that opens files in it, and ends it. Throws when there is no browser. */
export const withBrowser = async <A>(use: (open: (path: string) => Promise<OpenPage>) => Promise<A>): Promise<A> => {
  const profile = await mkdtemp(join(tmpdir(), "twinview-browser-"));
  const child = await start(profile);
  let seen: Seen | undefined;
  try {
    const listen = (method: string, params: never): void => {
      if (seen !== undefined) note(seen, method, params);
    };
    const send = protocol(child.stdio[3] as Writable, child.stdio[4] as Readable, listen);
    const { targetInfos } = (await send("Target.getTargets")) as {
      readonly targetInfos: readonly { readonly targetId: string; readonly type: string }[];
    };
    const targetId = targetInfos.find(({ type }) => type === "page")?.targetId;
    const { sessionId } = (await send("Target.attachToTarget", { targetId, flatten: true })) as { readonly sessionId: string };
    const toPage: Send = (method, params) => send(method, params, sessionId);
    for (const domain of ["Page", "Runtime", "Log", "Audits", "Network"]) await toPage(`${domain}.enable`);
    await toPage("Runtime.addBinding", { name: "tellCall" });
    await toPage("Page.addScriptToEvaluateOnNewDocument", { source: 'globalThis.pwned = () => tellCall("pwned");' });
    return await use(async (path) => {
      const url = pathToFileURL(path).href;
      await new Promise<void>((loaded, fail) => {
        seen = { url, complaints: [], requests: [], calls: 0, loaded };
        toPage("Page.navigate", { url }).catch(fail);
      });
      return pageOf(toPage, seen as unknown as Seen);
    });
  } finally {
    const ended = new Promise<void>((done) => child.once("exit", () => done()));
    child.kill("SIGKILL");
    await ended;
    await rm(profile, { recursive: true, force: true, maxRetries: 5 });
  }
};
