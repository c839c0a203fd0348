/**
 * Turns off ONNX Runtime's own telemetry, before it is loaded: since 1.30 it reports what it runs to its maker over HTTPS
 * unless told not to, and leaves a file in the folder for temporary files at each start. What is analysed here is nobody
 * else's business. To be called on the main thread: other threads have a copy of the environment, which native code doesn't
 * see.
 */
export function turnOffRuntimeTelemetry(): void {
  process.env.ORT_DISABLE_TELEMETRY = '1';
}
