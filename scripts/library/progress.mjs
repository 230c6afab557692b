// What is going on, and for how long: one calm line on a terminal, plain lines elsewhere.

const REDRAW_MS = 200;
const HEARTBEAT_MS = 20_000;

export class Progress {
  #stream;
  #begin = Date.now();
  #tasks = [];
  #timer;

  constructor(stream = process.stdout) {
    this.#stream = stream;
    const live = this.#stream.isTTY;
    this.#timer = setInterval(() => (live ? this.#draw() : this.#beat()), live ? REDRAW_MS : HEARTBEAT_MS);
    this.#timer.unref();
  }

  /** Runs one of the tasks; it reports its latest line through the function that it is given. */
  async task(label, work) {
    const task = { label, line: '', begin: Date.now() };
    this.#tasks.push(task);
    if (!this.#stream.isTTY) this.#print(`${label} …`);
    try {
      const result = await work((line) => (task.line = line.trim()));
      this.#print(`${label}: ${seconds(task.begin)}`);
      return result;
    } finally {
      this.#tasks.splice(this.#tasks.indexOf(task), 1);
    }
  }

  /** Clears the live line. */
  end() {
    clearInterval(this.#timer);
    this.#clear();
  }

  #draw() {
    const text = [seconds(this.#begin), ...this.#tasks.map(describe)].join('  ');
    this.#clear();
    this.#stream.write(text.slice(0, (this.#stream.columns || 80) - 1));
  }

  #beat() {
    for (const task of this.#tasks) this.#print(`${describe(task)} (${seconds(task.begin)})`);
  }

  #print(line) {
    this.#clear();
    this.#stream.write(`${line}\n`);
  }

  #clear() {
    if (this.#stream.isTTY) this.#stream.write('\r\x1b[K');
  }
}

const describe = (task) => (task.line ? `${task.label}: ${task.line}` : task.label);

const seconds = (begin) => `${((Date.now() - begin) / 1000).toFixed(1)} s`;
