import { ToolError } from './tool';

/** The part of JMESPath that builds use to read one value: names, indexes and `[*]`, as in `imageDetails[0].imageDigest`. */
export function query(expression: string, value: unknown): unknown {
  const steps = [...expression.matchAll(/\.?([A-Za-z_]\w*|"[^"]+")|\[(-?\d+|\*)?\]/g)];
  if (steps.map((step) => step[0]).join('') !== expression) {
    throw new ToolError(`aws: the twin does not implement the query ${expression}; it knows names, [n] and [*], as in imageDetails[0].imageDigest`, 252);
  }
  return steps.reduce<{ values: unknown; projected: boolean }>(({ values, projected }, step) => {
    const apply = (one: unknown): unknown => (step[1] !== undefined ? member(one, step[1].replace(/"/g, '')) : item(one, Number(step[2])));
    if (step[1] === undefined && (step[2] === undefined || step[2] === '*')) return { values: projected ? [values].flat(2) : values, projected: true };
    return projected ? { values: (values as unknown[] | undefined ?? []).map(apply).filter((one) => one !== undefined && one !== null), projected } : { values: apply(values), projected };
  }, { values: value, projected: false }).values ?? null;
}

function member(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}

function item(value: unknown, index: number): unknown {
  return Array.isArray(value) ? (value as unknown[]).at(index) : undefined;
}
