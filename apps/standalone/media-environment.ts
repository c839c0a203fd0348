/**
 * What the C library of a media worker is told by its environment: to keep what is free in two places for all threads, not in
 * eight for each core, of which most would hold tens of megabytes that nobody uses. Other C libraries than glibc take no notice.
 */
export const MEDIA_ENVIRONMENT = { MALLOC_ARENA_MAX: '2' } as const;
