// Incremental JSON reader (RFC 8259): accepts text in pieces and keeps only short values in memory.

/** A scalar value. A string too long to keep is `LONG`. */
export type Scalar = string | number | boolean | null | typeof LONG;
export const LONG: unique symbol = Symbol('a long string');

export type JsonHandler = {
  readonly open: (kind: 'object' | 'list') => void;
  readonly close: () => void;
  /** The name of the member whose value follows. */
  readonly name: (name: string | typeof LONG) => void;
  readonly scalar: (value: Scalar) => void;
};

export type JsonReader = {
  /** Throws `SyntaxError` where the text is not JSON, `RangeError` where it is nested too deeply, and what the handler throws. */
  readonly push: (text: string) => void;
  /** Ends the text. Throws `SyntaxError` where it is incomplete. */
  readonly finish: () => void;
};

/** Maximum length of a string that is kept, counted with its escapes. */
const MOST_KEPT = 256;
/** Longer numbers are passed on as NaN: no caller accepts one. */
const MOST_DIGITS = 64;
const NUMBER = /^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/;
const LITERALS = new Map<string, boolean | null>([
  ['true', true],
  ['false', false],
  ['null', null],
]);

const [QUOTE, COMMA, COLON, BACKSLASH, U] = [0x22, 0x2c, 0x3a, 0x5c, 0x75] as const;
const [OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT] = [0x5b, 0x5d, 0x7b, 0x7d] as const;

/** What may follow, outside a token. */
type Expected = 'value' | 'value or ]' | 'name' | 'name or }' | ':' | ', or end' | 'nothing';

/** Reads JSON nested at most `deepest` levels, in linear time and constant memory. */
export function readJson(handler: JsonHandler, deepest: number): JsonReader {
  const holders: ('object' | 'list')[] = [];
  let expected: Expected = 'value';
  let token: 'none' | 'string' | 'word' = 'none';
  let kept = '';
  let escaped = false;
  /** Escape state: 1 after a backslash, 5 to 2 within the four digits of a code. */
  let escapeLeft = 0;

  const ended = (): void => {
    expected = holders.length === 0 ? 'nothing' : ', or end';
  };
  const open = (kind: 'object' | 'list'): void => {
    if (expected !== 'value' && expected !== 'value or ]') throw new SyntaxError('unexpected value');
    if (holders.length >= deepest) throw new RangeError('nested too deeply');
    holders.push(kind);
    expected = kind === 'object' ? 'name or }' : 'value or ]';
    handler.open(kind);
  };
  const close = (kind: 'object' | 'list'): void => {
    const empty = kind === 'object' ? 'name or }' : 'value or ]';
    if (holders.at(-1) !== kind || (expected !== empty && expected !== ', or end'))
      throw new SyntaxError('unexpected end of a list or object');
    holders.pop();
    ended();
    handler.close();
  };
  const scalar = (value: Scalar): void => {
    if (expected !== 'value' && expected !== 'value or ]') throw new SyntaxError('unexpected value');
    ended();
    handler.scalar(value);
  };
  const endString = (): void => {
    const text = kept.length > MOST_KEPT ? LONG : escaped ? (JSON.parse(`"${kept}"`) as string) : kept;
    token = 'none';
    if (expected === 'name' || expected === 'name or }') {
      expected = ':';
      handler.name(text);
    } else scalar(text);
  };
  const endWord = (): void => {
    token = 'none';
    const literal = LITERALS.get(kept);
    if (literal !== undefined) scalar(literal);
    else if (kept.length > MOST_DIGITS && /^[-+.\deE]+$/.test(kept)) scalar(Number.NaN);
    else if (NUMBER.test(kept)) scalar(Number(kept));
    else throw new SyntaxError('not a number, true, false or null');
  };

  /** Continues a string. Returns the index after its end, or the end of the text. */
  const inString = (text: string, from: number): number => {
    let at = from;
    let done = false;
    while (at < text.length && !done) {
      const code = text.charCodeAt(at++);
      if (escapeLeft > 0) {
        if (!isEscape(code, escapeLeft)) throw new SyntaxError('invalid escape');
        escapeLeft = escapeLeft === 1 && code === U ? 5 : escapeLeft > 2 ? escapeLeft - 1 : 0;
      } else if (code === QUOTE) done = true;
      else if (code === BACKSLASH) {
        escapeLeft = 1;
        escaped = true;
      } else if (code < 0x20) throw new SyntaxError('a control character in a string');
    }
    if (kept.length <= MOST_KEPT) kept += text.slice(from, Math.min(done ? at - 1 : at, from + MOST_KEPT + 1));
    if (done) endString();
    return at;
  };
  const inWord = (text: string, from: number): number => {
    let at = from;
    while (at < text.length && isWordCode(text.charCodeAt(at))) at++;
    if (kept.length <= MOST_DIGITS) kept += text.slice(from, Math.min(at, from + MOST_DIGITS + 1));
    if (at < text.length) endWord();
    return at;
  };

  const mark = (code: number): void => {
    if (code === OPEN_OBJECT) open('object');
    else if (code === OPEN_LIST) open('list');
    else if (code === CLOSE_OBJECT) close('object');
    else if (code === CLOSE_LIST) close('list');
    else if (code === COLON && expected === ':') expected = 'value';
    else if (code === COMMA && expected === ', or end') expected = holders.at(-1) === 'object' ? 'name' : 'value';
    else throw new SyntaxError('unexpected character');
  };

  return {
    push: (text) => {
      for (let at = 0; at < text.length; ) {
        if (token === 'string') at = inString(text, at);
        else if (token === 'word') at = inWord(text, at);
        else {
          const code = text.charCodeAt(at);
          if (code === QUOTE || isWordCode(code)) {
            [token, kept, escaped] = [code === QUOTE ? 'string' : 'word', '', false];
            if (code === QUOTE) at++;
          } else {
            if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) mark(code);
            at++;
          }
        }
      }
    },
    finish: () => {
      if (token === 'word') endWord();
      if (token !== 'none' || expected !== 'nothing') throw new SyntaxError('the text ends too early');
    },
  };
}

/** Characters of numbers and of the words true, false and null: digits, `+ - .`, small letters and `E`. */
function isWordCode(code: number): boolean {
  if (code >= 0x61) return code <= 0x7a;
  return (code >= 0x30 && code <= 0x39) || code === 0x2d || code === 0x2b || code === 0x2e || code === 0x45;
}

/** Whether a character may follow a backslash: one of nine, or a hexadecimal digit of a code. */
function isEscape(code: number, left: number): boolean {
  const character = String.fromCharCode(code);
  return left === 1 ? '"\\/bfnrtu'.includes(character) : /[\da-fA-F]/.test(character);
}
