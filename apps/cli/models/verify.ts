import { ACCURACY_BOUNDS } from '../../../libs/model/accuracy-gate.js';
import type { InferenceEngine } from '../../../libs/model/engine.js';
import { inventoryOf, type InventoryEntry } from '../../../libs/model/inventory.js';
import { ModelError } from '../../../libs/model/model-error.js';
import type { Dtype } from '../../../libs/model/precision.js';
import { loadConfig } from '../../../libs/platform/config/config.js';
import { EXIT } from '../exit-codes.js';
import { bring } from './bring.js';
import { compareGolden, GoldenPictureError } from './compare-golden.js';
import { GOLDEN_FILE, readGolden, type Golden } from './golden.js';
import { loadEngine } from './load.js';
import { printJson, printTable } from './print.js';
import { targetOf, type ModelOptions } from './target.js';
import { difference, megabytes } from './units.js';

export interface VerifyOptions extends ModelOptions {
  readonly golden?: string;
  readonly tolerance?: number;
}

interface Check {
  readonly check: string;
  /** `unknown` where there is nothing to hold it to. */
  readonly outcome: 'ok' | 'failed' | 'unknown';
  readonly found: string;
}

/** How far fp32 may be from golden numbers. */
const FP32_TOLERANCE = 1e-5;

/** `models verify`: everything that can be held to something; exit code 1 when anything is not as it should be. */
export async function verify(
  given: string | undefined,
  options: VerifyOptions,
  signal: AbortSignal,
): Promise<void> {
  const config = loadConfig();
  const target = targetOf(given, options, config);
  const model = await bring(target, signal);
  const golden = await readGolden(model, options.golden ?? null);
  const checks: Check[] = (await inventoryOf(model, signal)).map(fileCheck);
  let engine: InferenceEngine | null = null;
  try {
    engine = await loadEngine(model, target, config, signal, { gate: 'refuse', threads: 1 });
    checks.push(...loadChecks(engine));
    const tolerance = options.tolerance ?? toleranceOf(target.dtype);
    checks.push(await goldenCheck(engine, golden, tolerance, signal));
  } catch (error) {
    // What is wrong with the model is the finding; that it can't be looked at is an error.
    if (!(error instanceof ModelError) || error.code === 'device_unavailable') throw error;
    checks.push({ check: 'loads', outcome: 'failed', found: error.finding });
  } finally {
    await engine?.close();
  }
  const isVerified = checks.every(({ outcome }) => outcome !== 'failed');
  const { id, revision, folder } = model;
  if (options.json === true) printJson({ id, revision, folder, verified: isVerified, checks });
  else {
    printTable(
      ['check', 'outcome', 'found'],
      checks.map(({ check, outcome, found }) => [
        check,
        outcome === 'unknown' ? '-' : outcome,
        found.replaceAll(/\b([0-9a-f]{12})[0-9a-f]{28,}\b/g, '$1…'),
      ]),
    );
    console.log(`${id} (${revision}): ${isVerified ? 'verified' : 'NOT verified'}`);
  }
  process.exitCode = isVerified ? EXIT.ok : EXIT.notVerified;
}

function fileCheck({ name, bytes, sha256, promise, isIntact }: InventoryEntry): Check {
  const check = `file ${name}`;
  if (sha256 === null) return { check, outcome: 'failed', found: 'a link to nothing' };
  if (promise === null || isIntact === null)
    return { check, outcome: 'unknown', found: `${megabytes(bytes)}, sha256 ${sha256}` };
  const kind = promise.algorithm === 'sha256' ? 'sha256' : 'git blob';
  return isIntact
    ? { check, outcome: 'ok', found: `${megabytes(bytes)}, ${kind} ${promise.hash}` }
    : {
        check,
        outcome: 'failed',
        found: `damaged: expected ${kind} ${promise.hash}, got ${megabytes(bytes)} with sha256 ${sha256}`,
      };
}

function loadChecks({ description }: InferenceEngine): readonly Check[] {
  const { architecture, dtype, device, fingerprint, accuracy } = description;
  const loaded: Check = {
    check: 'loads',
    outcome: 'ok',
    found: `${architecture}, ${dtype} on ${device}, fingerprint ${fingerprint}`,
  };
  if (accuracy === null) return [loaded];
  const { pictures, maxDifference, bound } = accuracy;
  const found = `|Δp| ≤ ${difference(maxDifference)} over ${pictures} generated pictures, accepted ${bound}`;
  return [loaded, { check: 'against fp32', outcome: 'ok', found }];
}

async function goldenCheck(
  engine: InferenceEngine,
  golden: Golden | null,
  tolerance: number,
  signal: AbortSignal,
): Promise<Check> {
  const check = 'golden numbers';
  if (golden === null)
    return { check, outcome: 'unknown', found: `no ${GOLDEN_FILE} in the folder, none given` };
  const { weightsSha256 } = golden;
  if (weightsSha256 !== null && weightsSha256 !== engine.description.weightsSha256) {
    return {
      check,
      outcome: 'failed',
      found: `they are of other weights: sha256 ${weightsSha256}, not ${engine.description.weightsSha256}`,
    };
  }
  try {
    const { looks, maxDifference, worst } = await compareGolden(engine, golden, signal);
    return {
      check,
      outcome: maxDifference <= tolerance ? 'ok' : 'failed',
      found: `|Δp| ≤ ${difference(maxDifference)} over ${looks} looks (${worst}), accepted ${difference(tolerance)}`,
    };
  } catch (error) {
    if (!(error instanceof GoldenPictureError)) throw error;
    return { check, outcome: 'failed', found: error.message };
  }
}

/** A lower precision may be as far from the reference as it may be from fp32. */
function toleranceOf(dtype: Dtype): number {
  return dtype === 'fp32' ? FP32_TOLERANCE : ACCURACY_BOUNDS[dtype];
}
