// A client that looks its password up in PostgreSQL's file of passwords: where pg does, it warns on standard error.
import pg from 'pg';
import passwordInFile from 'pgpass';

type Server = { readonly host: string; readonly port: number; readonly database: string; readonly user: string };

/** A client that takes the password of `PGPASSFILE` or `~/.pgpass` where neither its URL nor `PGPASSWORD` gives one. */
export class FilePasswordClient extends pg.Client {
  constructor(config?: string | pg.ClientConfig) {
    super(config);
    const password = (to: Server): Promise<string | undefined> =>
      new Promise((resolve) => passwordInFile(to, (found) => resolve(found)));
    if (!this.password) Object.assign(this, { password });
  }
}
