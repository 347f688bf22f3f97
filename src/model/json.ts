/** What JSON can hold; parameters and facts are made of it. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };
