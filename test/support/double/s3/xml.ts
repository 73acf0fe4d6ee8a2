// S3's XML: written from names and texts, and the few elements of a request parsed.
import { type Reply, serviceError } from '../call.ts';

/** An element with a text. */
export function text(name: string, value: string | number | boolean): string {
  return `<${name}>${escaped(String(value))}</${name}>`;
}

/** An element with child elements. */
export function element(name: string, ...inside: readonly string[]): string {
  return `<${name}>${inside.join('')}</${name}>`;
}

/** A reply with a document of root `name`. */
export function xmlReply(name: string, ...inside: readonly string[]): Reply {
  const xmlns = 'http://s3.amazonaws.com/doc/2006-03-01/';
  return document(200, `<${name} xmlns="${xmlns}">${inside.join('')}</${name}>`);
}

/** An error in S3's words. */
export function xmlError(status: number, code: string, message: string): Reply {
  const root = element('Error', text('Code', code), text('Message', message));
  return document(status, root);
}

function document(status: number, root: string): Reply {
  const body = Buffer.from(`<?xml version="1.0" encoding="UTF-8"?>\n${root}`);
  return { status, headers: { 'content-type': 'application/xml' }, body };
}

/** The content of each element of that name. */
export function inside(xml: string, name: string): string[] {
  return [...xml.matchAll(new RegExp(`<${name}(?:\\s[^>]*)?>(.*?)</${name}>`, 'gs'))].map(([, found = '']) => found);
}

/** The text of the first element of that name, or null. */
export function textIn(xml: string, name: string): string | null {
  const found = inside(xml, name)[0];
  return found === undefined ? null : unescaped(found);
}

/** The body of a request whose root must be `name`. */
export function requestXml(body: Buffer, name: string): string {
  const found = inside(body.toString('utf8'), name)[0];
  if (found === undefined) {
    throw serviceError(400, 'MalformedXML', 'The XML you provided was not well-formed or did not validate');
  }
  return found;
}

const NAMED: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

function escaped(value: string): string {
  return value.replace(/[&<>"\r\n]/g, (character) => `&#${character.charCodeAt(0)};`);
}

function unescaped(value: string): string {
  return value.replace(/&(?:#x([0-9a-f]+)|#(\d+)|(\w+));/gi, (all, hex?: string, decimal?: string, name?: string) => {
    if (hex !== undefined) return String.fromCodePoint(Number.parseInt(hex, 16));
    if (decimal !== undefined) return String.fromCodePoint(Number(decimal));
    return NAMED[name ?? ''] ?? all;
  });
}
