// The frame that wavesurfer writes into its shadow root, letter for letter: all the HTML that the console lets a library write.

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

/** The height of the lanes and the style's nonce are all that may differ. */
export function isWaveformFrame(text: string): boolean {
  const plain = text
    .replace(/^(\s*<style) nonce="[\w+/=-]*">/, '$1>')
    .replace(/(:host \.canvases \{\s*min-height: )\d{1,5}px;/, '$10px;')
    .replace(/\s+/g, ' ')
    .trim();
  return plain === FRAME;
}
