#!/usr/bin/env python3
"""Writes twin/models/<service>.json from botocore's service models: the listed operations, the shapes they reach, no prose.

Run by developers when an operation is added (`pip install botocore`, then `python3 scripts/generate-service-models.py [SERVICE ...]`);
the output is committed. One line per operation and per shape, sorted, so that a change of a model is readable in a diff.
"""
import json
import pathlib
import sys

import botocore
import botocore.session

OUTPUT = pathlib.Path(__file__).resolve().parent.parent / 'twin' / 'models'

ALL = ('*',)

OPERATIONS = {
    's3': '''
        CreateBucket HeadBucket DeleteBucket ListBuckets GetBucketLocation GetBucketVersioning PutBucketVersioning GetBucketTagging
        PutBucketTagging DeleteBucketTagging GetBucketPolicy PutBucketPolicy DeleteBucketPolicy GetBucketEncryption PutBucketEncryption
        DeleteBucketEncryption GetPublicAccessBlock PutPublicAccessBlock DeletePublicAccessBlock GetBucketOwnershipControls
        PutBucketOwnershipControls GetBucketLifecycleConfiguration PutBucketLifecycleConfiguration DeleteBucketLifecycle
        GetBucketNotificationConfiguration PutBucketNotificationConfiguration GetBucketLogging PutBucketLogging
        GetObject HeadObject PutObject CopyObject DeleteObject DeleteObjects GetObjectAttributes GetObjectTagging PutObjectTagging
        DeleteObjectTagging ListObjects ListObjectsV2 ListObjectVersions CreateMultipartUpload UploadPart UploadPartCopy
        CompleteMultipartUpload AbortMultipartUpload ListParts ListMultipartUploads
    ''',
    'sagemaker': '''
        AddTags DeleteTags ListTags
        CreateTrainingJob DescribeTrainingJob StopTrainingJob ListTrainingJobs UpdateTrainingJob DeleteTrainingJob
        CreateProcessingJob DescribeProcessingJob StopProcessingJob ListProcessingJobs
        CreateTransformJob DescribeTransformJob StopTransformJob ListTransformJobs
        CreateModel DescribeModel DeleteModel ListModels
        CreateEndpointConfig DescribeEndpointConfig DeleteEndpointConfig ListEndpointConfigs
        CreateEndpoint DescribeEndpoint UpdateEndpoint UpdateEndpointWeightsAndCapacities DeleteEndpoint ListEndpoints
        CreateModelPackageGroup DescribeModelPackageGroup DeleteModelPackageGroup ListModelPackageGroups
        PutModelPackageGroupPolicy GetModelPackageGroupPolicy DeleteModelPackageGroupPolicy
        CreateModelPackage DescribeModelPackage UpdateModelPackage DeleteModelPackage ListModelPackages BatchDescribeModelPackage
        CreateModelCard DescribeModelCard UpdateModelCard DeleteModelCard ListModelCards ListModelCardVersions
        Search
    ''',
    'sagemaker-runtime': 'InvokeEndpoint InvokeEndpointAsync',
    'codepipeline': '''
        GetPipeline ListPipelines UpdatePipeline StartPipelineExecution StopPipelineExecution GetPipelineExecution GetPipelineState
        ListPipelineExecutions ListActionExecutions ListRuleExecutions RetryStageExecution RollbackStage OverrideStageCondition
        EnableStageTransition DisableStageTransition PutApprovalResult GetJobDetails AcknowledgeJob PutJobSuccessResult
        PutJobFailureResult ListTagsForResource TagResource UntagResource
    ''',
    'codebuild': '''
        StartBuild StopBuild RetryBuild BatchGetBuilds BatchGetProjects BatchDeleteBuilds ListBuilds ListBuildsForProject ListProjects
    ''',
    'cloudwatch': '''
        PutMetricAlarm PutCompositeAlarm DeleteAlarms DescribeAlarms DescribeAlarmsForMetric DescribeAlarmHistory SetAlarmState
        EnableAlarmActions DisableAlarmActions PutMetricData GetMetricData GetMetricStatistics ListMetrics PutDashboard GetDashboard
        DeleteDashboards ListDashboards ListTagsForResource TagResource UntagResource
    ''',
    'events': '''
        PutEvents PutRule DeleteRule DescribeRule EnableRule DisableRule ListRules ListRuleNamesByTarget PutTargets RemoveTargets
        ListTargetsByRule TestEventPattern DescribeEventBus PutPermission RemovePermission ListTagsForResource TagResource UntagResource
    ''',
    'scheduler': ALL,
    'lambda': '''
        Invoke GetFunction GetFunctionConfiguration ListFunctions GetPolicy AddPermission RemovePermission GetFunctionConcurrency
        PutFunctionConcurrency DeleteFunctionConcurrency UpdateFunctionConfiguration ListVersionsByFunction GetAlias ListAliases
        PublishVersion ListTags TagResource UntagResource GetFunctionEventInvokeConfig PutFunctionEventInvokeConfig
        ListEventSourceMappings DeleteFunction
    ''',
    'stepfunctions': '''
        StartExecution StartSyncExecution StopExecution DescribeExecution ListExecutions GetExecutionHistory RedriveExecution
        DescribeStateMachine DescribeStateMachineForExecution ListStateMachines SendTaskSuccess SendTaskFailure SendTaskHeartbeat
        DescribeMapRun ListMapRuns UpdateMapRun ListTagsForResource TagResource UntagResource ValidateStateMachineDefinition
    ''',
    'ecr': '''
        GetAuthorizationToken DescribeRepositories CreateRepository DeleteRepository GetRepositoryPolicy SetRepositoryPolicy
        DeleteRepositoryPolicy GetLifecyclePolicy PutLifecyclePolicy DescribeImages ListImages BatchGetImage BatchDeleteImage PutImage
        BatchCheckLayerAvailability GetDownloadUrlForLayer InitiateLayerUpload UploadLayerPart CompleteLayerUpload StartImageScan
        DescribeImageScanFindings PutImageTagMutability ListTagsForResource TagResource UntagResource
    ''',
    'sns': '''
        Publish PublishBatch Subscribe Unsubscribe ConfirmSubscription ListSubscriptions ListSubscriptionsByTopic ListTopics
        GetTopicAttributes SetTopicAttributes GetSubscriptionAttributes SetSubscriptionAttributes CreateTopic DeleteTopic
        ListTagsForResource TagResource UntagResource
    ''',
    'sqs': '''
        SendMessage SendMessageBatch ReceiveMessage DeleteMessage DeleteMessageBatch ChangeMessageVisibility
        ChangeMessageVisibilityBatch GetQueueAttributes SetQueueAttributes GetQueueUrl ListQueues PurgeQueue CreateQueue DeleteQueue
        ListDeadLetterSourceQueues StartMessageMoveTask ListMessageMoveTasks ListQueueTags TagQueue UntagQueue
    ''',
    'kms': '''
        CreateKey DescribeKey ListKeys ScheduleKeyDeletion CancelKeyDeletion EnableKey DisableKey EnableKeyRotation DisableKeyRotation
        GetKeyRotationStatus GetKeyPolicy PutKeyPolicy ListKeyPolicies CreateAlias UpdateAlias DeleteAlias ListAliases Encrypt Decrypt
        ReEncrypt GenerateDataKey GenerateDataKeyWithoutPlaintext CreateGrant ListGrants RetireGrant RevokeGrant TagResource
        UntagResource ListResourceTags
    ''',
    'logs': '''
        CreateLogGroup DeleteLogGroup DescribeLogGroups PutRetentionPolicy DeleteRetentionPolicy CreateLogStream DeleteLogStream
        DescribeLogStreams PutLogEvents GetLogEvents FilterLogEvents PutMetricFilter DeleteMetricFilter DescribeMetricFilters
        PutResourcePolicy DeleteResourcePolicy DescribeResourcePolicies ListTagsForResource TagResource UntagResource
    ''',
    'iam': '''
        GetRole ListRoles CreateRole DeleteRole UpdateAssumeRolePolicy PutRolePolicy GetRolePolicy DeleteRolePolicy ListRolePolicies
        AttachRolePolicy DetachRolePolicy ListAttachedRolePolicies GetPolicy GetPolicyVersion PutRolePermissionsBoundary
        DeleteRolePermissionsBoundary ListRoleTags TagRole UntagRole SimulatePrincipalPolicy
    ''',
    'sts': 'AssumeRole GetCallerIdentity GetSessionToken',
    'cloudformation': '''
        DescribeStacks DescribeStackResource DescribeStackResources ListStackResources DescribeStackEvents ListStacks ListExports
        GetTemplate CreateStack UpdateStack DeleteStack CreateChangeSet ExecuteChangeSet DescribeChangeSet DeleteChangeSet SignalResource
        ListChangeSets GetTemplateSummary ValidateTemplate UpdateTerminationProtection DescribeEvents
    ''',
    'ssm': '''
        GetParameter GetParameters GetParametersByPath GetParameterHistory PutParameter DeleteParameter DeleteParameters
        DescribeParameters AddTagsToResource RemoveTagsFromResource ListTagsForResource
    ''',
    'application-autoscaling': ALL,
    'codeconnections': 'CreateConnection GetConnection ListConnections DeleteConnection ListTagsForResource TagResource UntagResource',
    'codestar-connections': 'CreateConnection GetConnection ListConnections DeleteConnection ListTagsForResource TagResource UntagResource',
}

