import { existsSync } from 'fs';
import { dirname, join } from 'path';

/** The folder of this package: the same whether the library runs from its sources or compiled. */
export function packageRoot(): string {
  let folder = __dirname;
  while (!existsSync(join(folder, 'package.json'))) folder = dirname(folder);
  return folder;
}
