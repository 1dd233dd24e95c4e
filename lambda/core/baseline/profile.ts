import { ColumnType } from '../statistics/column';
import type { TableSurvey } from './build';
import type { DatasetTable } from './table';

/** What a quality gate needs to know of a dataset; counts and shares, no values. */
export interface DatasetProfile {
  readonly rows: number;
  readonly features: readonly ColumnProfile[];
  readonly label?: LabelProfile;
  /** First and last event time, ISO 8601. */
  readonly firstTime?: string;
  readonly lastTime?: string;
}

export interface ColumnProfile {
  readonly name: string;
  readonly type: ColumnType;
  readonly missingShare: number;
  /** Whether all present values are the same. */
  readonly constant: boolean;
}

export interface LabelProfile {
  readonly name: string;
  readonly missing: number;
  /** Distinct values; undefined where there are too many to be classes. */
  readonly classes?: number;
  /** The share of the rarest class among labelled rows. */
  readonly smallestClassShare?: number;
}

const MOST_CLASSES = 1000;

export function profileOf(survey: TableSurvey, table: DatasetTable): DatasetProfile {
  return {
    rows: survey.rows,
    features: survey.features.map((column) => ({
      name: column.name,
      type: column.type,
      missingShare: column.missing / survey.rows,
      constant: column.distinctAtMost(1),
    })),
    ...(survey.label && { label: labelProfile(table.label!, survey) }),
    ...(survey.firstTime !== undefined && survey.lastTime !== undefined && {
      firstTime: new Date(survey.firstTime).toISOString(), lastTime: new Date(survey.lastTime).toISOString(),
    }),
  };
}

function labelProfile(name: string, { label, rows }: TableSurvey): LabelProfile {
  const missing = label!.missing;
  const classes = label!.categories();
  if (!label!.distinctAtMost(MOST_CLASSES) || classes.length === 0) return { name, missing };
  return { name, missing, classes: classes.length, smallestClassShare: classes[classes.length - 1]!.count / Math.max(1, rows - missing) };
}
