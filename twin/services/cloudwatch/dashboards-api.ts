import { AwsError, Operation } from '../../service';
import { World } from '../../world';
import { page } from './alarms-api';
import { CloudWatchState } from './state';

export function dashboardOperations(world: World, state: CloudWatchState): Record<string, Operation> {
  const arn = (name: string) => world.arn('cloudwatch', `dashboard/${name}`, '');
  return {
    PutDashboard: {
      authorize: ({ DashboardName }) => [{ action: 'cloudwatch:PutDashboard', resource: arn(DashboardName) }],
      run: ({ DashboardName, DashboardBody }) => {
        putDashboard(world, state, DashboardName, DashboardBody);
        return { DashboardValidationMessages: [] };
      },
    },
    GetDashboard: {
      authorize: ({ DashboardName }) => [{ action: 'cloudwatch:GetDashboard', resource: arn(DashboardName) }],
      run: ({ DashboardName }) => ({ DashboardName, DashboardArn: arn(DashboardName), DashboardBody: existing(state, DashboardName).body }),
    },
    ListDashboards: {
      authorize: () => [{ action: 'cloudwatch:ListDashboards', resource: '*' }],
      run: ({ DashboardNamePrefix = '', NextToken }) => {
        const chosen = [...state.dashboards.values()].filter(({ name }) => name.startsWith(DashboardNamePrefix));
        const { items, NextToken: next } = page(chosen, NextToken, 100);
        return {
          DashboardEntries: items.map(({ name, body, modifiedAt }) => ({ DashboardName: name, DashboardArn: arn(name), LastModified: modifiedAt, Size: body.length })),
          NextToken: next,
        };
      },
    },
    DeleteDashboards: {
      authorize: ({ DashboardNames }) => DashboardNames.map((name: string) => ({ action: 'cloudwatch:DeleteDashboards', resource: arn(name) })),
      run: ({ DashboardNames }: { DashboardNames: string[] }) => {
        for (const name of DashboardNames) existing(state, name);
        for (const name of DashboardNames) state.dashboards.delete(name);
        return {};
      },
    },
  };
}

export function putDashboard(world: World, state: CloudWatchState, name: string, body: string): void {
  let parsed: unknown;
  try {
    parsed = JSON.parse(body);
  } catch {
    parsed = undefined;
  }
  if (typeof parsed !== 'object' || parsed === null || !Array.isArray((parsed as { widgets?: unknown }).widgets)) {
    throw new AwsError('InvalidParameterInput', 'The dashboard body is invalid: it must be a JSON object with an array of widgets');
  }
  state.dashboards.set(name, { name, body, modifiedAt: world.clock.date() });
}

function existing(state: CloudWatchState, name: string) {
  const dashboard = state.dashboards.get(name);
  if (!dashboard) throw new AwsError('ResourceNotFound', `Dashboard ${name} does not exist`, 404);
  return dashboard;
}
