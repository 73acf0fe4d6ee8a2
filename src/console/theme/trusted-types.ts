// The only Trusted Types policy: every string that libraries write as HTML or load as a script goes through it.

const STYLE = [
  ':host { user-select: none; min-width: 1px; }',
  ':host audio { display: block; width: 100%; }',
  ':host .scroll { overflow-x: auto; overflow-y: hidden; width: 100%; position: relative; }',
  ':host .noScrollbar { scrollbar-color: transparent; scrollbar-width: none; }',
  ':host .noScrollbar::-webkit-scrollbar { display: none; -webkit-appearance: none; }',
  ':host .wrapper { position: relative; overflow: visible; z-index: 2; }',
  ':host .canvases { min-height: 0px; pointer-events: none; }',
  ':host .canvases > div { position: relative; }',
  ':host canvas { display: block; position: absolute; top: 0; image-rendering: pixelated; }',
  ':host .progress { pointer-events: none; position: absolute; z-index: 2; top: 0; left: 0; width: 0; height: 100%; overflow: hidden; }',
  ':host .progress > div { position: relative; }',
  ':host .cursor { pointer-events: none; position: absolute; z-index: 5; top: 0; left: 0; height: 100%; border-radius: 2px; }',
].join(' ');
const FRAME = `<style> ${STYLE} </style> <div class="scroll" part="scroll"> <div class="wrapper" part="wrapper"> <div class="canvases" part="canvases"></div> <div class="progress" part="progress"></div> <div class="cursor" part="cursor"></div> </div> </div>`;

/** Whether the text is wavesurfer's frame, in which only the height of the lanes and the style's nonce may differ. */
export function isWaveformFrame(text: string): boolean {
  const plain = text
    .replace(/^(\s*<style) nonce="[\w+/=-]*">/, '$1>')
    .replace(/(:host \.canvases \{\s*min-height: )\d{1,5}px;/, '$10px;')
    .replace(/\s+/g, ' ')
    .trim();
  return plain === FRAME;
}

type Policy = {
  createHTML: (text: string) => string;
  createScript: (text: string) => string;
  createScriptURL: (url: string) => string;
};
type Factory = { createPolicy: (name: string, policy: Policy) => unknown };

/**
 * Allows text without a tag (styles of Mantine, the empty text that clears an element) and wavesurfer's frame. Throws
 * for other text.
 */
export function trustedHtml(text: string): string {
  if (!text.includes('<') || isWaveformFrame(text)) return text;
  throw new TypeError('this HTML is not one the console writes');
}

/** Allows scripts of this origin's assets, for workers. Throws for other addresses. */
export function trustedScriptUrl(url: string, origin: string): string {
  const { origin: from, pathname } = new URL(url, origin);
  if (from === origin && /^\/(?:assets|live|src|@|node_modules)/.test(pathname)) return url;
  throw new TypeError('this script is not one of the console');
}

/** Installs the policy as the page's default, where the browser supports it. */
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
