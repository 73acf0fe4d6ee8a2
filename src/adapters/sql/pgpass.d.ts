// The types of pgpass, which has none.
declare module 'pgpass' {
  /** Calls `found` with the password of a server and user, undefined where the file has none or others can read it. */
  function passwordInFile(
    of: { readonly host: string; readonly port: number; readonly database: string; readonly user: string },
    found: (password?: string) => void,
  ): void;
  export = passwordInFile;
}
