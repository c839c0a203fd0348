import Table from 'cli-table3';
import type { AnalysisResult } from '../../../workflows/contracts/result.js';

export interface DemoRow {
  readonly file: string;
  readonly result: AnalysisResult;
  /** From upload to answer. */
  readonly seconds: number;
}

/** The results side by side. */
export function renderTable(rows: readonly DemoRow[], useColour: boolean): string {
  const table = new Table({
    head: ['file', 'verdict', 'risk', 'P90', 'peak', 'mean', 'confidence', 'coverage', 'seconds'],
    colAligns: ['left', 'left', ...Array<'right'>(5).fill('right'), 'left', 'right'],
    style: useColour ? { head: ['bold'], border: ['grey'] } : { head: [], border: [] },
  });
  for (const { file, result, seconds } of rows) {
    const { verdict, risk_score, video_score, peak_risk, mean_risk, confidence } = result;
    const scores = [risk_score, video_score, peak_risk, mean_risk, confidence].map((score) =>
      score.toFixed(2),
    );
    table.push([file, verdict, ...scores, coverageText(result), seconds.toFixed(1)]);
  }
  return table.toString();
}

function coverageText({ coverage }: AnalysisResult): string {
  const {
    duration_seconds: duration,
    analysed_seconds: analysed,
    frames_decoded: frames,
  } = coverage;
  const count = `${frames} ${frames === 1 ? 'frame' : 'frames'}`;
  return duration === null || analysed === null
    ? count
    : `${analysed.toFixed(1)} of ${duration.toFixed(1)} s, ${count}`;
}
