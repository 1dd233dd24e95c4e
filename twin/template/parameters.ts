import { TemplateError } from './errors';
import type { ParameterDefinition, Template } from './template';

/** What `Ref` to a parameter gives. */
export type ParameterValue = string | string[];

/** Reads a parameter of the Systems Manager store; undefined if there is none. */
export type ReadStoredParameter = (name: string) => string | undefined;

const STORED = /^AWS::SSM::Parameter::Value<(String|List<String>|CommaDelimitedList)>$/;
const LISTS = ['CommaDelimitedList', 'List<Number>', 'List<String>'];
const SINGLE = ['String', 'Number'];

/** The values of a template's parameters: those given, else their defaults, checked as CloudFormation checks them. */
export function parameterValues(
  template: Template, given: Readonly<Record<string, string>>, readStored: ReadStoredParameter,
): Record<string, ParameterValue> {
  const definitions = template.Parameters ?? {};
  for (const name of Object.keys(given)) {
    if (definitions[name] === undefined) {
      throw new TemplateError(`Parameters.${name}`, `the template has no such parameter; it has ${Object.keys(definitions).join(', ') || 'none'}`);
    }
  }
  return Object.fromEntries(Object.entries(definitions).map(([name, definition]) => {
    const path = `Parameters.${name}`;
    const raw = given[name] ?? definition.Default;
    if (raw === undefined) throw new TemplateError(path, 'has no default and no value was given; pass it in the option `parameters`');
    const value = Array.isArray(raw) ? raw.join(',') : String(raw);
    check(value, definition, path);
    return [name, typed(value, definition.Type, path, readStored)];
  }));
}

function typed(value: string, type: string, path: string, readStored: ReadStoredParameter): ParameterValue {
  const stored = STORED.exec(type);
  if (stored) {
    const found = readStored(value);
    if (found === undefined) throw new TemplateError(path, `unable to fetch parameter ${value} from the parameter store`);
    return stored[1] === 'String' ? found : split(found);
  }
  if (LISTS.includes(type)) return split(value);
  if (SINGLE.includes(type)) return value;
  throw new TemplateError(`${path}.Type`, `${type} is not supported; use one of ${[...SINGLE, ...LISTS].join(', ')} or AWS::SSM::Parameter::Value<String>`);
}

const split = (value: string): string[] => value.split(',').map((item) => item.trim());

function check(value: string, definition: ParameterDefinition, path: string): void {
  const refuse = (rule: string) => {
    throw new TemplateError(path, `${JSON.stringify(value)} ${definition.ConstraintDescription ?? rule}`);
  };
  const { AllowedValues, AllowedPattern, MinLength, MaxLength, MinValue, MaxValue } = definition;
  if (definition.Type === 'Number' && !(value.trim() !== '' && Number.isFinite(Number(value)))) refuse('is not a number');
  if (AllowedValues && !AllowedValues.map(String).includes(value)) refuse(`is not one of ${AllowedValues.join(', ')}`);
  if (AllowedPattern !== undefined && !new RegExp(`^(?:${AllowedPattern})$`).test(value)) refuse(`must match ${AllowedPattern}`);
  if (MinLength !== undefined && value.length < Number(MinLength)) refuse(`must have at least ${MinLength} characters`);
  if (MaxLength !== undefined && value.length > Number(MaxLength)) refuse(`must have at most ${MaxLength} characters`);
  if (MinValue !== undefined && Number(value) < Number(MinValue)) refuse(`must be at least ${MinValue}`);
  if (MaxValue !== undefined && Number(value) > Number(MaxValue)) refuse(`must be at most ${MaxValue}`);
}
