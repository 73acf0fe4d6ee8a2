// Module hook of without-aes.mjs: object encryption gets the stand-in; keys, columns and facts get the real cipher.
const CIPHER = /\/src\/envelope\/cobblestone\.ts(\?.*)?$/;
const OBJECTS = /\/src\/envelope\/(seal|open|range)\.ts(\?.*)?$/;
const STAND_IN = new URL('./no-aes.ts', import.meta.url).href;

export async function resolve(specifier, context, nextResolve) {
  const found = await nextResolve(specifier, context);
  return CIPHER.test(found.url) && OBJECTS.test(context.parentURL ?? '') ? { ...found, url: STAND_IN } : found;
}
