/** Injection tokens of what the application is made from. */
export const CONFIG = Symbol('config');
export const BLOBS = Symbol('blobs');
