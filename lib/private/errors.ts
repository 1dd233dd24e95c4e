import { ValidationError } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';

/**
 * Throws all faults of a construct's props at once. The constructor of `ValidationError` has changed inside v2, which is
 * why nobody else in the library throws one.
 */
export function throwFaults(scope: IConstruct, faults: readonly string[]): void {
  if (faults.length === 0) return;
  const message = faults.length === 1 ? faults[0]! : `${faults.length} faults:\n${faults.map((fault) => `  - ${fault}`).join('\n')}`;
  throw new ValidationError('InvalidMlopsProps' as never, message, scope);
}

/** For choices made before there is a scope (`QualityGate.atLeast(...)`); the construct that takes them adds its path. */
export class Faults {
  private readonly found: string[] = [];

  public add(fault: string | undefined): this {
    if (fault !== undefined) this.found.push(fault);
    return this;
  }

  public when(condition: boolean, fault: string): this {
    return this.add(condition ? fault : undefined);
  }

  public addAll(faults: readonly string[]): this {
    this.found.push(...faults);
    return this;
  }

  public get list(): readonly string[] {
    return this.found;
  }

  public throwIn(scope: IConstruct): void {
    throwFaults(scope, this.found);
  }
}
