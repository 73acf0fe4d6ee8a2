// What a language's texts must have: the keys of the English ones, whatever the words.

/** The shape of one area in another language. */
export type Catalogue<T> = { readonly [K in keyof T]: T[K] extends string ? string : Catalogue<T[K]> };
