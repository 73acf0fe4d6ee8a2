// The default Trusted Types policy lets through what the console's libraries write, and no HTML of anybody else.
import { describe, expect, it } from 'vitest';
import { trustedHtml, trustedScriptUrl } from '../../src/console/theme/trusted-types.ts';

const FRAME = `
      <style nonce="abc+/=">
        :host { user-select: none; }
      </style>

      <div class="scroll" part="scroll">
        <div class="wrapper" part="wrapper">
        </div>
      </div>
    `;

describe('trusted HTML', () => {
  it('is text without a tag, and the frame of the waveform', () => {
    expect(trustedHtml('')).toBe('');
    expect(trustedHtml(':root{--cv-bg:#fff}')).toBe(':root{--cv-bg:#fff}');
    expect(trustedHtml(FRAME)).toBe(FRAME);
  });

  it.each([
    '<img src=x onerror=alert(1)>',
    '<script>alert(1)</script>',
    '<div class="a" onclick="x">',
    '<style>a</style><div class="scroll" part="scroll"><svg/onload=x></div>',
    '<style nonce="a" onload="x">a</style>',
    '<style>a</style><iframe srcdoc="x">',
  ])('is not %s', (text) => {
    expect(() => trustedHtml(text)).toThrow(TypeError);
  });
});

describe('trusted script URLs', () => {
  const here = 'https://vault.example';

  it('are assets of this origin', () => {
    expect(trustedScriptUrl('/assets/worker-1.js', here)).toBe('/assets/worker-1.js');
  });

  it.each(['https://elsewhere.example/assets/a.js', 'data:text/javascript,1', 'blob:https://vault.example/1', '/v1/x'])(
    'are not %s',
    (url) => {
      expect(() => trustedScriptUrl(url, here)).toThrow(TypeError);
    },
  );
});
