import type { ProtocolName } from '../model';
import { json } from './json';
import type { Protocol } from './protocol';
import { query } from './query';
import { restJson } from './rest-json';
import { restXml } from './rest-xml';

/** The wire formats that the twin speaks, by their name in AWS's models. */
export const PROTOCOLS: Readonly<Record<ProtocolName, Protocol>> = { json, 'rest-json': restJson, 'rest-xml': restXml, query };
