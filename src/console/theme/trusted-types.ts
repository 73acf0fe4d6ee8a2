// The one Trusted Types policy: what libraries write as HTML or load as scripts goes through here, and little passes.
import { isWaveformFrame } from './waveform-frame.ts';

type Policy = {
  createHTML: (text: string) => string;
  createScript: (text: string) => string;
  createScriptURL: (url: string) => string;
};
type Factory = { createPolicy: (name: string, policy: Policy) => unknown };

/** Text without a tag (styles of Mantine, the empty text that clears an element), or wavesurfer's frame. Throws else. */
export function trustedHtml(text: string): string {
  if (!text.includes('<') || isWaveformFrame(text)) return text;
  throw new TypeError('this HTML is not one the console writes');
}

/** A script of our own: workers are loaded from beside the other assets. Throws else. */
export function trustedScriptUrl(url: string, origin: string): string {
  const { origin: from, pathname } = new URL(url, origin);
  if (from === origin && /^\/(?:assets|live|src|@|node_modules)/.test(pathname)) return url;
  throw new TypeError('this script is not one of the console');
}

/** Makes the policy the page's default, where the browser knows such a thing. */
export function installTrustedTypes(): void {
  const factory = (globalThis as { trustedTypes?: Factory }).trustedTypes;
  factory?.createPolicy('default', {
    createHTML: trustedHtml,
    createScript: () => {
      throw new TypeError('the console makes no scripts from text');
    },
    createScriptURL: (url) => trustedScriptUrl(url, location.origin),
  });
}
