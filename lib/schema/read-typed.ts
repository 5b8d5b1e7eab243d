import type { JsonObject, JsonValue } from '../base/json.ts';
import { FORBIDDEN_KEYS, isArray, isObject } from '../base/json.ts';
import { limits } from '../base/limits.ts';
import { compiledType } from './compiled-type.ts';
import { describeValue } from './describe-value.ts';
import { expectScalar, expectSpecial, type Mismatch } from './expect-value.ts';
import { type FieldShape, fieldShape } from './field-shape.ts';
import { fieldPathText } from './finding.ts';
import type { Said } from './finding-list.ts';
import { placeOfField } from './misplaced-field.ts';
import { missingWords } from './missing-words.ts';
import { nearestName } from './nearest-name.ts';
import { mayBeEmpty, takesOtherValues } from './open-fields.ts';
import type { RuleId } from './rules.ts';
import type { FieldDef, Schema } from './schema.ts';
import { goTypes, shortName, undecodableValue } from './undecodable-value.ts';
import { notSupported, type Wording } from './wording.ts';

/** What a reading is for. */
export type Visitor = {
  /** Something has not the shape its type asks for. `message` follows the field's path: "must be a list". */
  problem(ruleId: RuleId, message: string, more?: Said): void;
  /** A value of a named type was read, its members first. `sound` lacks what was wrong in it, and what was null. */
  typed(typeName: string, sound: JsonObject): void;
};

export type Reading = {
  readonly schema: Schema;
  readonly typeName: string;
  /** Messages must not show what stands in `data` and `stringData`. */
  readonly secret: boolean;
  readonly visitor: Visitor;
  /** Where the reader stands while it calls the visitor: the reader's own, changed as it goes on. Empty at first. */
  readonly path: (string | number)[];
};

/**
 * Reads a value of any shape by its type, once: reports what does not fit and hands every typed object's sound part to the
 * visitor. Returns the sound part of the whole; undefined when nothing of it fits. Never throws, whatever it is given.
 */
export function readTyped(reading: Reading, value: JsonValue | undefined): JsonObject | undefined {
  const sound = new Reader(reading).read({ form: 'type', typeName: reading.typeName }, value, undefined);
  return isObject(sound) ? sound : undefined;
}

class Reader {
  private readonly reading: Reading;
  private readonly path: (string | number)[];
  private unknownFields = 0;
  /** The types of the objects the path goes through, outermost first, each with the length of its path. */
  private readonly owners: { readonly typeName: string; readonly depth: number }[] = [];

  constructor(reading: Reading) {
    this.reading = reading;
    this.path = reading.path;
  }

  /** The sound part of `value`; undefined when it does not fit at all. `field`: where it stands, if in a field. */
  read(
    shape: FieldShape,
    value: JsonValue | undefined,
    field: FieldPlace | undefined,
  ): JsonValue | undefined {
    if (value === null || value === undefined) return undefined;
    if (this.path.length > limits.objectDepthMax) {
      this.problem('too-deep', `is nested deeper than ${limits.objectDepthMax} levels`);
      return undefined;
    }
    switch (shape.form) {
      case 'scalar':
        return this.checked(expectScalar(shape.scalar, value), value, field, goTypes[shape.scalar]);
      case 'list':
        return this.readList(shape.of, value, field);
      case 'map':
        return this.readMap(shape.of, value);
      case 'type':
        return this.readType(shape.typeName, value);
    }
  }

  private checked(
    mismatch: Mismatch | null,
    value: JsonValue,
    field: FieldPlace | undefined,
    goType: string,
  ): JsonValue | undefined {
    if (mismatch !== null) {
      const told = this.hidesValues() ? mismatch.withoutValue : mismatch.message;
      const suggestion = this.hidesValues() ? undefined : mismatch.suggestion;
      this.problem(mismatch.ruleId, told, {
        ...(suggestion !== undefined && { suggestion }),
        wording: this.decoding(mismatch.ruleId, value, goType),
      });
      return undefined;
    }
    const values = field?.def.values;
    if (values === undefined || typeof value !== 'string' || values.includes(value)) return value;
    if (value === '' && field?.def.pointer !== true) return value;
    if (field === undefined || this.inStatus() || takesOtherValues(field)) return value;
    const shown = values.filter((known) => known !== '');
    this.problem(
      'unknown-value',
      `must be one of ${shown.join(', ')}; it is ${JSON.stringify(value.slice(0, 60))}`,
      { ...suggested(nearestName(value, shown)), wording: notSupported(value, [...shown].sort()) },
    );
    return undefined;
  }

  private readList(of: FieldShape, value: JsonValue, field: FieldPlace | undefined): JsonValue | undefined {
    if (!isArray(value)) {
      const told = `must be a list; it is ${describeValue(value, this.hidesValues())}`;
      this.problem('wrong-type', told, { wording: this.decoding('wrong-type', value, '[]') });
      return undefined;
    }
    let copy: JsonValue[] | null = null;
    for (const [at, item] of value.entries()) {
      this.path.push(at);
      if (item === null)
        this.problem('wrong-type', 'is an empty list item; write a value or remove the dash');
      const sound = this.read(of, item, field);
      // A place is kept for what does not fit, so that the indexes of what follows stay true.
      if (sound !== item) {
        copy ??= [...value];
        copy[at] = sound ?? emptyOf(of);
      }
      this.path.pop();
    }
    return copy ?? value;
  }

