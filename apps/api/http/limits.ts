/** A JSON request is a list of paths and some metadata: far below this. */
export const MAX_JSON_BYTES = 4 * 1024 * 1024;

/** What a form may hold beside its file. */
export const MAX_FORM_FIELDS = 50;
export const MAX_FORM_FIELD_BYTES = 1024 * 1024;

/** The longest wait that `Prefer: wait=N` gets, unless the configured one is longer. */
export const MAX_PREFERRED_WAIT_SECONDS = 60;

/** A frame that a client names; pictures beyond this are refused before they fill the store. */
export const MAX_FRAME_BYTES = 64 * 1024 * 1024;
