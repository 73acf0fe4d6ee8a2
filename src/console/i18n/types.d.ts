// What i18next may be asked for: the areas and keys of the English catalogue.
import type { english } from '../../messages/en/all.ts';

declare module 'i18next' {
  interface CustomTypeOptions {
    defaultNS: 'shell';
    resources: typeof english;
  }
}
