/** A call of the operating system that a traced program made, in the order in which they were done; a rename where it began. */
export interface SystemCall {
  readonly name: string;
  readonly args: string;
}

const began = /^(\d+) +(\w+)\((.*) <unfinished \.\.\.>$/;
const resumed = /^(\d+) +<\.\.\. (\w+) resumed>(.*)$/;
const whole = /^(\d+) +(\w+)\((.*)\) += (.*)$/;

/** Reads the output of `strace -f -y`, in which a call that another thread interrupts stands in two parts. */
export const systemCalls = (text: string): readonly SystemCall[] => {
  const calls: SystemCall[] = [];
  const open = new Map<string, string>();
  for (const line of text.split("\n")) {
    const [, thread, name, args] = began.exec(line) ?? [];
    if (thread !== undefined && name !== undefined && args !== undefined) {
      if (name.startsWith("rename")) calls.push({ name, args });
      else open.set(`${thread} ${name}`, args);
      continue;
    }
    const [, later, again, rest] = resumed.exec(line) ?? [];
    if (later !== undefined && again !== undefined) {
      const before = open.get(`${later} ${again}`);
      open.delete(`${later} ${again}`);
      if (before !== undefined) calls.push({ name: again, args: `${before}${rest}` });
      continue;
    }
    const [, , done, all] = whole.exec(line) ?? [];
    if (done !== undefined && all !== undefined) calls.push({ name: done, args: all });
  }
  return calls;
};
