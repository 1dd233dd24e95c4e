import type { S3Client } from '@aws-sdk/client-s3';
import { writeObject } from '../../adapters/objects';
import { csvLine } from '../../core';

/** Size at which a part is written, characters: bounds the memory that a dataset of any size takes. */
const PART_LENGTH = 32 * 1024 * 1024;

/** Writes rows as `part-00000.csv`, `part-00001.csv`, … under a prefix, each with the header. */
export class CsvParts {
  private text = '';
  private parts = 0;
  private columns: readonly string[] | undefined;
  /** Where the columns of the last row stand in it, if it named them in another order. */
  private order: { readonly of: readonly string[]; readonly places: readonly number[] } | undefined;

  constructor(private readonly s3: S3Client, private readonly bucket: string, private readonly prefix: string) {}

  async add(columns: readonly string[], fields: readonly string[]): Promise<void> {
    if (this.columns === undefined) this.columns = columns;
    if (this.text === '') this.text = csvLine(this.columns);
    this.text += csvLine(columns === this.columns ? fields : this.placesIn(columns).map((place) => fields[place] ?? ''));
    if (this.text.length >= PART_LENGTH) await this.flush();
  }

  /** Objects may name the same columns in another order, which is the same for all rows of an object. */
  private placesIn(columns: readonly string[]): readonly number[] {
    if (this.order?.of !== columns) {
      const places = new Map(columns.map((column, place) => [column, place]));
      this.order = { of: columns, places: this.columns!.map((column) => places.get(column) ?? -1) };
    }
    return this.order.places;
  }

  async flush(): Promise<void> {
    if (this.text === '') return;
    const key = `${this.prefix}part-${String(this.parts++).padStart(5, '0')}.csv`;
    const text = this.text;
    this.text = '';
    await writeObject(this.s3, { bucket: this.bucket, key }, text, 'text/csv');
  }
}
