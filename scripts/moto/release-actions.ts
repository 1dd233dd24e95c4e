import { readTemplate } from '../wires/assembly';

/* eslint-disable @typescript-eslint/no-explicit-any -- template JSON */
const HANDLERS = { Select: 'select-release', Deploy: 'deploy-endpoint', Probe: 'probe-endpoint' } as const;

/** The jobs that the release pipeline of an assembly would hand to handlers, with these output variables of its selection. */
export function releaseActions(assembly: string, variables: Readonly<Record<string, string>>) {
  const pipelines = Object.values<any>(readTemplate(assembly).template.Resources).filter(({ Type }) => Type === 'AWS::CodePipeline::Pipeline');
  const actions = pipelines.flatMap(({ Properties }) => Properties.Stages.flatMap((stage: any) => stage.Actions));
  const configurationOf = (name: string) => actions.find((action: any) => action.Name === name).Configuration;
  // The CDK's bootstrap names the bucket so.
  const descriptor = { bucketName: 'cdk-hnb659fds-assets-123456789012-us-east-1', objectKey: configurationOf('Descriptor').S3ObjectKey };

  return (action: keyof typeof HANDLERS) => {
    const UserParameters = configurationOf(action).UserParameters.replace(/#\{[A-Za-z]+\.(\w+)\}/g, (_: string, name: string) => variables[name] ?? 'none');
    return {
      handler: HANDLERS[action],
      event: {
        'CodePipeline.job': {
          id: `job-${action}`, accountId: '123456789012',
          data: {
            actionConfiguration: { configuration: { FunctionName: HANDLERS[action], UserParameters } },
            inputArtifacts: action === 'Deploy' ? [{ name: 'Descriptor', location: { type: 'S3', s3Location: descriptor } }] : [],
            outputArtifacts: [], artifactCredentials: { accessKeyId: 'a', secretAccessKey: 'b', sessionToken: 'c' },
          },
        },
      },
    };
  };
}
