// Module hook of without-pace.mjs.
const BUDGETS = /\/src\/vault\/core\/media-budget\.ts(\?.*)?$/;
const COMPOSE = /\/src\/compose\.ts(\?.*)?$/;
const STAND_IN = new URL('./no-pace.ts', import.meta.url).href;

export async function resolve(specifier, context, nextResolve) {
  const found = await nextResolve(specifier, context);
  return BUDGETS.test(found.url) && COMPOSE.test(context.parentURL ?? '') ? { ...found, url: STAND_IN } : found;
}