# The CDK command line sends DeploymentConfig, which older models do not have.
MINIMUM_BOTOCORE = {'cloudformation': (1, 43, 107)}

PROSE = {'documentation', 'documentationUrl', 'examples', 'smithy.examples', 'deprecatedMessage', 'deprecatedSince'}

# Endpoint rules, signing and clients' conveniences: nothing a server decodes or checks by.
CLIENT_ONLY = {'staticContextParams', 'contextParam', 'operationContextParams', 'endpoint', 'endpointdiscovery', 'auth', 'authtype',
               'unsignedPayload', 'idempotent', 'readonly', 'box', 'hostLabel', 'deprecated', 'synthetic', 'wrapper', 'name', 'alias',
               'internalonly'}


def slim(value, drop):
    if isinstance(value, dict):
        return {key: slim(item, drop) for key, item in value.items() if key not in drop}
    if isinstance(value, list):
        return [slim(item, drop) for item in value]
    return value


def slim_shape(shape):
    members = shape.get('members')
    # Members are named freely: a member may itself be called `name` or `endpoint`, so only what describes it is slimmed.
    own = slim({key: value for key, value in shape.items() if key != 'members'}, PROSE | CLIENT_ONLY)
    if members is not None:
        own['members'] = {name: slim(member, PROSE | CLIENT_ONLY) for name, member in members.items()}
    return own


