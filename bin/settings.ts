import type { Node } from 'constructs';

/** Typed reading of the app's context; on the command line every value is a text. */
export class Settings {
  constructor(private readonly node: Node) {}

  text(key: string, otherwise: string): string {
    const value: unknown = this.node.tryGetContext(key);
    if (value === undefined) return otherwise;
    if (typeof value !== 'string' || value.trim() === '') throw new Error(`context '${key}' is ${JSON.stringify(value)}; give a text, for example -c ${key}=${otherwise}`);
    return value;
  }

  number(key: string, otherwise: number): number {
    return this.optionalNumber(key, otherwise) ?? otherwise;
  }

  optionalNumber(key: string, example = 1): number | undefined {
    const value: unknown = this.node.tryGetContext(key);
    if (value === undefined) return undefined;
    const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
    if (typeof number !== 'number' || Number.isNaN(number)) throw new Error(`context '${key}' is ${JSON.stringify(value)}; give a number, for example -c ${key}=${example}`);
    return number;
  }

  /** Comma-separated on the command line, an array in cdk.json. */
  list(key: string): string[] | undefined {
    const value: unknown = this.node.tryGetContext(key);
    if (value === undefined) return undefined;
    const items: unknown = typeof value === 'string' ? value.split(',').map((item) => item.trim()) : value;
    if (!Array.isArray(items) || !items.every((item) => typeof item === 'string' && item !== '')) {
      throw new Error(`context '${key}' is ${JSON.stringify(value)}; give texts separated by commas, for example -c ${key}=a,b`);
    }
    return items;
  }

  /** One of the choices, the first of which is the default. */
  oneOf<const T extends string>(key: string, choices: readonly [T, ...T[]]): T {
    const value = this.text(key, choices[0]);
    const choice = choices.find((each) => each === value);
    if (choice === undefined) throw new Error(`context '${key}' is '${value}'; give one of ${choices.join(', ')}`);
    return choice;
  }
}
