"""Deploys a stack by change sets and works with S3, SSM and STS, by botocore against the twin whose address is in the environment.

Writes what it saw as JSON. botocore checks what it sends and reads what it is answered by AWS's own models.
"""
import json

import botocore.config
import botocore.exceptions
import botocore.session

CONFIG = botocore.config.Config(retries={'total_max_attempts': 1})
TEMPLATE = '''
Resources:
  Bucket:
    Type: AWS::S3::Bucket
  Value:
    Type: AWS::SSM::Parameter
    Properties: {Type: String, Name: /python/value, Value: !GetAtt Bucket.Arn}
Outputs:
  BucketName: {Value: !Ref Bucket}
'''

session = botocore.session.get_session()
cloudformation, s3, ssm, sts = (session.create_client(name, config=CONFIG) for name in ('cloudformation', 's3', 'ssm', 'sts'))
seen = {}

seen['identity'] = sts.get_caller_identity()['Arn']
cloudformation.create_change_set(StackName='Python', ChangeSetName='first', ChangeSetType='CREATE', TemplateBody=TEMPLATE)
cloudformation.get_waiter('change_set_create_complete').wait(StackName='Python', ChangeSetName='first', WaiterConfig={'Delay': 1})
seen['changes'] = sorted(change['ResourceChange']['LogicalResourceId'] for change in cloudformation.describe_change_set(StackName='Python', ChangeSetName='first')['Changes'])
cloudformation.execute_change_set(StackName='Python', ChangeSetName='first')
cloudformation.get_waiter('stack_create_complete').wait(StackName='Python', WaiterConfig={'Delay': 1})
stack = cloudformation.describe_stacks(StackName='Python')['Stacks'][0]
bucket = stack['Outputs'][0]['OutputValue']
seen['status'] = stack['StackStatus']
seen['value'] = ssm.get_parameter(Name='/python/value')['Parameter']['Value'] == f'arn:aws:s3:::{bucket}'
events = cloudformation.get_paginator('describe_stack_events').paginate(StackName='Python')
seen['events'] = len([event for page in events for event in page['StackEvents']])

s3.put_object(Bucket=bucket, Key='folder/a b+ä', Body=b'text', ChecksumAlgorithm='SHA256')
seen['object'] = s3.get_object(Bucket=bucket, Key='folder/a b+ä')['Body'].read().decode()
seen['keys'] = [entry['Key'] for entry in s3.list_objects_v2(Bucket=bucket)['Contents']]
s3.delete_object(Bucket=bucket, Key='folder/a b+ä')

cloudformation.delete_stack(StackName='Python')
cloudformation.get_waiter('stack_delete_complete').wait(StackName=stack['StackId'], WaiterConfig={'Delay': 1})
try:
    cloudformation.describe_stacks(StackName='Python')
except botocore.exceptions.ClientError as error:
    seen['gone'] = error.response['Error']['Message']
try:
    session.create_client('ec2', config=CONFIG).describe_instances()
except botocore.exceptions.ClientError as error:
    seen['unknown'] = error.response['Error']['Message']
print(json.dumps(seen))
