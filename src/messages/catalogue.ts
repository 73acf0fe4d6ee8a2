// Type of a language's texts: the keys of the English ones.

/** The shape of one area in another language. */
export type Catalogue<T> = { readonly [K in keyof T]: T[K] extends string ? string : Catalogue<T[K]> };
