/** Simulated time: events in their order, and nothing between them. */

interface Event {
  readonly at: number;
  /** Events of one moment happen in the order in which they were planned. */
  readonly order: number;
  readonly happen: () => void;
}

export interface Timeline {
  /** True time in epoch milliseconds. */
  now(): number;
  /** Plans something. */
  at(time: number, happen: () => void): void;
  /** To be called by an event that lets waiting code go on: time stands still until that code waits again. */
  woke(): void;
  run(isOver: () => boolean): Promise<void>;
}

export function createTimeline(start: number): Timeline {
  const events = createHeap();
  let now = start;
  let order = 0;
  let awake = false;
  return {
    now: () => now,
    at(time, happen) {
      events.push({ at: Math.max(time, now), order: order++, happen });
    },
    woke() {
      awake = true;
    },
    async run(isOver) {
      for (let event = events.pop(); event !== undefined && !isOver(); event = events.pop()) {
        now = event.at;
        awake = false;
        event.happen();
        // An immediate comes after all promises that can go on without time.
        if (awake) await new Promise(setImmediate);
      }
    },
  };
}

/** A binary heap, the earliest event on top. */
function createHeap() {
  const heap: Event[] = [];
  const isBefore = (one: Event, other: Event) =>
    one.at < other.at || (one.at === other.at && one.order < other.order);
  const swap = (i: number, j: number) => {
    const [one, other] = [heap[i], heap[j]];
    if (one && other) [heap[i], heap[j]] = [other, one];
  };
  const isBeforeAt = (i: number, j: number) => {
    const [one, other] = [heap[i], heap[j]];
    return one !== undefined && other !== undefined && isBefore(one, other);
  };
  return {
    push(event: Event): void {
      heap.push(event);
      for (let i = heap.length - 1; i > 0; ) {
        const parent = (i - 1) >> 1;
        if (!isBeforeAt(i, parent)) break;
        swap(i, parent);
        i = parent;
      }
    },
    pop(): Event | undefined {
      swap(0, heap.length - 1);
      const top = heap.pop();
      for (let i = 0; ; ) {
        const left = 2 * i + 1;
        const least = isBeforeAt(left + 1, left) ? left + 1 : left;
        if (!isBeforeAt(least, i)) break;
        swap(i, least);
        i = least;
      }
      return top;
    },
  };
}
