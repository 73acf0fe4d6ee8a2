// The archive that is made while it is sent: order, laziness, errors and early ends.
import { describe, expect, it } from 'vitest';
import { type ZippedFile, zipOf } from '../../src/http/zip.ts';

/** Files whose reading is recorded; `failing` throws after its first bytes. */
function recorded(names: readonly string[], failing?: string) {
  const steps: string[] = [];
  const bytesOf = async function* (name: string): AsyncGenerator<Uint8Array, void, undefined> {
    for (let n = 0; n < 3; n++) {
      steps.push(`${name} ${n}`);
      yield Buffer.from(`${name}${n}`);
      if (name === failing) throw new Error('no more');
    }
  };
  const files = async function* (): AsyncGenerator<ZippedFile, void, undefined> {
    try {
      for (const name of names) {
        steps.push(`open ${name}`);
        yield { name, modified: new Date('2026-03-01T00:00:00Z'), bytes: bytesOf(name) };
        steps.push(`close ${name}`);
      }
    } finally {
      steps.push('end');
    }
  };
  return { steps, zip: zipOf(files()) };
}

describe('an archive that is sent', () => {
  it('asks for a file once the one before it was read to its end', async () => {
    const { steps, zip } = recorded(['one', 'two']);
    const pieces: Uint8Array[] = [];
    for await (const piece of zip) pieces.push(piece);
    const inOrder = ['one', 'two'].flatMap((name) => [
      `open ${name}`,
      ...[0, 1, 2].map((n) => `${name} ${n}`),
      `close ${name}`,
    ]);
    expect(steps).toEqual([...inOrder, 'end']);
    expect(Buffer.concat(pieces).subarray(0, 4)).toEqual(Buffer.from('PK\u0003\u0004'));
  });

  it('reads at most a few pieces ahead of what is taken', async () => {
    const { steps, zip } = recorded(['one', 'two']);
    await zip.next();
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(steps).not.toContain('one 2');
    await zip.return();
  });

  it('ends its files where the reader stops early', async () => {
    const { steps, zip } = recorded(['one', 'two']);
    for (let n = 0; n < 3; n++) await zip.next();
    await zip.return();
    expect(steps.at(-1)).toBe('end');
    expect(steps).not.toContain('open two');
  });

  it('fails as a file does, and ends the files', async () => {
    const { steps, zip } = recorded(['one', 'two'], 'one');
    const read = async () => {
      for await (const piece of zip) expect(piece.length).toBeGreaterThan(0);
    };
    await expect(read()).rejects.toThrow('no more');
    expect(steps).toEqual(['open one', 'one 0', 'end']);
  });
});
