import { AwsError } from '../../service';
import type { Repository, StoredImage } from './state';
import { isReferenced } from './state';

interface Rule {
  readonly rulePriority: number;
  readonly selection: {
    readonly tagStatus: 'tagged' | 'untagged' | 'any';
    readonly tagPrefixList?: readonly string[];
    readonly tagPatternList?: readonly string[];
    readonly countType: 'imageCountMoreThan' | 'sinceImagePushed' | 'sinceImagePulled';
    readonly countNumber: number;
    readonly countUnit?: 'days';
  };
  readonly action: { readonly type: 'expire' };
}

const DAY = 24 * 3_600_000;
const STATUSES = ['tagged', 'untagged', 'any'];
const COUNTS = ['imageCountMoreThan', 'sinceImagePushed', 'sinceImagePulled'];

export function parseLifecyclePolicy(text: string): Rule[] {
  const refuse = (why: string) => new AwsError('InvalidParameterException',
    `Invalid parameter at 'LifecyclePolicyText' failed to satisfy constraint: 'Lifecycle policy validation failure: ${why}'`);
  let rules: Rule[];
  try {
    ({ rules } = JSON.parse(text) as { rules: Rule[] });
  } catch {
    throw refuse('the policy is not JSON');
  }
  if (!Array.isArray(rules) || rules.length === 0) throw refuse('object has missing required properties (["rules"])');
  const priorities = new Set<number>();
  for (const { rulePriority, selection, action } of rules) {
    if (priorities.has(rulePriority)) throw refuse(`rulePriority ${rulePriority} is used by more than one rule`);
    priorities.add(rulePriority);
    if (!STATUSES.includes(selection?.tagStatus)) throw refuse(`tagStatus ${selection?.tagStatus} is none of ${STATUSES.join(', ')}`);
    if (!COUNTS.includes(selection.countType)) throw refuse(`countType ${selection.countType} is none of ${COUNTS.join(', ')}`);
    if (action?.type !== 'expire') throw refuse('action type must be expire');
    if (!(selection.countNumber > 0)) throw refuse('countNumber must be at least 1');
    if (selection.countType !== 'imageCountMoreThan' && selection.countUnit !== 'days') throw refuse(`countUnit days is required with ${selection.countType}`);
    const lists = (selection.tagPrefixList?.length ?? 0) + (selection.tagPatternList?.length ?? 0);
    if (selection.tagStatus === 'tagged' && lists === 0) throw refuse('tagPrefixList or tagPatternList is required with tagStatus tagged');
    if (selection.tagStatus !== 'tagged' && lists > 0) throw refuse(`tagPrefixList and tagPatternList are not allowed with tagStatus ${selection.tagStatus}`);
    if (selection.tagStatus === 'any' && rules.some((other) => other.rulePriority > rulePriority)) throw refuse('a rule with tagStatus any must have the highest rulePriority');
  }
  return [...rules].sort((a, b) => a.rulePriority - b.rulePriority);
}

/**
 * The images that the policy expires now. As on AWS every rule is evaluated by itself, then applied in the order of
 * priority: an image that an earlier rule selected (to keep or to expire) is out of reach of the later ones. What an
 * index names does not expire before the index.
 */
export function expired(repository: Repository, now: number): StoredImage[] {
  if (repository.lifecycle === undefined) return [];
  const claimed = new Set<StoredImage>();
  const result: StoredImage[] = [];
  for (const { selection } of parseLifecyclePolicy(repository.lifecycle)) {
    const selected = [...repository.images.values()].filter((image) => selects(selection, image)).sort((a, b) => b.pushedAt - a.pushedAt);
    const over = selection.countType === 'imageCountMoreThan'
      ? selected.slice(selection.countNumber)
      : selected.filter((image) => age(image, selection.countType, now) > selection.countNumber * DAY);
    result.push(...over.filter((image) => !claimed.has(image)));
    // An image with several tags is protected by any rule that counted it.
    for (const image of selected) claimed.add(image);
  }
  return result.filter((image) => !isReferenced(repository, image));
}

function selects(selection: Rule['selection'], image: StoredImage): boolean {
  if (selection.tagStatus === 'any') return true;
  if (selection.tagStatus === 'untagged') return image.tags.size === 0;
  const tags = [...image.tags];
  // All prefixes or patterns of the list must be met, each by some tag.
  return tags.length > 0
    && (selection.tagPrefixList ?? []).every((prefix) => tags.some((tag) => tag.startsWith(prefix)))
    && (selection.tagPatternList ?? []).every((pattern) => tags.some((tag) => matches(pattern, tag)));
}

function matches(pattern: string, tag: string): boolean {
  return new RegExp(`^${pattern.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&')).join('.*')}$`).test(tag);
}

function age(image: StoredImage, countType: string, now: number): number {
  return now - (countType === 'sinceImagePulled' ? image.lastPulledAt ?? image.pushedAt : image.pushedAt);
}
