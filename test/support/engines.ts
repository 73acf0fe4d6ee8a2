// The database engines of suites that run on each; PostgreSQL where it is installed.
import { needs } from './needs.ts';

export const ENGINES = [
  { engine: 'sqlite', present: true, reason: '' },
  { engine: 'postgresql', ...needs('postgresql') },
] as const;
