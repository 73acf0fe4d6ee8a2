// SHA-256 and Ed25519 of signed notes, by node:crypto: what the log's code takes from its caller.
import { sha256 } from '../../../bytes/digest.ts';
import { isEd25519 } from '../../../bytes/ed25519.ts';
import type { NoteCrypto } from '../../../model/log/note.ts';

export const noteCrypto: NoteCrypto = { sha256: (bytes) => sha256(bytes), isEd25519 };
