import { spawnSync } from 'node:child_process';
import { parseTemplate } from '../../../twin/services/cloudformation/template-source';
import { describeWith } from '../differential/python';

const BODY = `
AWSTemplateFormatVersion: 2010-09-09
Parameters:
  Name: {Type: String, Default: abc}
Conditions:
  IsAbc: !Equals [!Ref Name, abc]
  Either: !Or [!Condition IsAbc, !Not [!Equals [!Ref Name, "2012-10-17"]]]
Resources:
  Role:
    Type: AWS::IAM::Role
    Condition: Either
    Properties:
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement: [{Effect: Allow, Action: sts:AssumeRole, Principal: {AWS: !Sub "arn:\${AWS::Partition}:iam::\${AWS::AccountId}:root"}}]
      Description: !Sub
        - hello \${who}
        - who: !Select [0, !Split [",", !Join [",", [a, b]]]]
  Value:
    Type: AWS::SSM::Parameter
    Properties:
      Type: String
      Value: !GetAtt Role.Arn
      Name: !If [IsAbc, !FindInMap [Map, !Ref "AWS::Region", key], !Base64 text]
      Description: !ImportValue
        Fn::Sub: \${Name}-export
      Tags: {nested: !GetAtt [Role, Arn]}
`;

// The AWS command line reads the templates that it deploys; what it makes of one is what CloudFormation is sent.
describeWith(['awscli'], 'a template in YAML', () => {
  test('means what the AWS command line takes it to mean', () => {
    const { stdout, stderr } = spawnSync('python3', ['-c', `
import json, sys
from awscli.customizations.cloudformation.yamlhelper import yaml_parse
print(json.dumps(yaml_parse(sys.stdin.read()), default=str))
`], { input: BODY, encoding: 'utf8' });
    expect(stdout === '' ? stderr : JSON.parse(stdout)).toEqual(JSON.parse(JSON.stringify(parseTemplate(BODY))));
  });
});

test('a tag that is no intrinsic, and YAML that is none, are refused', () => {
  expect(() => parseTemplate('Resources:\n  A: {Type: X, Properties: {P: !Unknown x}}')).toThrow('Template format error: YAML not well-formed.');
  expect(() => parseTemplate('Resources: [')).toThrow('Template format error: YAML not well-formed.');
});
