/** The server sent something else than it promised; asking again would not help. */
export class WrongContentError extends Error {
  override readonly name = 'WrongContentError';
}
