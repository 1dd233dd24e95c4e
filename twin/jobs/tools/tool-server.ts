import * as fs from 'node:fs';
import * as http from 'node:http';
import * as os from 'node:os';
import * as path from 'node:path';
import type { Tool, ToolResult } from './tool';
import { ToolError } from './tool';

const SHIM = path.join(__dirname, 'shim.cjs');

/** Programs for the processes of one build: a folder for their PATH, and the socket behind it. */
export class ToolServer {
  private constructor(private readonly folder: string, private readonly server: http.Server) {}

  static async start(tools: Readonly<Record<string, Tool>>): Promise<ToolServer> {
    // Not in the twin's own folder: the path of a socket may have about a hundred characters only.
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'twin-tools-'));
    fs.mkdirSync(path.join(folder, 'bin'));
    const shim = `#!${process.execPath}\n${fs.readFileSync(SHIM, 'utf8').split('\n').slice(1).join('\n')}`;
    for (const name of Object.keys(tools)) fs.writeFileSync(path.join(folder, 'bin', name), shim, { mode: 0o755 });
    const server = http.createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        void answer(tools, Buffer.concat(chunks)).then(({ code, output, errors }) => {
          response.end(JSON.stringify({ code, output: Buffer.from(output).toString('base64'), errors }));
        });
      });
    });
    await new Promise<void>((resolve, reject) => {
      server.on('error', reject);
      server.listen(path.join(folder, 'socket'), resolve);
    });
    return new ToolServer(folder, server);
  }

  /** What the build's processes need in their environment, before what they have there. */
  environment(searchPath: string): Record<string, string> {
    return { PATH: `${path.join(this.folder, 'bin')}:${searchPath}`, TWIN_TOOLS_SOCKET: path.join(this.folder, 'socket') };
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise<void>((resolve) => { this.server.close(() => resolve()); });
    fs.rmSync(this.folder, { recursive: true, force: true });
  }
}

async function answer(tools: Readonly<Record<string, Tool>>, body: Buffer): Promise<ToolResult> {
  const { tool, args, cwd, environment, input } = JSON.parse(body.toString('utf8'));
  try {
    return await tools[tool as string]!({ args, cwd, environment, input: Buffer.from(input, 'base64') });
  } catch (error) {
    if (error instanceof ToolError) return { code: error.code, output: '', errors: `${error.message}\n` };
    return { code: 1, output: '', errors: `${tool}: ${error instanceof Error ? error.stack : String(error)}\n` };
  }
}
