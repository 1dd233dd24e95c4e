import { Aws, Fn, RemovalPolicy } from 'aws-cdk-lib';
import * as events from 'aws-cdk-lib/aws-events';
import * as iam from 'aws-cdk-lib/aws-iam';
import { CfnModelPackageGroup } from 'aws-cdk-lib/aws-sagemaker';
import { Construct } from 'constructs';
import { regionalArn } from '../private/handler-function';
import { uniqueName } from '../private/names';

export interface ModelRegistryProps {
  /**
   * What the group is for, in the console.
   *
   * @default 'models of <construct path>'
   */
  readonly description?: string;

  /**
   * What happens to the group when the stack is deleted. A group can only be deleted when it has no packages.
   *
   * @default RemovalPolicy.RETAIN
   */
  readonly removalPolicy?: RemovalPolicy;
}

/** States of a model package that an event tells of. */
export interface PackageEventOptions {
  /** `PendingManualApproval`, `Approved` or `Rejected`. */
  readonly approvalStatuses: string[];

  /**
   * `Completed`, `Failed`, …: whether SageMaker could make the package.
   *
   * @default ['Completed']
   */
  readonly packageStatuses?: string[];
}

/** The registry of a loop: one model package group, whose packages are the versions of one model. */
export class ModelRegistry extends Construct {
  /** Name of the model package group. It carries a suffix of the stack's id, so that a retained group never meets its successor. */
  public readonly modelPackageGroupName: string;
  /** ARN of the model package group. */
  public readonly modelPackageGroupArn: string;
  /** Matches the ARN of every package of the group. */
  public readonly modelPackageArns: string;

  constructor(scope: Construct, id: string, props: ModelRegistryProps = {}) {
    super(scope, id);
    // arn:…:stack/<name>/1f2e3d4c-…: the first part of the id.
    const suffix = Fn.select(0, Fn.split('-', Fn.select(2, Fn.split('/', Aws.STACK_ID))));
    const group = new CfnModelPackageGroup(this, 'Resource', {
      modelPackageGroupName: `${uniqueName(this, 50)}-${suffix}`,
      modelPackageGroupDescription: props.description ?? `models of ${this.node.path}`,
    });
    group.applyRemovalPolicy(props.removalPolicy ?? RemovalPolicy.RETAIN);
    this.modelPackageGroupArn = group.ref;
    this.modelPackageGroupName = Fn.select(1, Fn.split('/', group.ref));
    this.modelPackageArns = regionalArn(this, 'sagemaker', 'model-package', `${this.modelPackageGroupName}/*`);
  }

  /** Events of packages of this group in one of the given states. Any edit of a package sends one again. */
  public packageEvents(options: PackageEventOptions): events.EventPattern {
    return {
      source: ['aws.sagemaker'],
      detailType: ['SageMaker Model Package State Change'],
      detail: {
        ModelPackageGroupName: [this.modelPackageGroupName],
        ModelPackageStatus: options.packageStatuses ?? ['Completed'],
        ModelApprovalStatus: options.approvalStatuses,
      },
    };
  }

  /** Allows reading packages of the group. */
  public grantRead(grantee: iam.IGrantable): iam.Grant {
    return iam.Grant.addToPrincipal({ grantee, actions: ['sagemaker:DescribeModelPackage'], resourceArns: [this.modelPackageArns] });
  }

  /** Allows listing and reading packages of the group. */
  public grantList(grantee: iam.IGrantable): iam.Grant {
    return iam.Grant.addToPrincipal({
      grantee, actions: ['sagemaker:DescribeModelPackage', 'sagemaker:ListModelPackages'], resourceArns: [this.modelPackageArns],
    });
  }
}
