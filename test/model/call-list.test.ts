// Call lists as CSV: lines in pieces of any size, columns, and what is wrong with a line by its number.
import { describe, expect, it } from 'vitest';
import { readCallList } from '../../src/model/call-list.ts';

const NOW = Date.parse('2026-11-29T12:00:00Z');

async function read(text: string | Buffer, size = 7) {
  const bytes = Buffer.from(text as string);
  async function* pieces() {
    for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
  }
  const found = [];
  for await (const lines of readCallList(pieces(), 'pbx', { now: () => NOW, pace: () => undefined }))
    found.push(...lines);
  return found;
}

const callOf = (callId: string, leg = '0') => ({ source: 'pbx', callId, leg });

describe('a call list', () => {
  it('reads each column, cut anywhere, with quotes, a mark at its beginning, and a spreadsheet’s apostrophe', async () => {
    const text = `\uFEFFCall_ID,leg,started_at,duration_ms,from,to,agent,queue,direction,interaction,recorded,field.tariff\r
c-1,2,2026-11-28T10:00:00+01:00,61000,'+442071838750,1002,"Zoë ""Z"" O'Neil",sales,inbound,i-9,yes,gold\r\n"c-2",,,,,,,,,,no,\n\n`;
    for (const size of [1, 7, 100_000]) {
      expect(await read(text, size)).toEqual([
        {
          ...{ line: 2, call: callOf('c-1', '2'), recorded: true, expectedMs: 61_000 },
          said: {
            ...{ started_at: '2026-11-28T09:00:00.000Z', direction: 'inbound', interaction: 'i-9' },
            ...{ numbers: { from: '+442071838750', to: '1002' }, agent: 'Zoë "Z" O\'Neil', queue: 'sales' },
            fields: { tariff: 'gold' },
          },
          listed: {
            ...{ agent: 'Zoë "Z" O\'Neil', queue: 'sales', direction: 'inbound' },
            started_at: '2026-11-28T09:00:00.000Z',
          },
        },
        { line: 3, call: callOf('c-2'), recorded: false, expectedMs: null, said: {}, listed: {} },
      ]);
    }
  });

  it('says what is wrong with a line by number and column, without a value, and goes on', async () => {
    const text = `call_id;agent;duration_ms;recorded;started_at
a;x;1;maybe;
b;bad"quote;1;;
"c"d;x;1;;
;x;1;;
e;x;1.5;;2027-01-01T00:00:00Z
f;x;1;;;more
g;x;1;;`;
    const found = await read(text, 10_000);
    expect(
      found.map((one) =>
        'code' in one ? [one.line, one.code, one.columns.map(({ pointer }) => pointer)] : one.call.callId,
      ),
    ).toEqual([
      [2, 'metadata_invalid', ['recorded']],
      [3, 'malformed', []],
      [4, 'malformed', []],
      [5, 'metadata_invalid', ['call_id']],
      [6, 'metadata_invalid', ['duration_ms', 'started_at']],
      [7, 'metadata_invalid', ['6']],
      'g',
    ]);
    for (const value of ['maybe', 'bad', '1.5', '2027']) expect(JSON.stringify(found)).not.toContain(value);
  });

  it.each([
    ['c', 'metadata_invalid'],
    ['"c"c', 'malformed'],
  ])('numbers a line that quotes continue by its first: %s', async (call, code) => {
    const text = `call_id,agent,queue,recorded

a,"Otto
Miller","sales
north",maybe
b,Eve,,
${call},"x

y",,maybe
,,,
d,Eve
`;
    expect((await read(text)).map((one) => ['code' in one ? one.code : one.call.callId, one.line])).toEqual([
      ...[
        ['metadata_invalid', 3],
        ['b', 6],
        [code, 7],
        ['d', 11],
      ],
    ]);
  });

  it.each([
    ['', 'first line'],
    ['agent\nx', 'call_id'],
    ['call_id,agent,AGENT\n', 'twice'],
    ['call_id,secret\n', 'column 2'],
    ['call_id,field.Übel\n', 'column 2'],
    [Buffer.concat([Buffer.from('call_id,agent\na,'), Buffer.from([0xb0, 0xa2])]), 'line 2'],
    [`call_id\n"${'x'.repeat(70_000)}${'\n'.repeat(70_000)}`, 'line 2 is too long'],
  ])('is rejected whole where it is no list: %#', async (text, why) => {
    await expect(read(text, 50_000)).rejects.toThrow(why);
  });

  it.each(['a"b\n', '\n', ',\n', '"a"b\n', 'a,maybe\n', 'a,yes\n'])(
    'waits before every line, whatever it is: %j',
    async (line) => {
      const lines = 10_000;
      let [waits, together] = [0, 0];
      const pace = () => {
        waits++;
        return undefined;
      };
      const text = `call_id,recorded\n${line.repeat(lines)}`;
      for await (const some of readCallList([Buffer.from(text)] as never, 'pbx', { now: () => NOW, pace }))
        together = Math.max(together, some.length);
      expect(waits).toBe(lines + 1);
      expect(together).toBeLessThanOrEqual(1_000);
    },
  );

  it('rejects ids and numbers that a spreadsheet has rounded, and says what to do', async () => {
    const text = `sep=;
call_id;leg;from;to;agent;interaction;field.cost
1.73285E+11;;;;;;
1,7E+11;;;;;;
a;1.1E+11;4.42079E+11;4E+11;1.00000E+15;2.5E+12;1.5E+10
b;1e5;+442071838750;sip:1E+11@pbx;3E5;1234E+56;x
`;
    const found = await read(text);
    expect(
      found.map((one) => ('code' in one ? [one.line, one.columns.map(({ pointer }) => pointer)] : one.line)),
    ).toEqual([[3, ['call_id']], [4, ['call_id']], [5, ['leg', 'from', 'to', 'agent', 'interaction']], 6]);
    expect(JSON.stringify(found[0])).toMatch(/as text.*CSV UTF-8/);
    expect(JSON.stringify(found.slice(0, 3))).not.toContain('E+1');
  });

  it.each(['sep=;\r\n', 'SEP=;\n', '\uFEFFsep=;\n'])('understands the first line of Excel: %j', async (first) => {
    const found = await read(`${first}call_id;agent\na;"x;y"\n`);
    expect(found).toMatchObject([{ line: 3, call: callOf('a'), said: { agent: 'x;y' } }]);
  });

  it('has no lines where it has a header alone', async () => {
    expect(await read('call_id\n')).toEqual([]);
  });
});
