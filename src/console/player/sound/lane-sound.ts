// Volume of each lane. The two channels are split only when a lane's volume is first changed.

/** With one lane muted, the other is heard in both ears. */
export function createLaneMixer(media: HTMLMediaElement): {
  readonly set: (gains: readonly [number, number]) => void;
  readonly wake: () => void;
  readonly drop: () => void;
  /** Permanent; browsers allow few audio contexts. */
  readonly close: () => void;
} {
  let context: AudioContext | null = null;
  let apply: ((gains: readonly [number, number]) => void) | null = null;

  const build = (): void => {
    context = new AudioContext();
    const splitter = context.createChannelSplitter(2);
    const merger = context.createChannelMerger(2);
    context.createMediaElementSource(media).connect(splitter);
    merger.connect(context.destination);
    // Each of the four paths from lane to ear has its own gain.
    const ways = [0, 1].map((lane) =>
      [0, 1].map((ear) => {
        const gain = new GainNode(context as AudioContext);
        splitter.connect(gain, lane);
        gain.connect(merger, 0, ear);
        return gain;
      }),
    );
    apply = (gains) => {
      for (const lane of [0, 1]) {
        for (const ear of [0, 1]) {
          const way = ways[lane]?.[ear];
          const alone = gains[1 - lane] === 0;
          if (way !== undefined) way.gain.value = lane === ear || alone ? (gains[lane] ?? 0) : 0;
        }
      }
    };
  };

  return {
    set: (gains) => {
      if (context === null && gains.every((gain) => gain === 1)) return;
      if (context === null) build();
      apply?.(gains);
    },
    wake: () => void context?.resume().catch(() => undefined),
    drop: () => void context?.suspend().catch(() => undefined),
    close: () => void context?.close().catch(() => undefined),
  };
}
