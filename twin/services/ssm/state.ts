import { AwsError } from '../../service';

export interface Parameter {
  readonly name: string;
  readonly arn: string;
  type: 'String' | 'StringList';
  value: string;
  description?: string;
  dataType: string;
  tier: string;
  allowedPattern?: string;
  version: number;
  modifiedAt: Date;
  tags: Readonly<Record<string, string>>;
}

/** The parameter store. */
export class SsmState {
  readonly parameters = new Map<string, Parameter>();

  get(name: string): Parameter {
    const parameter = this.parameters.get(name);
    if (parameter === undefined) throw new AwsError('ParameterNotFound', `Parameter ${name} not found.`);
    return parameter;
  }
}
