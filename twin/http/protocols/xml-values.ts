import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { AwsError } from '../../service';
import type { ServiceModel, Shape, ShapeRef } from '../model';
import { scalarFromText, scalarToText } from './scalars';

type Members = Record<string, unknown>;

const parser = new XMLParser({
  ignoreAttributes: false, attributeNamePrefix: '@', parseTagValue: false, parseAttributeValue: false, trimValues: false, htmlEntities: true,
  removeNSPrefix: true, ignoreDeclaration: true,
});

/** Characters that XML 1.0 does not have, written as they are or as a reference; the parser lets them pass. */
const ALIEN = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/;  
const REFERENCE = /&#(?:x([0-9a-f]+)|([0-9]+));/gi;

function holdsAliens(text: string): boolean {
  const references = [...text.matchAll(REFERENCE)].map(([, hexadecimal, decimal]) => (hexadecimal === undefined ? Number(decimal) : parseInt(hexadecimal, 16)));
  return ALIEN.test(text) || references.some((code) => code > 0x10ffff || ALIEN.test(String.fromCodePoint(code)));
}

/** The content of the document's root element as the shape says; undefined for an empty body. */
export function fromXml(model: ServiceModel, ref: ShapeRef, body: Buffer): unknown {
  if (body.length === 0) return undefined;
  const text = body.toString('utf8');
  if (XMLValidator.validate(text) !== true || holdsAliens(text)) {
    throw new AwsError('MalformedXML', 'The XML you provided was not well-formed or did not validate against our published schema');
  }
  const document = parser.parse(text) as Members;
  const root = Object.keys(document).find((key) => key !== '#text');
  return root === undefined ? undefined : valueFromXml(model, ref, document[root]);
}

function valueFromXml(model: ServiceModel, ref: ShapeRef, node: unknown): unknown {
  const shape = model.shape(ref.shape);
  switch (shape.type) {
    case 'structure': return structureFromXml(model, ref.shape, node);
    case 'list': return listNodes(shape, ref, node).map((item) => valueFromXml(model, shape.member!, item));
    case 'map': throw new Error(`${model.name}: ${ref.shape}: no API of the twin takes a map in XML`);
    default: return scalarFromText(shape, text(node), 'iso8601');
  }
}

function structureFromXml(model: ServiceModel, shapeName: string, node: unknown): Members {
  const result: Members = {};
  const source = typeof node === 'object' && node !== null ? node as Members : {};
  const seen = new Set<string>();
  for (const [name, member] of Object.entries(model.shape(shapeName).members ?? {})) {
    if (member.location !== undefined) continue;
    const key = member.xmlAttribute ? `@${member.locationName!.replace(/^.*:/, '')}` : elementName(model, name, member);
    seen.add(key);
    if (source[key] !== undefined) result[name] = valueFromXml(model, member, source[key]);
  }
  for (const [key, value] of Object.entries(source)) {
    if (!seen.has(key) && key !== '#text' && !key.startsWith('@')) result[key] = value;
  }
  return result;
}

function listNodes(shape: Shape, ref: ShapeRef, node: unknown): unknown[] {
  if (isFlat(shape, ref)) return [node].flat();
  const inner = typeof node === 'object' && node !== null ? (node as Members)[shape.member!.locationName ?? 'member'] : undefined;
  return inner === undefined ? [] : [inner].flat();
}

function text(node: unknown): string {
  if (typeof node === 'object' && node !== null) return String((node as Members)['#text'] ?? '');
  return node === undefined ? '' : String(node);
}

/** `<name>…</name>`; a flat list gives one element per item. */
export function toXml(model: ServiceModel, ref: ShapeRef, name: string, value: unknown): string {
  const shape = model.shape(ref.shape);
  switch (shape.type) {
    case 'structure': return element(name, structureToXml(model, ref.shape, value as Members), attributes(model, ref, shape, value as Members));
    case 'list': {
      if (isFlat(shape, ref)) return (value as unknown[]).map((item) => toXml(model, shape.member!, name, item)).join('');
      const itemName = shape.member!.locationName ?? 'member';
      return element(name, (value as unknown[]).map((item) => toXml(model, shape.member!, itemName, item)).join(''));
    }
    case 'map': {
      const entries = Object.entries(value as Members).map(([key, item]) => toXml(model, shape.key!, shape.key!.locationName ?? 'key', key)
        + toXml(model, shape.value!, shape.value!.locationName ?? 'value', item));
      if (isFlat(shape, ref)) return entries.map((entry) => element(name, entry)).join('');
      return element(name, entries.map((entry) => element('entry', entry)).join(''));
    }
    default: return element(name, escapeXml(scalarToText(shape, value, ref.timestampFormat ?? 'iso8601')));
  }
}

export function structureToXml(model: ServiceModel, shapeName: string, value: Members): string {
  let result = '';
  for (const [name, member] of Object.entries(model.shape(shapeName).members ?? {})) {
    const item = value[name];
    if (item === undefined || item === null || member.location !== undefined || member.xmlAttribute) continue;
    result += toXml(model, member, elementName(model, name, member), item);
  }
  return result;
}

function attributes(model: ServiceModel, ref: ShapeRef, shape: Shape, value: Members): string {
  let result = '';
  if (ref.xmlNamespace !== undefined) {
    const { prefix, uri } = ref.xmlNamespace;
    result += ` xmlns${prefix === undefined ? '' : `:${prefix}`}="${escapeXml(uri)}"`;
  }
  for (const [name, member] of Object.entries(shape.members ?? {})) {
    if (member.xmlAttribute && value[name] !== undefined) {
      result += ` ${member.locationName ?? name}="${escapeXml(scalarToText(model.shape(member.shape), value[name], 'iso8601'))}"`;
    }
  }
  return result;
}

/** A flat list is called by its items' name where they have one. */
function elementName(model: ServiceModel, name: string, member: ShapeRef): string {
  const shape = model.shape(member.shape);
  if (shape.type === 'list' && isFlat(shape, member) && shape.member!.locationName !== undefined) return shape.member!.locationName;
  return member.locationName ?? name;
}

function isFlat(shape: Shape, ref: ShapeRef): boolean {
  return (ref.flattened ?? shape.flattened) === true;
}

export function element(name: string, content: string, attribute = ''): string {
  return `<${name}${attribute}>${content}</${name}>`;
}

export function escapeXml(value: string): string {
  return value.replace(/[&<>"\r]/g, (character) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', '\r': '&#xD;' })[character]!);
}
