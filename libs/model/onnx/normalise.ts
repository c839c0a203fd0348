import type { ProcessorConfig } from '../processor-config.js';
import type { Graph } from './graph.js';

/**
 * Bytes to normalised values by table: 256 values a channel, computed in the steps and precisions of transformers'
 * Pillow image processor, which arithmetic in the graph would miss by a rounding.
 *
 * @param input uint8 pixels whose last axis is the channel
 */
export function normalise(graph: Graph, input: string, processor: ProcessorConfig): string {
  const table = normalisationTable(processor);
  const offsets = graph.constant('channel_offsets', Int32Array.of(0, 256, 512), [3]);
  return graph.add('Gather', [
    graph.constant('normalised', table, [table.length]),
    graph.add('Add', [graph.cast(input, 'int32'), offsets]),
  ]);
}

/** The value of byte `b` in channel `c` at `c · 256 + b`. */
export function normalisationTable({ rescaleFactor, mean, std }: ProcessorConfig): Float32Array {
  const table = new Float32Array(3 * 256);
  mean.forEach((centre, channel) => {
    const spread = Math.fround(std[channel] ?? 1);
    for (let byte = 0; byte < 256; byte += 1) {
      const rescaled = Math.fround(byte * rescaleFactor);
      table[channel * 256 + byte] = Math.fround(
        Math.fround(rescaled - Math.fround(centre)) / spread,
      );
    }
  });
  return table;
}
