import { TemplateError } from './errors';

/* eslint-disable @typescript-eslint/no-explicit-any -- conditions are template JSON */

/** What a condition function needs to know of its surroundings. */
export interface ConditionScope {
  /** The plain value of an operand, intrinsics resolved. */
  value(operand: any, path: string): any;
  /** The outcome of a named condition. */
  named(name: string, path: string): boolean;
}

type ConditionFunction = (operand: any, scope: ConditionScope, path: string) => boolean;

const list = (operand: any, least: number, most: number, path: string): any[] => {
  if (!Array.isArray(operand) || operand.length < least || operand.length > most) {
    throw new TemplateError(path, `expects a list of ${least === most ? least : `${least} to ${most}`} operands`);
  }
  return operand;
};

const FUNCTIONS: Readonly<Record<string, ConditionFunction>> = {
  'Condition': (name, scope, path) => scope.named(String(name), path),
  'Fn::Equals': (operand, scope, path) => {
    const [left, right] = list(operand, 2, 2, path);
    return same(scope.value(left, `${path}.0`), scope.value(right, `${path}.1`));
  },
  'Fn::Not': (operand, scope, path) => !evaluateCondition(list(operand, 1, 1, path)[0], scope, `${path}.0`),
  'Fn::And': (operand, scope, path) => list(operand, 2, 10, path).every((part, index) => evaluateCondition(part, scope, `${path}.${index}`)),
  'Fn::Or': (operand, scope, path) => list(operand, 2, 10, path).some((part, index) => evaluateCondition(part, scope, `${path}.${index}`)),
  // The following three are allowed by CloudFormation in the Rules section only; elsewhere its own validation refuses them first.
  'Fn::Contains': (operand, scope, path) => {
    const [values, value] = list(operand, 2, 2, path);
    return members(values, scope, path).includes(String(scope.value(value, `${path}.1`)));
  },
  'Fn::EachMemberEquals': (operand, scope, path) => {
    const [values, value] = list(operand, 2, 2, path);
    const wanted = String(scope.value(value, `${path}.1`));
    return members(values, scope, path).every((member) => member === wanted);
  },
  'Fn::EachMemberIn': (operand, scope, path) => {
    const [values, allowed] = list(operand, 2, 2, path);
    const known = members(allowed, scope, path);
    return members(values, scope, path).every((member) => known.includes(member));
  },
};

export function evaluateCondition(condition: any, scope: ConditionScope, path: string): boolean {
  const [name, ...more] = Object.keys(condition ?? {});
  const evaluate = name === undefined || more.length > 0 ? undefined : FUNCTIONS[name];
  if (evaluate === undefined) {
    throw new TemplateError(path, `${JSON.stringify(condition)} is not a condition; use one of ${Object.keys(FUNCTIONS).join(', ')}`);
  }
  return evaluate(condition[name!], scope, `${path}.${name}`);
}

function members(values: any, scope: ConditionScope, path: string): string[] {
  const resolved = scope.value(values, path);
  if (!Array.isArray(resolved)) throw new TemplateError(path, `expects a list of strings, got ${JSON.stringify(resolved)}`);
  return resolved.map(String);
}

/** CloudFormation compares as text: a parameter of type Number is a string. */
function same(left: any, right: any): boolean {
  return typeof left === 'object' || typeof right === 'object' ? JSON.stringify(left) === JSON.stringify(right) : String(left) === String(right);
}
