// A JSON file that a command reads.
import { VaultError } from '../../errors.ts';
import { readText } from './read-text.ts';

/** The members of the object in a file. Throws `malformed`, with how to make one, for what is no JSON. */
export async function membersIn(
  file: string,
  what: string,
  example: string,
): Promise<Readonly<Record<string, unknown>>> {
  const text = await readText(file, what);
  try {
    return Object(JSON.parse(text)) as Readonly<Record<string, unknown>>;
  } catch (cause) {
    throw new VaultError('malformed', `the file is not JSON: ${example}`, { cause });
  }
}
