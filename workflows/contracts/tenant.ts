/** Everyone's tenant where no API keys are configured; also that of analyses which an earlier release has stored. */
export const DEFAULT_TENANT = 'default';
