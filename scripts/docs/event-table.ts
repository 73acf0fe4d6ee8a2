// The table of events in docs/log.md, made from the event catalogue. `npm run docs:events` writes it; a test compares.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { events } from '../../src/messages/en/events.ts';
import {
  AUDIT_ACTIONS,
  type AuditAction,
  detailMembersOf,
  eventSpec,
  type Member,
  membersOf,
  subjectsOf,
} from '../../src/model/log/event-catalogue.ts';
import type { MemberKind } from '../../src/model/log/event-spec.ts';

const BEGIN = '<!-- events: made by npm run docs:events -->\n';
const END = '<!-- end of events -->\n';

const HEAD = '| action | says | log | about | members | sealed | counted |\n|---|---|---|---|---|---|---|\n';

/** The text of docs/log.md with the table as the catalogue has it. Throws for a text without the two marks. */
export function withEventTable(text: string): string {
  const [from, to] = [text.indexOf(BEGIN), text.indexOf(END)];
  if (from < 0 || to < from) throw new Error('docs/log.md has no place for the table of events');
  return `${text.slice(0, from)}${BEGIN}\n${HEAD}${AUDIT_ACTIONS.map(rowOf).join('')}\n${kinds()}\n${text.slice(to)}`;
}

/** What a member holds that is no text, as the check of an event asks for it. */
const KIND_NAMES: Partial<Record<Extract<MemberKind, string>, string>> = {
  ...{ number: 'an integer', seconds: 'an integer', milliseconds: 'an integer' },
  ...{ time: 'a UTC time, as `ts`', sha256: 'SHA-256, in hex', base64: 'base64' },
  ids: 'one id, or a list of ids',
};

/** Sentences that say which members are no texts. A name is of one kind in all actions, or is named with its action. */
function kinds(): string {
  const counts = 'vault.verified';
  const all = AUDIT_ACTIONS.filter((action) => action !== counts).flatMap((action) =>
    membersOf(action).map(({ name, kind }) => ({ action, name, is: nameOf(kind) })),
  );
  const isOne = (name: string) => new Set(all.filter((one) => one.name === name).map(({ is }) => is)).size === 1;
  const lines = [...new Set(Object.values(KIND_NAMES))].map((kind) => {
    const named = all
      .filter(({ is }) => is === kind)
      .map(({ action, name }) => (isOne(name) ? code(name) : `${code(name)} of ${code(action)}`));
    return `- ${kind}: ${[...new Set(named)].join(', ')}\n`;
  });
  return `Members are texts, but for these, and for those of ${code(counts)}, which are integers:\n\n${lines.join('')}`;
}

function nameOf(kind: MemberKind): string | undefined {
  return typeof kind === 'string' ? KIND_NAMES[kind] : undefined;
}

function rowOf(action: AuditAction): string {
  const { log, counted } = eventSpec(action);
  const cells = [
    code(action),
    saysOf(action),
    log,
    subjectsOf(action).join(', '),
    membersOf(action)
      .filter(({ name }) => name !== 'before')
      .map(written)
      .join(', '),
    detailMembersOf(action).map(written).join(', '),
    counted === undefined ? '' : windowName(counted),
  ];
  return `| ${cells.join(' | ')} |\n`;
}

/** Text of the action, and what it is about each kind of object that has another. */
function saysOf(action: AuditAction): string {
  const others = subjectsOf(action).flatMap((kind) => {
    const text = Object.entries(events.actions_of).find(([name]) => name === `${action} ${kind}`)?.[1];
    return text === undefined ? [] : [`${kind}: ${text}`];
  });
  return [events.actions[action], ...others].join('; ');
}

function written({ name, kind, optional }: Member): string {
  const named = code(`${name.replace('#', 'N')}${optional ? '?' : ''}`);
  return typeof kind === 'string' ? named : `${named} (${kind.join(', ')})`;
}

function code(text: string): string {
  return `\`${text}\``;
}

function windowName(seconds: number): string {
  return seconds < 3600 ? `${seconds / 60} min` : `${seconds / 3600} h`;
}

const [, script] = process.argv;
if (script === fileURLToPath(import.meta.url)) {
  const page = join(import.meta.dirname, '../../docs/log.md');
  writeFileSync(page, withEventTable(readFileSync(page, 'utf8')));
}
