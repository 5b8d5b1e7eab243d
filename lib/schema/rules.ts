/**
 * Every rule an object is checked by, with what it finds. The ids are stable: they stand in reports (SARIF), in suppressions
 * and in the README.
 */
export const rules = {
  // What an object is.
  'unknown-kind': 'The kind is not one that is known.',
  'unknown-api-version': 'The kind is known, but not in this apiVersion.',
  'deprecated-api-version': 'The apiVersion is no longer served; the object is converted.',
  'lost-in-conversion': 'A field of an old apiVersion has no counterpart and is left out.',
  'wrong-scope': 'A namespace is given to an object that has none.',
  // Its shape.
  'unknown-field': 'The field is not one of its type.',
  'wrong-type': 'The value is of another type than the field.',
  'missing-field': 'A required field is absent or empty.',
  'unknown-value': 'The value is outside the set the field takes.',
  'invalid-quantity': 'The text is not a quantity.',
  'invalid-time': 'The text is not an RFC 3339 time.',
  'invalid-base64': 'The text is not base64.',
  'schema-violation': 'The value is not one that the schema of its CustomResourceDefinition takes.',
  'too-deep': 'The object is nested too deeply.',
  'too-many-findings': 'More is wrong with the object than is reported.',
  // What it says.
  'invalid-name': 'The name has not the form that the kind asks for.',
  'invalid-label': 'A label key or value has not the form of one.',
  'invalid-annotation': 'An annotation key has not the form of one.',
  'too-large': 'The object or a part of it is larger than allowed.',
  'invalid-selector': 'The selector cannot be read, or selects nothing it should.',
  'selector-mismatch': 'The selector does not select the labels of its own template.',
  'duplicate-entry': 'Two entries of a list have the same key.',
  'conflicting-fields': 'Two fields that exclude each other are set.',
  'one-of': 'Exactly one of several fields must be set.',
  'out-of-range': 'A number is outside the range the field takes.',
  'invalid-port': 'A port number or name is not one.',
  'invalid-probe': 'A probe is set in a way that cannot work.',
  'invalid-restart-policy': 'The restart policy is not allowed for this kind.',
  'invalid-env': 'An environment variable is not well formed.',
  'invalid-key': 'A key has not the form of one.',
  'invalid-path': 'A path is not allowed where it stands.',
  'invalid-image': 'The image reference is not one.',
  'invalid-resource': 'A resource name or amount is not allowed.',
  'requests-over-limits': 'A container requests more than its limit.',
  'unknown-volume': 'A mount names a volume that the pod does not have.',
  'unknown-container': 'A field names a container that the pod does not have.',
  'invalid-service': 'The Service is set in a way that cannot work.',
  'invalid-address': 'An IP address or range is not one.',
  'invalid-schedule': 'The schedule is not a cron expression.',
  'invalid-time-zone': 'The time zone is not known.',
  'invalid-metric': 'A metric of an autoscaler is not well formed.',
  'invalid-strategy': 'The update strategy is set in a way that cannot work.',
  'invalid-reference': 'A reference to another object is not well formed.',
  'invalid-secret': 'A Secret lacks what its type asks for.',
  'invalid-definition': 'The CustomResourceDefinition is not one that can be served.',
  'not-enforced': 'What is written is kept, and has no effect.',
  // Against what is live, and against the machine.
  'immutable-field': 'The field cannot be changed once the object exists.',
  'needs-host-access': 'The pod reaches into the host, which pod security `baseline` refuses.',
} as const;

export type RuleId = keyof typeof rules;
