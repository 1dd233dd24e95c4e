import type { Service } from '../service';
import type { World } from '../world';
import { ApplicationAutoScalingService } from './application-autoscaling';
import { CloudFormationService } from './cloudformation';
import { CloudWatchService } from './cloudwatch';
import { CodeBuildService } from './codebuild';
import { CodePipelineService } from './codepipeline';
import { EcrService } from './ecr';
import { EventsService } from './events';
import { IamService } from './iam';
import { KmsService } from './kms';
import { LambdaService } from './lambda';
import { LogsService } from './logs';
import { S3Service } from './s3';
import { SageMakerService } from './sagemaker';
import { SchedulerService } from './scheduler';
import { SnsService } from './sns';
import { SqsService } from './sqs';
import { SsmService } from './ssm';
import { StepFunctionsService } from './step-functions';
import { StsService } from './sts';

/** Every service of the twin; what is not here, it does not have. */
const SERVICES: ReadonlyArray<new (world: World) => Service> = [
  ApplicationAutoScalingService,
  CloudFormationService,
  CloudWatchService,
  CodeBuildService,
  CodePipelineService,
  EcrService,
  EventsService,
  IamService,
  KmsService,
  LambdaService,
  LogsService,
  S3Service,
  SageMakerService,
  SchedulerService,
  SnsService,
  SqsService,
  SsmService,
  StepFunctionsService,
  StsService,
];

export function createServices(world: World): Service[] {
  return SERVICES.map((Class) => new Class(world));
}
