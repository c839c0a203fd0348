import { accessSync, constants, statSync } from 'node:fs';
import path from 'node:path';

/** The program of this name that a shell would run, or null. @param searchPath the variable PATH */
export function findProgram(name: string, searchPath: string): string | null {
  const folders = searchPath.split(path.delimiter).filter((folder) => folder !== '');
  const files = folders.map((folder) => path.resolve(folder, name));
  return files.find(isExecutableFile) ?? null;
}

/** A folder can be "executed" too, so that alone says nothing. */
export function isExecutableFile(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}
