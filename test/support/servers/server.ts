// What a running server of a test run is.

/** A server that is up: where it listens, in what folder it keeps its files, and its process, if it is one. */
export type Server = { readonly url: string; readonly folder: string; readonly pid: number | null };
