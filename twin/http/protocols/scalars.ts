import { AwsError } from '../../service';
import type { Shape, TimestampFormat } from '../model';

/** A scalar written as text: in a header, a query string, a form or an XML element. */
export function scalarFromText(shape: Shape, text: string, timestamps: TimestampFormat): unknown {
  switch (shape.type) {
    case 'integer': case 'long': case 'float': case 'double': case 'bigdecimal': {
      const number = Number(text);
      if (text.trim() === '' || Number.isNaN(number)) throw new AwsError('SerializationException', `'${text}' can not be converted to a number`);
      return number;
    }
    case 'boolean':
      if (text !== 'true' && text !== 'false') throw new AwsError('SerializationException', `'${text}' can not be converted to a Boolean`);
      return text === 'true';
    case 'timestamp': return timestampFrom(text, shape.timestampFormat ?? timestamps);
    case 'blob': return Buffer.from(text, 'base64');
    default: return text;
  }
}

export function scalarToText(shape: Shape, value: unknown, timestamps: TimestampFormat): string {
  if (shape.type === 'timestamp') return String(timestampTo(value as Date, shape.timestampFormat ?? timestamps));
  if (shape.type === 'blob') return Buffer.from(value as Uint8Array).toString('base64');
  return String(value);
}

export function timestampFrom(value: unknown, format: TimestampFormat): Date {
  const seconds = typeof value === 'number' ? value : format === 'unixTimestamp' ? Number(value) : Number.NaN;
  const date = Number.isNaN(seconds) ? new Date(String(value)) : new Date(Math.round(seconds * 1000));
  if (Number.isNaN(date.getTime())) throw new AwsError('SerializationException', `'${String(value)}' can not be converted to a Timestamp`);
  return date;
}

export function timestampTo(value: Date, format: TimestampFormat): string | number {
  switch (format) {
    case 'unixTimestamp': return value.getTime() / 1000;
    case 'iso8601': return value.toISOString();
    case 'rfc822': return value.toUTCString();
  }
}
