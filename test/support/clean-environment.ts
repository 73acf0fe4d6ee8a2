// The environment of this process for a child: without the variables of callvault, which the tests set themselves.

/** The variables that do not begin with CALLVAULT_. */
export function cleanEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('CALLVAULT_')));
}
