// Drills of npm run drill:rewrap, drill:log and drill:volume in small: real processes, killed while they work.
import { describe, expect, it } from 'vitest';
import { builtFile } from '../support/built.ts';
import { forkDouble } from '../support/double/double.ts';
import { needs } from '../support/needs.ts';
import { freshDatabase } from '../support/servers/postgres.ts';
import { serverOf } from '../support/servers/servers.ts';
import { drillLog } from './log.ts';
import { type DrillOptions, type DrillResult, drillRewrap } from './rewrap.ts';
import { drillStorm } from './storm.ts';
import { drillVolume } from './volume.ts';

const postgres = needs('postgresql');
const moto = needs('moto');
const both = { present: postgres.present && moto.present, reason: `${postgres.reason} ${moto.reason}`.trim() };
const RUNNER = 'test/drill/rewrap-process.ts';

const quiet = () => undefined;
const drill = (options: Omit<DrillOptions, 'rate'>): Promise<DrillResult> =>
  drillRewrap({ rate: 1_000, runner: builtFile(RUNNER), ...options }, quiet);
const failed = ({ checks }: DrillResult) => Object.keys(checks).filter((check) => checks[check] === false);

describe('the drill of a re-wrap', () => {
  it.skipIf(!postgres.present)(
    `over PostgreSQL and the keyring, killed three times, is complete and exact ${postgres.reason}`,
    async () => {
      const database = await freshDatabase(await serverOf('postgresql'));
      const result = await drill({ deposits: 2_000, kills: 3, database });
      expect(failed(result)).toEqual([]);
      expect(result).toMatchObject({ ok: true, kills: 3, rewrappedByEvents: 2_000, objectsRead: 0 });
      // A batch has at most 200 deposits.
      expect(result.events).toBeGreaterThanOrEqual(10);
    },
  );

  it.skipIf(!both.present)(`over PostgreSQL and KMS, killed once, is complete and exact ${both.reason}`, async () => {
    const database = await freshDatabase(await serverOf('postgresql'));
    const kms = (await serverOf('moto')).url;
    const result = await drill({ deposits: 300, kills: 1, database, kms });
    expect(failed(result)).toEqual([]);
    expect(result).toMatchObject({ ok: true, kills: 1, rewrappedByEvents: 300 });
    // One call for each data key, and again for those of a killed batch or of a batch that the other runner wrote
    // first.
    expect(result.keyCalls.rewrap).toBeGreaterThanOrEqual(300);
  });

  it('reports a deposit that was re-wrapped twice when compare-and-set is disabled', async () => {
    const runner = builtFile('test/support/runner-without-cas.ts');
    const result = await drill({ deposits: 100, kills: 0, runner });
    expect(result.ok).toBe(false);
    expect(failed(result)).toContain('each deposit was re-wrapped exactly once');
    expect(result.rewrappedByEvents).toBe(200);
  });
});

describe('the drill of a log', () => {
  it('seals, exports and verifies 4,000 events, by both programs alike', async () => {
    const python = needs('python-cryptography').present;
    const { events, findings, steps } = await drillLog({ events: 4_000, python }, quiet);
    expect([events, findings]).toEqual([4_007, 0]);
    expect(steps.map(({ step }) => step).slice(0, 4)).toEqual([
      'write the events',
      'seal',
      'export',
      'callvault log verify',
    ]);
  });
});

describe('the drill of volume mode', () => {
  it('makes 200 deposits and hears 200 sessions with five calls to the key service', async () => {
    const { deposits, sessions, calls } = await drillVolume({ deposits: 200, sessions: 200 }, quiet);
    expect([deposits, sessions]).toEqual([200, 200]);
    expect(calls).toBeLessThanOrEqual(5);
  });
});

describe('the drill of a storm', () => {
  it('completes, and takes hardly a call from listeners', async () => {
    const double = await forkDouble();
    try {
      const programs = { runner: builtFile(RUNNER), doors: builtFile('test/drill/run-proxies.ts') };
      const options = { kms: double.url, deposits: 200, quota: 80, rate: 800, sessions: 40, ...programs };
      const { alone, calm, storm } = await drillStorm(options, quiet);
      expect([calm.complete, storm.complete]).toEqual([true, true]);
      expect([alone.throttled, calm.heard.throttled, calm.rewrap.throttled]).toEqual([0, 0, 0]);
      // Both runners were throttled, and made few failing calls after that.
      expect(storm.rewrap.throttled).toBeGreaterThan(1);
      expect(storm.rewrap.throttled / storm.rewrap.calls).toBeLessThan(0.5);
      // Every session played; throttled calls are counted, not timed: one in five at most.
      expect(storm.heard.sessions).toBeGreaterThan(10);
      expect(storm.heard.throttled).toBeLessThanOrEqual(Math.ceil(storm.heard.sessions / 5));
    } finally {
      await double.close();
    }
  });
});
