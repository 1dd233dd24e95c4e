/** A template the twin cannot take: says where in the template, what is there, and what would be allowed. */
export class TemplateError extends Error {
  constructor(readonly path: string, message: string) {
    super(`${path}: ${message}`);
    this.name = 'TemplateError';
  }
}

/** Several faults of one template, collected so that they can be mended in one go. */
export class TemplateErrors extends Error {
  constructor(readonly stackName: string, readonly faults: readonly string[]) {
    super(`template of stack ${stackName} was refused:\n${faults.map((fault) => `  - ${fault}`).join('\n')}`);
    this.name = 'TemplateErrors';
  }
}
