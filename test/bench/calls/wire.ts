// Counts what a process sends to PostgreSQL, on its sockets: the driver may be part of a file that holds the whole server.
// The messages: https://www.postgresql.org/docs/current/protocol-message-formats.html
import { Socket } from 'node:net';

/** What is seen on the wire. */
export type WireCounter = {
  /** A statement is executed. */
  readonly executed: (sql: string) => void;
  /** A connection that waited for nothing sends something. */
  readonly roundTrip: () => void;
};

type Connection = {
  /** Texts by the names of statements, and the statements of portals. */
  readonly statements: Map<string, string>;
  readonly portals: Map<string, string>;
  /** Answers that are awaited. */
  awaited: number;
  /** Bytes of the answers that are not a whole header yet, and how many of a body are still to come. */
  head: Buffer;
  body: number;
};

/** Watches every connection to this port of the machine. */
export function watchPostgres(port: number, counter: WireCounter): void {
  const connections = new WeakMap<Socket, Connection>();
  const { write } = Socket.prototype;
  Socket.prototype.write = function (this: Socket, ...given: unknown[]) {
    const [bytes] = given;
    if (this.remotePort === port && bytes instanceof Uint8Array) {
      let connection = connections.get(this);
      if (connection === undefined) {
        const opened = { statements: new Map(), portals: new Map(), awaited: 0, head: Buffer.alloc(0), body: 0 };
        connection = opened;
        connections.set(this, opened);
        this.on('data', (answer: Buffer) => readAnswers(opened, answer));
      }
      readQuestions(connection, Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length), counter);
    }
    return (write as (...values: unknown[]) => boolean).apply(this, given);
  };
}

/** The driver writes whole messages. The first one of a connection has no type: it begins with a zero. */
function readQuestions(connection: Connection, bytes: Buffer, { executed, roundTrip }: WireCounter): void {
  const { statements, portals } = connection;
  for (let at = 0; at + 5 <= bytes.length && bytes[at] !== 0; at += 1 + bytes.readUInt32BE(at + 1)) {
    const type = String.fromCharCode(bytes[at] ?? 0);
    const [first = '', second = ''] = bytes
      .toString('utf8', at + 5, at + 1 + bytes.readUInt32BE(at + 1))
      .split('\0', 2);
    if (type === 'P') statements.set(first, second);
    if (type === 'B') portals.set(first, second);
    if (type === 'E') executed(statements.get(portals.get(first) ?? '') ?? '');
    if (type === 'Q') executed(first);
    if (type !== 'Q' && type !== 'S') continue;
    if (connection.awaited === 0) roundTrip();
    connection.awaited += 1;
  }
}

/** Counts `ReadyForQuery`, which ends the answer to each `Query` and each `Sync`. */
function readAnswers(connection: Connection, answer: Buffer): void {
  let rest = answer;
  while (rest.length > 0) {
    const passed = Math.min(connection.body, rest.length);
    connection.body -= passed;
    rest = rest.subarray(passed);
    const taken = rest.subarray(0, 5 - connection.head.length);
    if (taken.length === 0) return;
    connection.head = Buffer.concat([connection.head, taken]);
    rest = rest.subarray(taken.length);
    if (connection.head.length < 5) return;
    if (connection.head[0] === 0x5a) connection.awaited = Math.max(0, connection.awaited - 1);
    connection.body = connection.head.readUInt32BE(1) - 4;
    connection.head = Buffer.alloc(0);
  }
}
