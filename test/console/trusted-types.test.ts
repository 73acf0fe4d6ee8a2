// Default Trusted Types policy: allows the HTML of the console's libraries, and no other.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { trustedHtml, trustedScriptUrl } from '../../src/console/theme/trusted-types.ts';

/** Wavesurfer's frame, read from the installed version, because another version may write another frame. */
const WRITTEN = /shadow\.innerHTML = `([\s\S]*?)`;\s*return \[div/.exec(
  readFileSync(join(import.meta.dirname, '../../node_modules/wavesurfer.js/dist/renderer.js'), 'utf8'),
)?.[1];
const FRAME = (WRITTEN ?? '')
  .replace(/\$\{cspNonce \?.*?''\}/, ' nonce="abc+/="')
  .replace(/\$\{this\.getHeight\(.*?\)\}/, '104');

describe('trusted HTML', () => {
  it('allows text without a tag, and the frame of the waveform', () => {
    expect(trustedHtml('')).toBe('');
    expect(trustedHtml(':root{--cv-bg:#fff}')).toBe(':root{--cv-bg:#fff}');
    expect(FRAME).toContain('min-height: 104px');
    expect(trustedHtml(FRAME)).toBe(FRAME);
    expect(trustedHtml(FRAME.replace(' nonce="abc+/="', ''))).toContain('<style>');
  });

  it.each([
    '<img src=x onerror=alert(1)>',
    '<script>alert(1)</script>',
    '<div class="a" onclick="x">',
    '<style>a</style><div class="scroll" part="scroll"><svg/onload=x></div>',
    '<style nonce="a" onload="x">a</style>',
    '<style>a</style><iframe srcdoc="x">',
    '<style>:host { user-select: none; }</style><div class="scroll" part="scroll"></div>',
    FRAME.replace('min-width: 1px', 'background: url(https://elsewhere.example)'),
    FRAME.replace('104px', '104px; background: red'),
    FRAME.replace('nonce="abc+/="', 'nonce="a" onload="x"'),
    `${FRAME}<div class="scroll" part="scroll"></div>`,
  ])('rejects %s', (text) => {
    expect(() => trustedHtml(text)).toThrow(TypeError);
  });
});

describe('trusted script URLs', () => {
  const here = 'https://vault.example';

  it('are assets of this origin', () => {
    expect(trustedScriptUrl('/assets/worker-1.js', here)).toBe('/assets/worker-1.js');
  });

  it.each(['https://elsewhere.example/assets/a.js', 'data:text/javascript,1', 'blob:https://vault.example/1', '/v1/x'])(
    'reject %s',
    (url) => {
      expect(() => trustedScriptUrl(url, here)).toThrow(TypeError);
    },
  );
});
