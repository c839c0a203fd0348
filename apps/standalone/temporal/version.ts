/** Version of the Temporal CLI that is fetched where there is none. */
export const TEMPORAL_VERSION = '1.9.1';
