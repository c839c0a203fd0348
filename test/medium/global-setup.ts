export default function setup(): void {
  // Nothing yet.
}
