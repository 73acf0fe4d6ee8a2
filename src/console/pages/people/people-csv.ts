// The list of people as CSV, which can be imported again. No cell begins with what a spreadsheet would compute.
import type { PersonBody } from '../../../http/reply-types.ts';

const COLUMNS = ['id', 'name', 'roles', 'trained_until'] as const;

/** A table of the active people; services and deactivated people are left out. */
export function peopleCsv(people: readonly PersonBody[]): string {
  const rows = people
    .filter(({ kind, state }) => kind === 'person' && state === 'active')
    .map(({ id, name, roles, trained_until: until }) => [id, name ?? '', roles.join(', '), until ?? '']);
  // Spreadsheets read UTF-8 only with a byte order mark.
  return `\uFEFF${[COLUMNS, ...rows].map((row) => `${row.map(cellOf).join(',')}\r\n`).join('')}`;
}

function cellOf(text: string): string {
  const plain = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",;\r\n\t]/.test(plain) || plain !== plain.trim() ? `"${plain.replaceAll('"', '""')}"` : plain;
}
