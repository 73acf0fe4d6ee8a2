// Verifier keys of logs that a person entered on this device, by the log's name. They are public; what counts is that they
// do not come from the service.
import { createStore } from './store.ts';

type VerifierKeys = Readonly<Record<string, string>>;

const STORAGE_KEY = 'callvault.verifier-keys';

function loadKeys(): VerifierKeys {
  try {
    return JSON.parse(localStorage.getItem(STORAGE_KEY) ?? '{}') as VerifierKeys;
  } catch {
    return {};
  }
}

export const verifierKeys = createStore<VerifierKeys>(loadKeys());

/** Keeps the key of a log; null forgets it. */
export function keepVerifierKey(log: string, key: string | null): void {
  const { [log]: _, ...others } = verifierKeys.get();
  verifierKeys.set(key === null ? others : { ...others, [log]: key });
  try {
    localStorage.setItem(STORAGE_KEY, JSON.stringify(verifierKeys.get()));
  } catch {
    // Without storage the key still applies until the page is closed.
  }
}
