/**
 * What the C library of an inference worker is told by its environment: large blocks go back to the system when they are freed,
 * whatever blocks came before. Else glibc keeps what each thread needed for a moment to load the model, tens of megabytes.
 * Other C libraries take no notice.
 */
export const INFERENCE_ENVIRONMENT = { MALLOC_MMAP_THRESHOLD_: '1048576' } as const;
