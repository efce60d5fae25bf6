/** Work in line: per key one at a time, in the order in which it was asked for. */
export class Lines {
  private readonly last = new Map<string, Promise<unknown>>();

  /** Runs `work` when everything before it under this key has ended, well or not; gives its result or error. */
  async run<T>(key: string, work: () => Promise<T>): Promise<T> {
    const before = this.last.get(key);
    const current = before ? before.then(work, work) : work();
    this.last.set(key, current);
    try {
      return await current;
    } finally {
      if (this.last.get(key) === current) this.last.delete(key);
    }
  }
}