def reach(shapes, name, seen):
    if name in seen:
        return
    seen.add(name)
    shape = shapes[name]
    for member in shape.get('members', {}).values():
        reach(shapes, member['shape'], seen)
    for key in ('member', 'key', 'value'):
        if key in shape:
            reach(shapes, shape[key]['shape'], seen)


def operation_model(operation):
    http = {key: operation['http'][key] for key in ('method', 'requestUri', 'responseCode') if key in operation['http']}
    result = {'http': http}
    if 'input' in operation:
        result['input'] = operation['input']['shape']
        if 'locationName' in operation['input']:
            result['inputElement'] = {key: operation['input'][key] for key in ('locationName', 'xmlNamespace') if key in operation['input']}
    if 'output' in operation:
        result['output'] = operation['output']['shape']
        if 'resultWrapper' in operation['output']:
            result['resultWrapper'] = operation['output']['resultWrapper']
    result['errors'] = [error['shape'] for error in operation.get('errors', [])]
    return result


def check_version(service):
    minimum = MINIMUM_BOTOCORE.get(service, ())
    if tuple(map(int, botocore.__version__.split('.'))) < minimum:
        raise SystemExit(f'{service}: botocore {botocore.__version__} is too old, at least {".".join(map(str, minimum))} is needed; '
                         'upgrade it, or name the other services as arguments')


def service_model(service, listed, loader):
    check_version(service)
    source = loader.load_service_model(service, 'service-2')
    metadata, shapes = source['metadata'], source['shapes']
    names = sorted(source['operations']) if listed == ALL else sorted(listed.split())
    missing = [name for name in names if name not in source['operations']]
    if missing:
        raise SystemExit(f'{service}: botocore {botocore.__version__} has no operation {", ".join(missing)}')
    seen = set()
    operations = {name: operation_model(source['operations'][name]) for name in names}
    for operation in operations.values():
        for name in filter(None, [operation.get('input'), operation.get('output'), *operation['errors']]):
            reach(shapes, name, seen)
    head = {
        'service': service,
        'signingName': metadata.get('signingName', metadata['endpointPrefix']),
        'protocols': metadata.get('protocols', [metadata['protocol']]),
        'apiVersion': metadata['apiVersion'],
    }
    for key in ('targetPrefix', 'jsonVersion', 'xmlNamespace'):
        if key in metadata:
            head[key] = metadata[key]
    if 'awsQueryCompatible' in metadata:
        head['awsQueryCompatible'] = True
    return head, operations, {name: slim_shape(shapes[name]) for name in sorted(seen)}


def dump(value):
    return json.dumps(value, separators=(',', ':'), ensure_ascii=False)


def lines(entries):
    return ',\n'.join(f'    {dump(name)}: {dump(value)}' for name, value in entries.items())


def main(chosen):
    unknown = [service for service in chosen if service not in OPERATIONS]
    if unknown:
        raise SystemExit(f'no service {", ".join(unknown)}; there are {", ".join(OPERATIONS)}')
    OUTPUT.mkdir(exist_ok=True)
    loader = botocore.session.get_session().get_component('data_loader')
    for service in chosen or OPERATIONS:
        listed = OPERATIONS[service]
        head, operations, shapes = service_model(service, listed, loader)
        text = '{\n' + ''.join(f'  {dump(key)}: {dump(value)},\n' for key, value in head.items())
        text += f'  "operations": {{\n{lines(operations)}\n  }},\n  "shapes": {{\n{lines(shapes)}\n  }}\n}}\n'
        (OUTPUT / f'{service}.json').write_text(text)
        print(f'{service}: {len(operations)} operations, {len(shapes)} shapes, {len(text) // 1024} KB')


if __name__ == '__main__':
    main(sys.argv[1:])
