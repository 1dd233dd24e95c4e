import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { createInterface } from 'node:readline';
import { ended, killContainer } from '../../jobs/container';

const LINE_LIMIT = 20_000;

/**
 * Runs a build's commands one after the other. CodeBuild runs them in one shell: folder and variables, exported or not,
 * go over from one to the next. Here each has a process of its own, so that an `exit` ends only its command.
 */
export class BuildShell {
  private readonly variables: string;
  private readonly folder: string;
  private current: ChildProcess | undefined;

  constructor(private readonly shell: 'sh' | 'bash', state: string, source: string, private readonly environment: Readonly<Record<string, string>>) {
    this.variables = path.join(state, 'variables.sh');
    this.folder = path.join(state, 'folder');
    fs.writeFileSync(this.variables, '');
    fs.writeFileSync(this.folder, source);
  }

  /** The command's exit code; `onLine` is given what it prints. */
  async run(command: string, onLine: (line: string) => void): Promise<number> {
    const file = path.join(path.dirname(this.variables), 'command.sh');
    fs.writeFileSync(file, [
      'exec 2>&1',
      'set -a', // what one command sets the next one sees
      '. "$TWIN_VARIABLES"',
      'cd "$(cat "$TWIN_FOLDER")"',
      'trap \'twin_code=$?; trap - EXIT; export -p > "$TWIN_VARIABLES"; pwd > "$TWIN_FOLDER"; exit $twin_code\' EXIT',
      command,
    ].join('\n'));
    const child = spawn(this.shell, [file], {
      cwd: path.dirname(file), detached: true, stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...this.environment, TWIN_VARIABLES: this.variables, TWIN_FOLDER: this.folder },
    });
    this.current = child;
    let lines = 0;
    createInterface({ input: child.stdout! }).on('line', (line) => { if (++lines <= LINE_LIMIT) onLine(line); });
    const { code, signal } = await ended(child);
    return code ?? (signal === 'SIGKILL' ? 137 : 143);
  }

  /** Sets a variable for the commands to come. */
  set(name: string, value: string): void {
    fs.appendFileSync(this.variables, `\nexport ${name}='${value.replace(/'/g, "'\\''")}'\n`);
  }

  kill(): void {
    if (this.current !== undefined) killContainer(this.current, 'SIGKILL');
  }

  /** The values of these variables as the commands have left them; those that are not set are missing. */
  async values(names: readonly string[]): Promise<Array<{ name: string; value: string }>> {
    const found: Array<{ name: string; value: string }> = [];
    for (const name of names) {
      const lines: string[] = [];
      const code = await this.run(`test -n "\${${name}+set}" || exit 1; printf '%s\\n' "$${name}"`, (line) => lines.push(line));
      if (code === 0) found.push({ name, value: lines.join('\n') });
    }
    return found;
  }
}
