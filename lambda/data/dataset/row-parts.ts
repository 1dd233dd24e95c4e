import type { S3Client } from '@aws-sdk/client-s3';
import { partFile, requestsFile } from '../../../lib/data/artifact-keys.contract';
import type { DatasetDescription } from '../../../lib/data/resolve-dataset.contract';
import { writeObject } from '../../adapters/objects';
import { csvLine, requestLine } from '../../core';

/** Size at which a part is written, characters: bounds the memory that a dataset of any size takes. */
const PART_LENGTH = 32 * 1024 * 1024;

export interface RowPartsOptions {
  readonly of: 'train' | 'holdout';
  /** Where the rows go. */
  readonly prefix: string;
  /** Where the requests go. */
  readonly requestsPrefix: string;
  readonly dataset: DatasetDescription;
}

/** Writes rows in parts, each with the header, and beside each part the requests by which a model is asked its rows. */
export class RowParts {
  /** Rows that no request can hold. */
  unasked = 0;
  private text = '';
  private requests = '';
  private parts = 0;
  private columns: readonly string[] | undefined;
  private order: { readonly columns: readonly string[]; readonly places: readonly number[] } | undefined;
  private readonly notFeatures: ReadonlySet<string>;
  /** Labels as they are written, until there are more than two. */
  private readonly labels = new Set<string>();

  constructor(private readonly s3: S3Client, private readonly bucket: string, private readonly options: RowPartsOptions) {
    const { labelColumn, timeColumn, ignoredColumns } = options.dataset;
    this.notFeatures = new Set([labelColumn, timeColumn, ...ignoredColumns]);
  }

  async add(columns: readonly string[], fields: readonly string[]): Promise<void> {
    const header = this.columns ??= columns;
    if (this.text === '') this.text = csvLine(header);
    // Objects may name the same columns in another order.
    const row = columns === header ? fields : this.placesOf(columns, header).map((place) => fields[place] ?? '');
    this.text += csvLine(row);
    const request = requestLine(header, row, this.notFeatures);
    if (request === undefined) this.unasked++;
    else this.requests += request;
    if (this.labels.size <= 2) this.labels.add(row[header.indexOf(this.options.dataset.labelColumn)]!.trim());
    if (this.text.length >= PART_LENGTH) await this.flush();
  }

  /** Looked up once for each object: a row at a time it would cost the square of the columns. */
  private placesOf(columns: readonly string[], header: readonly string[]): readonly number[] {
    if (this.order?.columns !== columns) {
      const place = new Map(columns.map((column, index) => [column, index]));
      this.order = { columns, places: header.map((column) => place.get(column) ?? -1) };
    }
    return this.order.places;
  }

  async flush(): Promise<void> {
    if (this.text === '') return;
    const { of, prefix, requestsPrefix } = this.options;
    const [text, requests, part] = [this.text, this.requests, this.parts++];
    this.text = this.requests = '';
    await writeObject(this.s3, { bucket: this.bucket, key: `${prefix}${partFile(part)}` }, text, 'text/csv');
    if (requests !== '') await writeObject(this.s3, { bucket: this.bucket, key: `${requestsPrefix}${requestsFile(of, part)}` }, requests, 'text/csv');
  }

  /** Whether these rows lack one of the two labels that the others have. */
  lacksClassOf(others: RowParts): boolean {
    return others.labels.size === 2 && this.labels.size <= 2 && [...others.labels].some((label) => !this.labels.has(label));
  }
}