  private readMap(of: FieldShape, value: JsonValue): JsonValue | undefined {
    if (!isObject(value)) {
      this.problem(
        'wrong-type',
        `must be keys and values; it is ${describeValue(value, this.hidesValues())}`,
        { wording: this.decoding('wrong-type', value, 'map[string]') },
      );
      return undefined;
    }
    return this.members(value, (name, member) => {
      if (FORBIDDEN_KEYS.has(name)) this.problem('invalid-key', 'is a key that is not allowed');
      return FORBIDDEN_KEYS.has(name) ? undefined : this.read(of, member, undefined);
    });
  }

  private readType(typeName: string, value: JsonValue): JsonValue | undefined {
    const { schema, visitor } = this.reading;
    const type = schema.type(typeName);
    if (type === undefined) return value;
    if (type.fields === undefined) {
      const mismatch = expectSpecial(typeName, type.is ?? 'any', value);
      return this.checked(mismatch, value, undefined, shortName(typeName));
    }
    if (!isObject(value)) {
      const fields = Object.keys(type.fields).slice(0, 4).join(', ');
      this.problem(
        'wrong-type',
        `must hold fields (${fields}…); it is ${describeValue(value, this.hidesValues())}`,
        { wording: this.decoding('wrong-type', value, shortName(typeName)) },
      );
      return undefined;
    }
    const { fields, required } = compiledType(schema, typeName, type);
    this.owners.push({ typeName, depth: this.path.length });
    const sound = this.members(value, (name, member) => {
      const def = fields.get(name);
      if (def !== undefined) return this.read(fieldShape(def), member, { typeName, name, def });
      if (type.open === true && !FORBIDDEN_KEYS.has(name)) return member;
      this.unknownField(name, typeName, [...fields.keys()], value);
      return undefined;
    });
    if (!this.inStatus()) for (const name of required) this.require(typeName, name, sound, value);
    this.owners.pop();
    visitor.typed(typeName, sound);
    return sound;
  }

  /** The members of an object, each read by `readMember`; a copy only when one changed. */
  private members(
    value: JsonObject,
    readMember: (name: string, member: JsonValue) => JsonValue | undefined,
  ): JsonObject {
    let copy: Record<string, JsonValue | undefined> | null = null;
    for (const name of Object.keys(value)) {
      const member = value[name];
      if (member === undefined) continue;
      this.path.push(name);
      const sound = readMember(name, member);
      this.path.pop();
      if (sound === member) continue;
      copy ??= { ...value };
      if (sound === undefined) delete copy[name];
      else copy[name] = sound;
    }
    return copy ?? value;
  }

  /** A required member that is absent. One of the wrong type has been reported already. */
  private require(typeName: string, name: string, sound: JsonObject, written: JsonObject): void {
    const member = sound[name];
    const empty = member === '' || (isArray(member) && member.length === 0);
    if (member !== undefined && !(empty && !mayBeEmpty(typeName, name))) return;
    if (member === undefined && written[name] !== undefined && written[name] !== null) return;
    this.path.push(name);
    this.problem('missing-field', empty ? 'is required and may not be empty' : 'is required', {
      wording: missingWords(typeName, name),
    });
    this.path.pop();
  }

  private unknownField(name: string, typeName: string, known: readonly string[], beside: JsonObject): void {
    const shortType = typeName.slice(typeName.lastIndexOf('.') + 1);
    this.unknownFields += 1;
    // Nobody is shown more of them, and looking for where each belongs takes long.
    if (this.unknownFields > limits.objectFindingsMax) {
      this.problem('unknown-field', `is no field of ${shortType}`);
      return;
    }
    const around = this.path.slice(0, -1);
    const place =
      shortType === 'LabelSelector' && typeof beside[name] === 'string'
        ? fieldPathText([...around, 'matchLabels', name])
        : placeOfField(this.reading.schema, this.owners, around, name);
    if (place !== undefined) {
      const told = `is no field of ${shortType}; it belongs at ${place}`;
      this.problem('unknown-field', told, { suggestion: place });
      return;
    }
    const near = nearestName(
      name,
      known.filter((field) => beside[field] === undefined),
    );
    const hint = near === undefined ? '' : `; did you mean ${near}?`;
    this.problem('unknown-field', `is no field of ${shortType}${hint}`, suggested(near));
  }

  /** The status of an object is written by controllers; on the way in it is ignored. */
  private inStatus(): boolean {
    return this.path[0] === 'status';
  }

  private hidesValues(): boolean {
    return this.reading.secret && (this.path[0] === 'data' || this.path[0] === 'stringData');
  }

  /** What the API says of a body that its decoder cannot read. */
  private decoding(ruleId: RuleId, value: JsonValue, goType: string): Wording {
    const owner = shortName(this.owners.at(-1)?.typeName ?? '');
    const field = [owner, ...this.path.filter((part) => typeof part === 'string')].join('.');
    return undecodableValue({ ruleId, value: this.hidesValues() ? '' : value, field, goType });
  }

  private problem(ruleId: RuleId, message: string, more?: Said): void {
    this.reading.visitor.problem(ruleId, message, more);
  }
}

function suggested(suggestion: string | undefined): Said {
  return suggestion === undefined ? {} : { suggestion };
}

/** A field, and the type it is a field of. */
export type FieldPlace = { readonly typeName: string; readonly name: string; readonly def: FieldDef };

/** What stands where an item did not fit: the least that has the form. */
function emptyOf(shape: FieldShape): JsonValue {
  if (shape.form === 'scalar') return '';
  return shape.form === 'list' ? [] : {};
}
